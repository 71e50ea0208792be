"""Export: the files of a finished network, and what reads them without Photic.

atomic.py       all of a file or folder, or nothing of it
strict_json.py  JSON that every reader accepts, floats exact
seal.py         run.json: the format and a fingerprint of every file
bundle.py       a finished network as files, and back
card.py         the run in one readable page
plain.py        predictions with NumPy alone: the witness
"""

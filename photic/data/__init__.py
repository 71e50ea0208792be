"""Data: from whatever the user has to immutable, typed, prepared and split rows. NumPy only, never JAX.

`read.py` gives a `Dataset` (`dataset.py`) with a `Task` (`task.py`); `columns.py` says what each column is, `files.py` opens
files, `roles.py` reads target, groups, time and weights, `schema.py` matches new rows to a saved network;
`split.py`, `prepare.py` and `audit.py` work on a `Dataset`; `sources.py` knows real sets by name, `toy.py` makes them up.
"""

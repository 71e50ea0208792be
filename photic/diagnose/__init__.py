"""Diagnosis: what is wrong with a training, the evidence, and the one change to try first. Chapter: "Diagnosis".

described.py  a training as somebody wrote it; parts.py, stages.py, given.py are its parts and its rows
carry_out.py  trains it as written, however wrong, and measures everything; with as_written.py, knobbed.py, started.py,
              laid_out.py, chance.py and honest.py
evidence.py   what was measured: the only thing rules look at; facts.py and doubt.py of its rows, left.py of a run
data.py, fit.py, misfit.py, activations.py, gradients.py, curves.py   the rules
measures.py, network.py   what several rules draw from the evidence
finding.py    what a rule says; advice.py the one change; changes.py the changes themselves
causes.py     which finding explains which others
diagnose.py   asks all rules, orders what they find, and proves an advice by a rerun
probes.py     short extra experiments where something is left open
sound.py, inject.py, breaking.py, spoiling.py   sound trainings, and every way to break them on purpose
"""

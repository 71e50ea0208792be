"""Data: from whatever the user has to immutable, typed, prepared and split rows. NumPy only, never JAX.

On the way in: `opening.py` turns a path, a set or a frame into a `Table` (`table.py`) with the help of `files.py`,
`delimited.py` and `frames.py`; `columns.py` and `spelling.py` say what each column is, `roles.py` reads target, groups,
time and weights, `read.py` makes a `Dataset` (`dataset.py`) with a `Task` (`task.py`) of it, `arrays.py` does so
for NumPy, `schema.py` for rows to predict, and `said.py` says what was handled. Real sets by name: `catalogue.py`
and `sources.py`; made-up ones: `toy.py`. Then `split.py`, `prepare.py` and `audit.py` work on a `Dataset`.
"""

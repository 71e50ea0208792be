"""Speed, measured side by side: for each kind of work Photic and its peers take turns in one run (docs/performance.md).

    python -m bench                 every row
    python -m bench steps-32 fresh  some rows
    python -m bench --json          one object on standard output

Nothing here is asserted in a test: a figure belongs to the machine that printed it.
"""

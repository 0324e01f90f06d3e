"""What `make bench` measures; the table it writes is RESULTS.md beside this file.

`rows.py` lists all rows and what they are held to, `measure.py` takes times turn by turn and counts
memory, `contestants.py` and `dense.py` hold the networks that ours is measured beside, `table.py` is
the table.  The `test_*.py` fill the rows: they fail when something crashes, never for being slow.

`recovery.py` is a command of its own, for `make recovery`: does the search find the formulas of `targets.py`
again?  `one_run.py` is one search and its verdict, `pool.py` gives each a process, `skeleton.py` says
whether two formulas have the same structure under noise.  RECOVERY.md and RECOVERY_OTHERS.md are its pages.
"""

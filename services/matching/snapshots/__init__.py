"""A matcher's state in a file, so that a start need not read all topics.

From the file up: `snapshot_file` (a checked file of named arrays), `arrays` (arrays by name, in and out of columns),
`engine_state` and `matcher_state` (what is in a snapshot), `fork` (written by a copy of the process), `schedule` (when
and where), and `matcher_snapshots` (what a start restores from).
"""

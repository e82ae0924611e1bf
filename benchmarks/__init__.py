"""What the engine is measured on and against: seeded data, questions, peers, and the harness that times them.

Not part of the shipped packages. `python -m benchmarks.engine` runs it all.
"""

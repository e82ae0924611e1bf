"""The matching engine by itself and against what could be used instead: `python -m benchmarks.engine`."""

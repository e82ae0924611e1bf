"""Openings through Kafka, a matcher that holds a large graph, and the inbox: `python -m benchmarks.stream`."""

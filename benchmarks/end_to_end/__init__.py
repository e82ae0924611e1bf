"""From an opening posted over HTTP to the member who is notified: `python -m benchmarks.end_to_end`."""

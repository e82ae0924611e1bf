"""The boundary to aiokafka: client settings, and all that relies on what aiokafka keeps to itself.

Each module says what it relies on. Before READ_IN is set to another version these are read again in its sources;
`tests/unit/messaging/test_kafka_boundary.py` says when that is due, and which of them moved.
"""

READ_IN = "0.14.0"
"""The version of aiokafka whose internals were read."""

PUBLIC = ("abc", "admin", "admin.config_resource", "errors", "helpers", "structs")
"""Modules of aiokafka that any of our modules may use, beside what `aiokafka` itself gives."""

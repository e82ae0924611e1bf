"""The fixtures every test may ask for."""

from shared.testing.fixtures import _catalogue, database, fresh_kafka, kafka, postgres, topics

__all__ = ["_catalogue", "database", "fresh_kafka", "kafka", "postgres", "topics"]

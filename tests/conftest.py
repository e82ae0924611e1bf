"""The fixtures every test may ask for."""

from hypothesis import settings

from shared.testing.fixtures import _catalogue, data_folder, database, fresh_kafka, kafka, postgres, topics

__all__ = ["_catalogue", "data_folder", "database", "fresh_kafka", "kafka", "postgres", "topics"]

# Nothing here asserts on speed, and a busy machine is no reason to fail.
settings.register_profile("warmpath", deadline=None)
settings.load_profile("warmpath")

"""What the services run on: local parts, Kafka, PostgreSQL, images."""

"""Between Kafka and the engine: records in, suggestions out, one thread that runs the engine."""

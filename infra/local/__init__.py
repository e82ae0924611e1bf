"""The stack without containers: PostgreSQL from a wheel, Apache Kafka on the JVM, one process per service."""

"""The stack without containers: PostgreSQL from a wheel, Apache Kafka on the JVM, each service a process."""

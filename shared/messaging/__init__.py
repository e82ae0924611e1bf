"""Everything between a service and Kafka: the topic catalogue, the outbox, the fenced publisher, the consumer."""

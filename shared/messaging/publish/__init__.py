"""How a service gives records out: the outbox, its relay, and the fenced producer."""

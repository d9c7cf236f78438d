"""What touches the world: Kafka and PostgreSQL."""

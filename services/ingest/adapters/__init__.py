"""What touches the world: PostgreSQL, Kafka, the drop folder."""

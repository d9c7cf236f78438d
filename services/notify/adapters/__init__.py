"""What touches the world: Kafka, PostgreSQL, the gateways."""

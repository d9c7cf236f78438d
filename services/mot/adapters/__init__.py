"""What touches the world: Faust's feed and Valkey's checkpoint."""

"""Kafka: produce, consume, bury."""

"""The ways by which a broker's day may reach a real ingest, and what came of it."""

"""What operators ask of ingest: ``guanchao keys``, ``guanchao audit``."""

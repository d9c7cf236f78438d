"""The schema ``ingest``, step by step."""

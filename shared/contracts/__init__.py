"""The public topics, one file each: frozen pydantic models, JSON Schemas and golden messages."""

"""Answers as OpenAPI describes them, where the body is not a model of its own."""

from typing import Any

Schema = dict[str, Any]

DETAIL: Schema = {"type": "object", "properties": {"detail": {"type": "string"}}}
"""What a refusal says."""


def described(description: str, schema: Schema) -> Schema:
    """Return the description of one answer in JSON."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}

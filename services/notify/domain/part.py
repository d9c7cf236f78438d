"""A part of a file that a person writes."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Frozen and closed: an unknown name in the file is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")

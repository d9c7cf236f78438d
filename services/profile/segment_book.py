"""内置客群 — ``segments.yaml``, and a condition in a file of its own, read and checked."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from services.profile.domain.conditions import Asked, Condition

SHIPPED = Path(__file__).with_name("segments.yaml")


class WrongCondition(ValueError):
    """A condition that cannot be taken; ``errors``: each fault with its place."""

    def __init__(self, *errors: str) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


class KeyGroup(BaseModel):
    """关键客群 — no ``condition``: no source tells who is in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    english: str
    condition: Condition | None = None


@cache
def key_groups() -> Mapping[str, KeyGroup]:
    """Return the built-in groups by their code."""
    told = yaml.load(SHIPPED.read_text(encoding="utf-8"), yaml.SafeLoader)
    return TypeAdapter(dict[str, KeyGroup]).validate_python(told)


def read_condition(file: Path) -> Condition:
    """Return the condition of a JSON file, as the preview takes it; raises ``WrongCondition``."""
    try:
        return Asked.model_validate_json(file.read_bytes()).condition
    except ValidationError as wrong:
        raise WrongCondition(
            *(f"{'.'.join(map(str, one['loc'])) or '.'}: {one['msg']}" for one in wrong.errors())
        ) from None

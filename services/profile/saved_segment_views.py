"""What is said and answered of segments that people keep."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from services.profile.domain.conditions import Asked, Condition
from services.profile.view import View
from shared.contracts.event import Code

MOST_CLIENTS = 1000


class Saved(BaseModel):
    """What is kept: a condition, judged anew at each reading, or a list of clients in reach."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=50, pattern=r"^[^\x00-\x1f]+$")
    shared: bool = False
    condition: Condition | None = None
    clients: tuple[Code, ...] = Field(default=(), max_length=MOST_CLIENTS)

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.condition is None) is not bool(self.clients):
            raise ValueError("condition 或 clients，只能一个 · either condition or clients")
        if self.condition is not None:
            Asked(condition=self.condition)
        return self


SAVED = TypeAdapter(Saved)
EXAMPLES = {
    "condition": {
        "name": "大额未交易",
        "shared": True,
        "condition": {"field": "idle_days", "operator": ">=", "value": 20},
    },
    "list": {"name": "本月拜访", "clients": ["C70000000"]},
}
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string", "minLength": 1, "maxLength": 50},
                        "shared": {"type": "boolean"},
                        "condition": {"type": "object"},
                        "clients": {"type": "array", "items": {"type": "string"}},
                    },
                },
                "examples": {name: {"value": value} for name, value in EXAMPLES.items()},
            }
        },
    }
}


class SavedView(View):
    """自己的客群 — ``listed``: how many clients are on the list, in reach or not; null: none.

    ``own``: the reader may change it.
    """

    segment: UUID
    name: str
    owner: str
    own: bool
    shared: bool
    condition: dict[str, Any] | None
    listed: int | None
    changed_at: datetime

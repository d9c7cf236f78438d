"""分页 — where a page ends, as text that the next request gives back: nothing twice or skipped."""

import base64
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.web.refusal import Refusal

MOST = 200
LONGEST = 600
Limit = Annotated[int, Field(ge=1, le=MOST, description="rows of a page")]
After = Annotated[str | None, Field(max_length=LONGEST, description="``next`` of the page before")]


class Page(BaseModel):
    """Which page of a list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Limit = 50
    after: After = None

    @property
    def asked(self) -> dict[str, Any]:
        """Return what is asked besides the page, by name."""
        return self.model_dump(exclude_none=True, exclude={"limit", "after"})


class Cursor:
    """The columns of the last row of a page; ``kinds`` are their types."""

    def __init__(self, **kinds: Any) -> None:
        self._names = tuple(kinds)
        every: Any = tuple.__class_getitem__(tuple(kinds.values()))
        self._adapter: TypeAdapter[Any] = TypeAdapter(every)

    def write(self, row: Mapping[str, Any]) -> str:
        """Return the place of a row."""
        place = tuple(row[name] for name in self._names)
        return base64.urlsafe_b64encode(self._adapter.dump_json(place)).decode()

    def read(self, after: str | None) -> dict[str, Any] | None:
        """Return the columns of the last row; raises 400."""
        if after is None:
            return None
        try:
            place = self._adapter.validate_json(base64.urlsafe_b64decode(after))
        except (ValidationError, ValueError):
            raise Refusal(400, "after: no such place") from None
        return dict(zip(self._names, place, strict=True))

    def next(self, rows: Sequence[Mapping[str, Any]], limit: int) -> str | None:
        """Return what leads to the page behind; None: this was the last one."""
        return self.write(rows[-1]) if len(rows) == limit else None

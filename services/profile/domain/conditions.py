"""条件 — a condition on an account as data: ``and``, ``or``, ``not``, or one test of a field.

What is not known meets no comparison, so ``not`` of it holds; ``known`` asks whether it is known.
"""

from collections.abc import Iterator
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from services.profile.domain.segment_fields import FIELDS, KINDS, MOST_WORDS

DEEPEST, MOST_TESTS, MOST_DAYS = 8, 50, 250
KNOWN, AMONG = "known", "in"
FORMS = ("and", "or", "not", "field")


class Condition(BaseModel):
    """Exactly one of ``and``, ``or``, ``not``, ``field``; a field with ``operator`` and ``value``.

    ``days``: over how many trading days, the running one included, where the field is of some.

    >>> Condition.model_validate({"field": "equity", "operator": ">=", "value": "500000"}).bound
    500000000
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    every: tuple["Condition", ...] | None = Field(default=None, alias="and", min_length=1)
    some: tuple["Condition", ...] | None = Field(default=None, alias="or", min_length=1)
    never: "Condition | None" = Field(default=None, alias="not")
    field: str | None = None
    operator: str | None = None
    value: Any = None
    days: int | None = Field(default=None, ge=1, le=MOST_DAYS, strict=True)

    @field_validator("field")
    @classmethod
    def _a_field(cls, name: str | None) -> str | None:
        if name not in FIELDS:
            raise ValueError(f"没有这个字段 · no such field; {', '.join(FIELDS)}")
        return name

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        forms = (self.every, self.some, self.never, self.field)
        if sum(form is not None for form in forms) != 1:
            raise ValueError(f"只能是其中一个 · exactly one of {', '.join(FORMS)}")
        if self.field is None:
            if not {"operator", "value", "days"}.isdisjoint(self.model_fields_set):
                raise ValueError("没有 field 就没有 operator value days · they go with a field")
            return self
        known = FIELDS[self.field]
        wanted = (*KINDS[known.kind].operators, KNOWN)
        if self.operator not in wanted:
            raise ValueError(f"operator: 要 · one of {' '.join(wanted)}")
        if known.windowed is (self.days is None):
            said = "要 days · needs days" if known.windowed else "没有 days · takes no days"
            raise ValueError(f"days: {self.field} {said}")
        _ = self.bound  # a wrong value is told at its place
        return self

    @property
    def bound(self) -> Any:
        """Return the test's value as it is compared: 厘, a number, a day or its name, words."""
        read = KINDS[FIELDS[self.field or ""].kind].read
        if self.operator == KNOWN:
            read = KINDS["flag"].read
        try:
            if self.operator != AMONG:
                return read(self.value)
            if not isinstance(self.value, list) or not 0 < len(self.value) <= MOST_WORDS:
                raise ValueError(f"要 1–{MOST_WORDS} 个的清单 · a list of 1–{MOST_WORDS}")
            return [read(one) for one in self.value]
        except ValueError as wrong:
            raise ValueError(f"value: {wrong}") from None

    @property
    def parts(self) -> tuple["Condition", ...]:
        """Return what it is made of; nothing: it is a test."""
        alone = (self.never,) if self.never else ()
        return self.every or self.some or alone

    def tests(self, depth: int = 1) -> Iterator[int]:
        """Yield the depth of each test."""
        if not self.parts:
            yield depth
        for part in self.parts:
            yield from part.tests(depth + 1)


class Asked(BaseModel):
    """A condition that is asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    condition: Condition

    @field_validator("condition")
    @classmethod
    def _bounded(cls, condition: Condition) -> Condition:
        depths = list(condition.tests())
        if max(depths) > DEEPEST or len(depths) > MOST_TESTS:
            raise ValueError(
                f"最多 {DEEPEST} 层 {MOST_TESTS} 个 · at most {DEEPEST} deep, {MOST_TESTS} tests"
            )
        return condition

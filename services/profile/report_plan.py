"""报表计划的数据 — ``report_plan.yaml``, or a whole file instead of it, becomes ``Plan``."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from services.profile.adapters.reports import FORMS
from services.profile.domain.period import Span

SHIPPED = Path(__file__).with_name("report_plan.yaml")
Level = Literal["company", "branch", "manager"]
Format = Literal["xlsx", "pdf"]


class WrongPlan(ValueError):
    """A file of reports that cannot be read; each fault with its place."""


class Planned(NamedTuple):
    """A report that is made for each unit of a level; ``kept_days`` after the period's end."""

    kind: str
    level: Level
    formats: Sequence[Format]
    kept_days: int


class Line(BaseModel):
    """One line of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kinds: Annotated[tuple[str, ...], Field(min_length=1)]
    of: Annotated[tuple[Span, ...], Field(min_length=1)]
    levels: Annotated[tuple[Level, ...], Field(min_length=1, alias="for")]
    formats: Annotated[tuple[Format, ...], Field(min_length=1)]
    kept_days: Annotated[int, Field(ge=1, le=36600)]


class Plan(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Annotated[int, Field(ge=1)]
    reports: tuple[Line, ...]

    @model_validator(mode="after")
    def _known_and_once(self) -> Self:
        named = [
            (k, of, level)
            for r in self.reports
            for k in r.kinds
            for of in r.of
            for level in r.levels
        ]
        for one in named:
            if one[0] not in FORMS:
                raise ValueError(f"no such report: {one[0]}")
            if named.count(one) > 1:
                raise ValueError(f"planned twice: {' '.join(one)}")
        return self

    def of(self, span: Span) -> Sequence[Planned]:
        """Return what is made of a day, a month or a year."""
        return [
            Planned(kind, level, line.formats, line.kept_days)
            for line in self.reports
            if span in line.of
            for kind in line.kinds
            for level in line.levels
        ]


@cache
def read_plan(path: Path | None = None) -> Plan:
    """Read the file, or the one that is shipped; raises ``WrongPlan``."""
    try:
        return Plan.model_validate(yaml.safe_load((path or SHIPPED).read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise WrongPlan(" ".join(str(error).split())) from None
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
        places = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in faults)
        raise WrongPlan("; ".join(places)) from None

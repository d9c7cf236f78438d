"""What is asked and answered about return visits."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.profile.list_views import OwnedView
from services.profile.pages import Page
from services.profile.view import View
from shared.contracts.event import Code

Year = Annotated[int, Field(ge=2000, le=2100)]
Rule = Literal["A001", "A002", "A003", "A004", "A005", "A006", "S001", "L001"]
Method = Literal["app", "sms", "outbound-call", "phone", "in-person"]
Result = Literal["succeeded", "failed", "other"]
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00]*$")
]


class Visits(Page):
    """Which tasks; ``overdue``: not visited with success, and the last day is over."""

    year: Year | None = None
    status: Literal["open", "succeeded", "failed", "other"] | None = None
    rule: Rule | None = None
    batch: Code | None = None
    client: Code | None = None
    manager: Code | None = None
    branch: Code | None = None
    assignee: Code | None = None
    assigned: bool | None = None
    overdue: bool | None = None


class Generation(BaseModel):
    """``day``: the closed trading day as of which is judged; ``seed``: of the sample.

    ``parameters``: what is changed in the rules for this batch alone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    day: date
    seed: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,40}$")] | None = None
    parameters: dict[str, Any] = {}

    @model_validator(mode="after")
    def _a_year_of_ours(self) -> Self:
        if not 2000 <= self.day.year <= 2100:  # noqa: PLR2004 as ``Year``
            raise ValueError("day: of the years 2000 to 2100")
        return self


class Visited(BaseModel):
    """回访记录 — ``record``: the same for a repeat. 失败 and 其他 say why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    record: UUID
    visited_at: AwareDatetime
    method: Method
    result: Result
    reason: Reason = ""

    @model_validator(mode="after")
    def _why(self) -> Self:
        if self.result != "succeeded" and not self.reason:
            raise ValueError("reason: failed and other say why")
        return self


class VisitRow(OwnedView):
    """回访任务 — one a client and year; ``reasons``: every rule that named the client."""

    visit: UUID
    year: int
    due_on: date
    status: str
    overdue: bool
    assignee: str | None
    reasons: list[str]


class RecordView(View):
    """A record as it was written; a correction is one more. ``answers``: of a questionnaire."""

    record: UUID
    place: int
    visited_at: datetime
    method: str
    result: str
    reason: str
    recorded_by: str
    recorded_at: datetime
    questionnaire: int | None
    answers: dict[str, str] | None


class GivenView(View):
    """指派 — to whom a task was given; null: back to whose client it is."""

    place: int
    assignee: str | None
    reason: str
    assigned_by: str
    assigned_at: datetime


class VisitView(VisitRow):
    """A task with everything that was recorded of it, and to whom it was given."""

    records: list[RecordView]
    assignments: list[GivenView]


class Assignment(BaseModel):
    """Who is to make which visits; null: whoever looks after the client."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    visits: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=200)]
    assignee: Code | None
    reason: Reason = ""


class AssignmentView(View):
    """How many tasks changed hands; ``unchanged``: that person had them."""

    assigned: int
    unchanged: int


class SummaryRow(View):
    """汇总的一格 — a branch, a person, a batch or a rule: ``unit``, empty for what has none."""

    unit: str
    visits: int
    succeeded: int
    failed: int
    other: int
    open: int
    overdue: int

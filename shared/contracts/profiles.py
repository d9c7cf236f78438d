"""What has become of a client. Topic ``profile.customer.v1``, owner profile.

Key: customer id; of a report the organisation unit, of visits whoever is given them. Told when a
whole trading day is computed, visits when they are given. Ids are derived: a night that is computed
again tells the same events, and a consumer drops a repeated ``id``.
"""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID, uuid5

from pydantic import AwareDatetime, Field, TypeAdapter

from shared.contracts.event import Code, Event, Model

NAMES = UUID("5f0c7c5e-6a5e-4d0e-9d53-1d5f2f4f9f10")


class Eligible(Model):
    """可开通 — an account meets, since this day, every condition of classes it has not opened.

    ``names`` are the classes' in the trade's words, in the order of ``permissions``.
    """

    broker: Code
    customer_id: Code
    account: Code
    permissions: tuple[Code, ...] = Field(min_length=1, description="classes of products")
    names: tuple[str, ...] = Field(min_length=1, description="原油期货和期权 …")
    trading_day: date = Field(description="the day whose settlement made it so")


class PermissionBecameEligible(Event):
    """可开通特殊品种."""

    type: Literal["permission.became-eligible"] = "permission.became-eligible"
    data: Eligible


class ReportFile(Model):
    """报表文件 — ``file``: what it is fetched by; ``size`` in bytes."""

    file: UUID
    format: Literal["xlsx", "pdf"]
    size: int = Field(gt=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Report(Model):
    """报表 — of a ``unit`` of the organisation, and a day, a month or a year as ``period``.

    ``trading_day``: the last of the period. ``complete``: every day of it was closed. A revision
    takes the place of those before it.
    """

    broker: Code
    unit: str = Field(pattern=r"^(company|(branch|manager):[A-Za-z0-9._-]{1,64})$")
    kind: str = Field(pattern=r"^[a-z-]{1,40}$")
    period: str = Field(pattern=r"^\d{4}(-\d{2}){0,2}$")
    trading_day: date
    revision: int = Field(ge=1)
    complete: bool
    files: tuple[ReportFile, ...] = Field(min_length=1)


class ReportReady(Event):
    """报表可取."""

    type: Literal["report.ready"] = "report.ready"
    data: Report


class GivenVisits(Model):
    """回访任务 — how many visits somebody was given at once, and by which day they are due.

    ``batch``: what generated them; None: a person gave them. Which clients: ``GET /v1/visits``.
    """

    broker: Code
    staff_id: Code
    visits: int = Field(ge=1)
    due_on: date
    batch: Code | None = None


class VisitAssigned(Event):
    """回访交给人: one event for a person and a batch, or for what was given at once."""

    type: Literal["visit.assigned"] = "visit.assigned"
    data: GivenVisits


ProfileEvent = Annotated[
    PermissionBecameEligible | ReportReady | VisitAssigned, Field(discriminator="type")
]
PROFILES: TypeAdapter[ProfileEvent] = TypeAdapter(ProfileEvent)


def became_eligible(told: Eligible, at: AwareDatetime) -> PermissionBecameEligible:
    """Return the event; it is the same one for an account, a day, and the same classes."""
    classes = ",".join(told.permissions)
    name = f"{told.broker}|{told.account}|{classes}|{told.trading_day}"
    return PermissionBecameEligible(
        id=str(uuid5(NAMES, name)),
        source="guanchao/profile",
        subject=told.customer_id,
        time=at,
        data=told,
    )


def report_ready(told: Report, at: AwareDatetime) -> ReportReady:
    """Return the event; it is the same one for a report and a revision of it."""
    name = f"report|{told.broker}|{told.kind}|{told.period}|{told.unit}|{told.revision}"
    return ReportReady(
        id=str(uuid5(NAMES, name)),
        source="guanchao/profile",
        subject=told.unit,
        time=at,
        data=told,
    )


def visit_assigned(told: GivenVisits, of: str, at: AwareDatetime) -> VisitAssigned:
    """Return the event; it is the same one for a person and ``of``, what gave them the visits."""
    return VisitAssigned(
        id=str(uuid5(NAMES, f"visits|{told.broker}|{told.staff_id}|{of}")),
        source="guanchao/profile",
        subject=told.staff_id,
        time=at,
        data=told,
    )

"""The broker's people. Topic ``org.staff.v1``, owner ingest, compacted. Key: staff id."""

from datetime import date
from typing import Literal

from pydantic import Field, TypeAdapter

from shared.contracts.event import Code, Event, Model


class Staff(Model):
    """员工 — contacts are sealed (encrypted); ``duty_hours`` as ``HH:MM-HH:MM``, empty: any time.

    ``role``: manager, team-lead, branch-head, risk, operator, auditor. ``successor_id``: who takes
    over the clients of a leaver. ``left_on``: the first day on which the person is gone.
    """

    broker: Code
    staff_id: Code
    display_name: str = Field(max_length=40, description="masked: 王*")
    role: Code
    branch_id: Code | None = None
    leader_id: Code | None = None
    wecom_userid: Code | None = None
    sealed_mobile: str | None = Field(default=None, max_length=400)
    sealed_email: str | None = Field(default=None, max_length=400)
    duty_hours: str | None = Field(default=None, pattern=r"^\d\d:\d\d-\d\d:\d\d$")
    successor_id: Code | None = None
    left_on: date | None = Field(default=None, description="离职日")
    tags: dict[str, str] = Field(default_factory=dict)


class StaffChanged(Event):
    """员工变更."""

    type: Literal["staff.changed"] = "staff.changed"
    data: Staff


STAFF: TypeAdapter[StaffChanged] = TypeAdapter(StaffChanged)

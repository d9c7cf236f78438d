"""员工 — the broker's people: role, branch, WeCom id, contacts. One row a person."""

import re
from dataclasses import dataclass
from datetime import date

from services.ingest.domain.registry_cells import day
from services.ingest.domain.rows import BadRow, code
from services.ingest.domain.source import Cells, Context, Tabular
from services.ingest.domain.tags import tags_of
from shared.contracts.topics import STAFF
from shared.kernel.masking import Personal, Phone, mask_name

REQUIRED = frozenset({"staff_id", "name", "role"})
CODES = ("branch_id", "leader_id", "wecom_userid", "successor_id")
OPTIONAL = frozenset({*CODES, "mobile", "email", "duty_hours", "left_on"})

_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,100}\.[^@\s.]{2,20}", re.ASCII)
_HOURS = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", re.ASCII)


class Email(Personal):
    """邮箱 — never printed in clear."""


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One person. ``codes``: branch, leader, WeCom id, successor, as far as given."""

    staff_id: str
    display_name: str
    role: str
    codes: dict[str, str]
    mobile: Phone | None
    email: Email | None
    duty_hours: str | None
    left_on: date | None
    tags: dict[str, str]


def read(cells: Cells, context: Context) -> StaffRow:
    """Return the person; a phone or mail that cannot be one is refused without quoting it."""
    if not cells.get("name"):
        raise BadRow("name", "missing")
    mobile, email = cells.get("mobile", ""), cells.get("email", "")
    if mobile and not _MOBILE.fullmatch(mobile):
        raise BadRow("mobile", "not a mobile number of 11 digits")
    if email and not _EMAIL.fullmatch(email):
        raise BadRow("email", "not a mail address")
    hours, left_on = cells.get("duty_hours", ""), cells.get("left_on", "")
    if hours and not _HOURS.fullmatch(hours):
        raise BadRow("duty_hours", "not HH:MM-HH:MM")
    return StaffRow(
        staff_id=code(cells.get("staff_id", ""), "staff_id"),
        display_name=mask_name(cells["name"]),
        role=code(cells.get("role", ""), "role"),
        codes={name: code(cells[name], name) for name in CODES if cells.get(name)},
        mobile=Phone(mobile) if mobile else None,
        email=Email(email) if email else None,
        duty_hours=hours or None,
        left_on=day(left_on, "left_on") if left_on else None,
        tags=tags_of(cells, REQUIRED | OPTIONAL),
    )


source = Tabular(
    name="staff",
    order=0,
    topic=STAFF,
    pattern=re.compile(r"staff.*\.(csv|xlsx)"),
    read=read,
    personal=True,
    required=REQUIRED,
)

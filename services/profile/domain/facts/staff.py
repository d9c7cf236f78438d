"""员工 — the broker's people and where they stand in the organisation."""

from collections.abc import Iterator

from services.profile.domain.fact import Facts, Place
from services.profile.domain.table import Row, Table, sequence_of
from shared.contracts.staff import StaffChanged

STAFF = Table(
    "staff",
    ("broker text", "staff_id text"),
    (
        "display_name text",
        "role text",
        "branch_id text",
        "leader_id text",
        "successor_id text",
        "left_on date",
        "tags jsonb",
    ),
)
UNUSED = {"wecom_userid", "sealed_mobile", "sealed_email", "duty_hours"}
"""How to reach them is notify's matter: what is not needed is not kept."""


def changed(event: StaffChanged, place: Place) -> Iterator[Row]:
    """Take the person's whole state."""
    yield STAFF.row(sequence=sequence_of(event.sequence), **event.data.model_dump(exclude=UNUSED))


FACTS = Facts((STAFF,), {"staff.changed": changed})

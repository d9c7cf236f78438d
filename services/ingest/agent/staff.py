"""员工文件 — each person whose record changed is told; contacts are sealed."""

from collections.abc import Sequence

from services.ingest.agent.edition import Findings, Taking, next_version, store
from services.ingest.domain.books import Books, Entry
from services.ingest.domain.fact import OWN_SOURCES, Fact, staff_fact
from services.ingest.domain.rows import Good
from services.ingest.domain.sources.staff import StaffRow
from shared.contracts.staff import Staff, StaffChanged

MOBILE, EMAIL = "staff.mobile", "staff.email"
"""The sealing contexts of the contacts."""


async def take(books: Books, taking: Taking, rows: Sequence[Good[StaffRow]]) -> Findings:
    """Tell whom the rows change; of several rows on one person the last holds."""
    newest = {good.row.staff_id: good.row for good in rows}
    entries = await books.directory.entries("staff", newest)
    written: dict[str, Entry] = {}
    facts: list[Fact] = []
    for staff_id, row in newest.items():
        entry = entries.get(staff_id)
        former = Staff.model_validate_json(entry.body) if entry else None
        staff = _staff(row, taking, former)
        if staff == former:
            continue
        version = next_version(entries, staff_id)
        written[staff_id] = Entry(version, staff.model_dump_json().encode())
        facts.append(_staff_changed(staff, version, taking))
    await books.directory.write("staff", written)
    return Findings(await store(books, facts), notes={"changed": len(facts)})


def _staff(row: StaffRow, taking: Taking, former: Staff | None) -> Staff:
    def seal(value: str | None, context: str, kept: str | None) -> str | None:
        if value is None or (kept and taking.sealer.open(kept, context) == value):
            return kept if value else None
        return taking.sealer.seal(value, context)

    mobile = row.mobile.reveal() if row.mobile else None
    email = row.email.reveal() if row.email else None
    return Staff.model_validate(
        {
            "broker": taking.broker,
            "staff_id": row.staff_id,
            "display_name": row.display_name,
            "role": row.role,
            "sealed_mobile": seal(mobile, MOBILE, former.sealed_mobile if former else None),
            "sealed_email": seal(email, EMAIL, former.sealed_email if former else None),
            "duty_hours": row.duty_hours,
            "tags": row.tags,
            **row.codes,
        }
    )


def _staff_changed(staff: Staff, version: int, taking: Taking) -> Fact:
    return staff_fact(
        StaffChanged(
            id=f"{staff.staff_id}/{version}",
            source=f"{OWN_SOURCES}staff",
            subject=staff.staff_id,
            time=taking.now,
            data=staff,
        )
    )

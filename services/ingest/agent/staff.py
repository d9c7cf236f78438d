"""员工文件 — each person whose record changed is told; contacts are sealed; leavers hand over."""

from collections.abc import Sequence

from services.ingest.agent.edition import Findings, Taking, next_version, store
from services.ingest.agent.handing import hand_over
from services.ingest.agent.sealing import sealed
from services.ingest.domain.books import Books, Entry
from services.ingest.domain.fact import OWN_SOURCES, Fact, staff_fact
from services.ingest.domain.rows import Good
from services.ingest.domain.sources.staff import StaffRow
from shared.contracts.staff import Staff, StaffChanged

MOBILE, EMAIL = "staff.mobile", "staff.email"
"""The sealing contexts of the contacts."""


async def take(books: Books, taking: Taking, rows: Sequence[Good[StaffRow]]) -> Findings:
    """Tell whom the rows change, then hand over the clients of those who have left.

    Of several rows on one person the last holds.
    """
    newest = {good.row.staff_id: good for good in rows}
    entries = await books.directory.entries("staff", newest)
    written: dict[str, Entry] = {}
    facts: list[Fact] = []
    lines: set[int] = set()
    for staff_id, good in newest.items():
        entry = entries.get(staff_id)
        former = Staff.model_validate_json(entry.body) if entry else None
        staff = _staff(good.row, taking, former)
        if staff == former:
            continue
        version = next_version(entries, staff_id)
        written[staff_id] = Entry(version, staff.model_dump_json().encode())
        facts.append(_staff_changed(staff, version, taking))
        lines.add(good.line)
    await books.directory.write("staff", written)
    stored = await store(books, facts)
    handed = await hand_over(books, taking)
    notes = {"changed": len(facts), **handed.notes}
    return Findings(stored + handed.stored, notes=notes, changed=lines)


def _staff(row: StaffRow, taking: Taking, former: Staff | None) -> Staff:
    mobile, email = (former.sealed_mobile, former.sealed_email) if former else (None, None)
    return Staff.model_validate(
        {
            "broker": taking.broker,
            "staff_id": row.staff_id,
            "display_name": row.display_name,
            "role": row.role,
            "sealed_mobile": sealed(taking.sealer, row.mobile, mobile, MOBILE),
            "sealed_email": sealed(taking.sealer, row.email, email, EMAIL),
            "duty_hours": row.duty_hours,
            "left_on": row.left_on,
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

"""Who is in a segment: a page of accounts in reach, whatever kind of segment it is."""

from datetime import date
from typing import Any

from services.profile.adapters import prices
from services.profile.adapters.clients import Row
from services.profile.adapters.records import Records
from services.profile.adapters.segments import compiled, members
from services.profile.asking import Question
from services.profile.desk import Desk
from services.profile.domain.conditions import Condition
from services.profile.list_views import Listed, OwnedView
from services.profile.pages import Cursor, Page
from services.profile.view import Yuan
from shared.contracts.event import Code
from shared.db.row_scope import Where
from shared.kernel.trading_day import CHINA, OutsideCoverage
from shared.web.access import Access
from shared.web.refusal import Refusal

PLACE = Cursor(account=Code, customer_id=Code)


class MemberRow(OwnedView):
    """An account in a segment."""

    equity: Yuan | None
    available: Yuan | None


async def running_day(records: Records, desk: Desk) -> date:
    """Return the trading day that runs, as of which a condition is judged."""
    return await prices.running_day(records) or desk.clock.now().astimezone(CHINA).date()


def meeting(desk: Desk, access: Access, condition: Condition, day: date) -> Where:
    """Return the accounts in reach that meet a condition; raises 400 before the calendar."""
    try:
        return compiled(condition, access.scope(), day, desk.calendar)
    except OutsideCoverage:
        raise Refusal(400, "days: 日历没有那么早 · before the calendar's first day") from None


async def page(records: Records, where: Where, asked: Page) -> list[Row]:
    """Return the rows of a page, by account."""
    return list(await members(records, where, PLACE.read(asked.after), asked.limit))


def listed(desk: Desk, access: Access, rows: list[Row], asked: Page) -> Listed[MemberRow]:
    """Return the page that is answered."""
    return Listed(rows=shown(desk, access, rows), next=PLACE.next(rows, asked.limit))


def shown(desk: Desk, access: Access, rows: Any) -> list[MemberRow]:
    """Return rows as this one may see them."""
    question = Question("segments", desk, access)
    found: list[Row] = [question.masked(row) for row in rows]
    return [MemberRow.model_validate(row) for row in found]

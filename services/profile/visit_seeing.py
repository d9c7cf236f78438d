"""看见回访 — who asks, what of a task this one sees, and which day it is."""

from datetime import date

from services.profile.adapters.clients import Row
from services.profile.adapters.prices import running_day
from services.profile.adapters.records import Records
from services.profile.asking import Question
from services.profile.desk import Desk
from shared.kernel.trading_day import CHINA
from shared.web.access import Access


def name_of(access: Access) -> str:
    """Return who asks, as a task is given to; a system has none, whatever its key is called."""
    return access.principal.name if access.principal.roles else ""


def seen_by(question: Question, row: Row) -> Row:
    """Return a row with the masked name, for who is given the task as well."""
    if row["assignee"] and row["assignee"] == name_of(question.access):
        return {**row, "name": row["display_name"]}
    return question.masked(row)


async def today(records: Records, desk: Desk) -> date:
    """Return the trading day that runs, as the stream says; before it said one, the date."""
    return await running_day(records) or desk.clock.now().astimezone(CHINA).date()

"""要一个批次 — what a request for a batch means, and why one cannot be."""

import hashlib
from datetime import datetime
from typing import Any

from services.profile.adapters.records import Records
from services.profile.adapters.visit_figures import period
from services.profile.visit_book import VisitBook, WrongVisitRules
from services.profile.visit_views import Generation
from shared.kernel.trading_day import Calendar, OutsideCoverage
from shared.web.refusal import Refusal

CLOSED = "SELECT count(*) AS n FROM day_closes WHERE broker = :broker AND trading_day = :day"


async def wanted(
    records: Records, asked: Generation, book: VisitBook, calendar: Calendar
) -> dict[str, Any]:
    """Return the batch that is asked for; raises ``Refusal``, with the place of what is wrong."""
    try:
        rules = book.changed(asked.parameters)
        period(rules, asked.day, calendar)
    except WrongVisitRules as wrong:
        raise Refusal(400, f"parameters: {wrong}"[:500]) from None
    except OutsideCoverage:
        raise Refusal(409, "day: outside the calendar") from None
    (closed,) = await records.rows(CLOSED, day=asked.day)
    if not closed["n"]:
        raise Refusal(409, "day: no trading day that was closed")
    seed = asked.seed or str(asked.day.year)
    return {
        "batch": batch_name(asked, seed, rules),
        "year": asked.day.year,
        "trading_day": asked.day,
        "seed": seed,
        "rules": rules.model_dump(mode="json"),
        "preview": False,
    }


def batch_name(asked: Generation, seed: str, rules: VisitBook) -> str:
    """Return a batch's number: derived from all that determines whom it names, but the facts."""
    drawn = hashlib.sha256(f"{asked.day}|{seed}|{rules.fingerprint}".encode()).hexdigest()
    return f"HF{asked.day:%Y%m%d}-{drawn[:12]}"


def as_preview(said: dict[str, Any]) -> dict[str, Any]:
    """Return the preview of a batch: a batch of its own, which lands nothing."""
    return {**said, "batch": f"{said['batch']}-preview", "preview": True}


def by(said: dict[str, Any], who: str, at: datetime) -> dict[str, Any]:
    """Return the batch with who asked for it, and when."""
    return {**said, "generated_by": who, "generated_at": at}

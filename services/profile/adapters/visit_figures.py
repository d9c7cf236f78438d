"""回访的数 — what the rules are judged by, one row a client with an account.

Only accounts that are not closed count. The loss is of the period's trading days, less fees.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.profile.adapters.clients import Row
from services.profile.adapters.results import CAME, MADE, MOVED
from services.profile.domain.visit_people import birthday_of, plausible, read_day
from services.profile.domain.visits import Figures
from services.profile.visit_book import VisitBook
from shared.contracts.customers import CONTEXTS
from shared.crypto import CannotOpen, FieldCipher
from shared.kernel.trading_day import Calendar

CHUNK = 5000  # clients in memory, and between two looks at how far it is
FIGURES = f"""
WITH open AS (
    SELECT r.customer_id, r.account, coalesce(g.opened_on, b.opened_on) AS opened_on
    FROM relations r
    LEFT JOIN registrations g ON g.broker = r.broker AND g.account = r.account
    LEFT JOIN baselines b ON b.broker = r.broker AND b.account = r.account
    WHERE r.broker = :broker AND (g.closed_on IS NULL OR g.closed_on > :day)
      AND NOT EXISTS (SELECT FROM erasures e WHERE e.broker = r.broker
                      AND e.customer_id = r.customer_id)
), moved AS (
{MOVED.format(days="BETWEEN :since AND :day")}
), days AS (
    SELECT o.customer_id, -sum({MADE}) AS loss, bool_and({MADE} IS NOT NULL) AS told,
           sum({CAME}) + sum(d.opening_equity) FILTER (WHERE d.first) AS base,
           bool_and(d.opening_equity IS NOT NULL) FILTER (WHERE d.first) AS based
    FROM open o
    JOIN (SELECT a.*, row_number() OVER (PARTITION BY account ORDER BY trading_day) = 1 AS first
          FROM account_days a
          WHERE a.broker = :broker AND a.trading_day BETWEEN :since AND :day) d
      ON d.account = o.account
    LEFT JOIN moved m ON m.account = d.account AND m.trading_day = d.trading_day
    GROUP BY o.customer_id
), held AS (
    SELECT o.customer_id,
           bool_or(p.option_kind IS NOT NULL AND :options
                   OR p.option_kind IS NULL AND p.exchange || '.'
                      || lower(substring(p.instrument FROM '^([A-Za-z]+)[0-9]'))
                      = ANY (CAST(:products AS text[]))) AS risky
    FROM open o JOIN positions p ON p.broker = :broker AND p.account = o.account AND p.lots > 0
    GROUP BY o.customer_id
), told AS (
    SELECT o.customer_id, max(o.opened_on) AS opened_on, bool_and(s.account IS NOT NULL) AS told
    FROM open o LEFT JOIN position_sets s ON s.broker = :broker AND s.account = o.account
    GROUP BY o.customer_id
)
SELECT c.customer_id, c.kind, c.sealed_birthday, c.sealed_id_card, c.occupation,
       c.income_source, c.tags, t.opened_on,
       CASE WHEN d.told THEN CAST(d.loss AS bigint) END AS loss,
       CASE WHEN d.based THEN CAST(d.base AS bigint) END AS base,
       CASE WHEN h.risky THEN true WHEN t.told THEN false END AS risky
FROM clients c JOIN told t USING (customer_id)
LEFT JOIN days d USING (customer_id) LEFT JOIN held h USING (customer_id)
WHERE c.broker = :broker ORDER BY c.customer_id
"""  # noqa: S608 our own words


async def figures(
    connection: AsyncConnection, broker: str, book: VisitBook, days: tuple[date, date]
) -> AsyncIterator[Sequence[Row]]:
    """Yield one row a client with an open account, some thousands at a time.

    ``days``: the first and the last trading day of the period of the loss.
    """
    products = [exchange + "." + code.lower() for exchange, code in _codes(book)]
    asked = {"broker": broker, "since": days[0], "day": days[1]}
    asked |= {"options": book.risky.options, "products": products}
    async with connection.stream(text(FIGURES), asked) as found:
        async for rows in found.mappings().partitions(CHUNK):
            yield [dict(row) for row in rows]


def period(book: VisitBook, day: date, calendar: Calendar) -> tuple[date, date]:
    """Return the first and the last trading day of the loss; raises ``OutsideCoverage``."""
    span = book.large_loss.days - 1
    return calendar.before(day, span) if span else day, day


def figures_of(row: Row, book: VisitBook, day: date, cipher: FieldCipher) -> Figures:
    """Return what the rules are judged by: the client's own fields, else its tags."""
    tags = row["tags"] or {}
    person = row["kind"] == "person"
    birthday = _born(row, tags, book, cipher) if person else None
    return Figures(
        customer_id=row["customer_id"],
        person=person,
        opened_on=row["opened_on"],
        loss=row["loss"],
        base=row["base"],
        birthday=plausible(birthday, day),
        income=row["income_source"] or _tag(tags, book.tags.income),
        occupation=row["occupation"] or _tag(tags, book.tags.occupation),
        risky=row["risky"],
    )


def _born(row: Row, tags: dict[str, Any], book: VisitBook, cipher: FieldCipher) -> date | None:
    """Return the day of birth: as told, else by a tag, else by the 证件号码."""
    tag = _tag(tags, book.tags.birthday)
    card = _opened(row, "sealed_id_card", cipher)
    return (
        read_day(_opened(row, "sealed_birthday", cipher))
        or read_day(tag or "")
        or birthday_of(card)
    )


def _opened(row: Row, field: str, cipher: FieldCipher) -> str:
    try:
        return cipher.open(row[field], CONTEXTS[field]) if row[field] else ""
    except CannotOpen:
        return ""


def _tag(tags: dict[str, Any], names: Sequence[str]) -> str | None:
    return next((str(tags[name]) for name in names if tags.get(name)), None)


def _codes(book: VisitBook) -> list[tuple[str, str]]:
    split = (one.partition(".") for one in book.risky.products)
    return [(exchange, code) for exchange, _, code in split]

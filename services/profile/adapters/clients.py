"""客户的行 — what the tables hold of one client, for the 360° view."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.profile.adapters.records import Records
from services.profile.adapters.scope import OPEN

Row = Mapping[str, Any]
Rows = Sequence[Row]

CLIENT = (
    "SELECT * FROM clients c WHERE broker = :broker AND customer_id = :client"  # noqa: S608 our own words
    f" AND (:sealed_too OR {OPEN.format(of='c')})"
)
OF_CLIENT = "SELECT * FROM {table} WHERE broker = :broker AND customer_id = :client ORDER BY {by}"
LATEST = (
    "SELECT latest.* FROM unnest(CAST(:accounts AS text[])) AS asked (account) CROSS JOIN LATERAL"
    " (SELECT * FROM {table} t WHERE t.broker = :broker AND t.account = asked.account"
    " ORDER BY t.{by} DESC LIMIT :most) latest ORDER BY latest.{by} DESC"
)
REPLIES = "SELECT * FROM replies WHERE alert_id = ANY (CAST(:alerts AS uuid[])) ORDER BY at"
ARRIVALS = (
    "SELECT t.*, r.arrived FROM tellings t LEFT JOIN receipts r USING (intent_id)"
    " WHERE t.alert_id = ANY (CAST(:alerts AS uuid[])) ORDER BY t.at"
)

PLAIN = (
    "registrations",
    "baselines",
    "live_funds",
    "agreements",
    "bank_accounts",
    "trading_codes",
    "permissions",
)
KNOWN = " UNION ALL ".join(
    f"SELECT '{table}' AS of, to_jsonb(t) AS said FROM {table} t WHERE t.broker = :broker"  # noqa: S608
    " AND t.account = ANY (CAST(:accounts AS text[]))"
    for table in PLAIN
)
IN_ORDER = f"{KNOWN} ORDER BY 1, 2"
"""The rows of some accounts in all of these at once: one round trip instead of one a table."""


@dataclass(frozen=True)
class Around:
    """Everything of some accounts of one client, table by table; alerts the newest first."""

    of: Mapping[str, Rows]
    tenures: Rows
    days: Rows
    indicators: Rows
    alerts: Rows
    tellings: Rows
    replies: Rows

    def rows(self, table: str, account: str) -> Rows:
        """Return an account's rows of a table."""
        return [row for row in self.of[table] if row["account"] == account]

    def row(self, table: str, account: str) -> Row:
        """Return an account's one row; empty when there is none."""
        return next(iter(self.rows(table, account)), {})


async def client(records: Records, name: str, sealed_too: bool = False) -> Row | None:
    """Return the client's own row; ``sealed_too``: though the client is blocked."""
    found = await records.rows(CLIENT, client=name, sealed_too=sealed_too)
    return found[0] if found else None


async def relations(records: Records, name: str) -> Rows:
    """Return whose each of the client's accounts is."""
    return await records.rows(OF_CLIENT.format(table="relations", by="account"), client=name)


async def around(
    records: Records, name: str, accounts: Sequence[str], days: int, alerts: int
) -> Around:
    """Return what is known of a client's accounts: the last days and alerts of each."""
    asked = {"accounts": list(accounts)}
    of: dict[str, list[Row]] = {table: [] for table in PLAIN}
    for row in await records.rows(IN_ORDER, **asked):
        of[row["of"]].append(row["said"])
    latest = await records.rows(
        LATEST.format(table="account_days", by="trading_day"), **asked, most=days
    )
    told = await records.rows(LATEST.format(table="alerts", by="happened_at"), **asked, most=alerts)
    told = told[:alerts]
    named = {"alerts": [row["alert_id"] for row in told]}
    return Around(
        of=of,
        tenures=await records.rows(
            OF_CLIENT.format(table="tenures", by="account, place"), client=name
        ),
        days=latest,
        indicators=await records.rows(
            LATEST.format(table="indicators", by="trading_day"), **asked, most=1
        ),
        alerts=told,
        tellings=await records.rows(ARRIVALS, **named) if told else (),
        replies=await records.rows(REPLIES, **named) if told else (),
    )

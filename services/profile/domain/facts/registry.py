"""账户档案 — opened and closed, suitability, agreements, banks, trading codes."""

from collections.abc import Iterator

from services.profile.domain.fact import ACCOUNT, DAY, Facts, Place
from services.profile.domain.table import Row, Table, sequence_of
from shared.contracts.registry import AccountOpened, BankSigned, TradingCodeGranted
from shared.contracts.trading import AccountBaselined, AgreementRecorded

HOW = {"source", "rehearsal", "backfill"}
"""How a fact reached us: it is told of no client."""

REGISTRATIONS = Table(
    "registrations",
    ACCOUNT,
    (
        DAY,
        "status text",
        "opened_on date",
        "closed_on date",
        "customer_type text",
        "dormant boolean",
        "tags jsonb",
    ),
)
BASELINES = Table(
    "baselines",
    ACCOUNT,
    (
        DAY,
        "opened_on date",
        "last_trade_on date",
        "last_position_on date",
        "risk_level text",
        "risk_level_until date",
        "certificate_until date",
    ),
)
AGREEMENTS = Table(
    "agreements",
    (*ACCOUNT, "kind text", "starts_on date"),
    (DAY, "ends_on date", "note text"),
)
BANKS = Table(
    "bank_accounts",
    (*ACCOUNT, "bank_id text", "currency text"),
    (DAY, "card text", "signed boolean"),
)
CODES = Table(
    "trading_codes",
    (*ACCOUNT, "exchange text", "trading_code text"),
    (DAY,),
)
_TABLES = {
    "account.opened": REGISTRATIONS,
    "account.baselined": BASELINES,
    "agreement.recorded": AGREEMENTS,
    "bank.signed": BANKS,
    "trading-code.granted": CODES,
}
Registered = AccountOpened | AccountBaselined | AgreementRecorded | BankSigned | TradingCodeGranted


def registered(event: Registered, place: Place) -> Iterator[Row]:
    """Take the latest record: its fields are the table's columns."""
    table, sequence = _TABLES[event.type], sequence_of(event.sequence)
    yield table.row(sequence=sequence, **event.data.model_dump(exclude=HOW))


FACTS = Facts(tuple(_TABLES.values()), dict.fromkeys(_TABLES, registered))

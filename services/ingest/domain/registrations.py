"""登记 — accounts, bank cards and trading codes of CFMMC files become canonical events."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from services.ingest.domain.fact import OWN_SOURCES, Fact, account_fact
from services.ingest.domain.normalise import statement_time
from services.ingest.domain.sources.cusaccount import BankRow
from services.ingest.domain.sources.cuscode import CodeRow
from services.ingest.domain.sources.customer import CustomerRow
from shared.contracts.registry import (
    AccountOpened,
    BankAccount,
    BankSigned,
    Registration,
    TradingCode,
    TradingCodeGranted,
)
from shared.contracts.trading import AccountFact, account_key
from shared.kernel.trading_day import TradingDay

Told = tuple[str, date | None, str, bool | None]


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of an account's last row, without anything of the person.

    ``fingerprint``: the row's keyed digest; ``customer_id``: whose the account was; ``told``: what
    ``account.opened`` said.
    """

    day: date
    fingerprint: str
    customer_id: str
    told: Told

    def encode(self) -> bytes:
        """Return what is kept."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, body: bytes) -> "Mark":
        """Return what was kept."""
        return msgspec.json.decode(body, type=cls)


@dataclass(frozen=True, slots=True)
class At:
    """Where and when a fact is told: the broker, the file's day, how often it changed."""

    broker: str
    day: TradingDay
    version: int = 1


def told_of(row: CustomerRow) -> Told:
    """Return what a row says of the account itself."""
    return (row.status, row.opened_on, row.customer_type, row.dormant)


def content(row: CustomerRow) -> str:
    """Return all that a row says, the person included: only for a keyed digest."""
    person = row.person
    personal = (person.name, person.phone, person.id_card, person.address)
    clear = [value.reveal() if value else "" for value in personal]
    return repr((row.account, *told_of(row), *clear))


def opened(row: CustomerRow, at: At) -> Fact:
    """开户、销户、休眠状态 — an account as the broker reports it."""
    data = Registration(
        **_about(row.account, at),
        status=row.status,
        opened_on=row.opened_on,
        customer_type=row.customer_type,
        dormant=row.dormant,
    )
    name = f"{row.account}/{at.version}"
    return account_fact(AccountOpened(data=data, **_envelope(data, "customer", name)))


def granted(row: CodeRow, at: At) -> Fact:
    """交易编码 — an account's code at an exchange; told once."""
    data = TradingCode(
        **_about(row.account, at), exchange=row.exchange, trading_code=row.trading_code
    )
    return account_fact(TradingCodeGranted(data=data, **_envelope(data, "cuscode", code_name(row))))


def code_name(row: CodeRow) -> str:
    """Return what names a trading code for ever."""
    return f"{row.account}/{row.exchange}/{row.trading_code}"


def signed(row: BankRow, name: str, at: At) -> Fact:
    """银期签约、解约 — a card of an account, its last four; ``name`` tells cards apart."""
    data = BankAccount(
        **_about(row.account, at),
        bank_id=row.bank_id,
        card=row.masked,
        currency=row.currency,
        signed=row.signed,
    )
    name = f"{name}/{at.version}"
    return account_fact(BankSigned(data=data, **_envelope(data, "cusaccount", name)))


def _about(account: str, at: At) -> dict[str, Any]:
    return {"broker": at.broker, "account": account, "trading_day": at.day, "source": "file"}


def _envelope(data: AccountFact, kind: str, name: str) -> dict[str, Any]:
    return {
        "id": name,
        "source": f"{OWN_SOURCES}{kind}",
        "subject": account_key(data.broker, data.account),
        "time": statement_time(data.trading_day),
    }

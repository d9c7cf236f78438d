"""What an account is: opened, closed, its bank, its trading codes. Topic ``futures.account.v1``.

The person behind it is on ``futures.customer.v1``, sealed.
"""

from datetime import date
from typing import Literal

from pydantic import Field

from shared.contracts.bodies import AccountFact
from shared.contracts.dealings import Exchange
from shared.contracts.event import Code, Event


class Registration(AccountFact):
    """开户 — an account as the broker reports it; the latest record of it holds."""

    status: Literal["open", "closed"]
    opened_on: date | None = None
    closed_on: date | None = None
    customer_type: str | None = Field(default=None, max_length=40, description="自然人 …")
    dormant: bool | None = Field(default=None, description="休眠")
    tags: dict[str, str] = Field(default_factory=dict)


class BankAccount(AccountFact):
    """结算账户 (签约) — ``card`` is masked: the last four digits."""

    bank_id: Code
    card: str = Field(pattern=r"^\*{4}[0-9A-Za-z]{0,4}$")
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$")
    signed: bool = Field(description="False: 解约")


class TradingCode(AccountFact):
    """交易编码."""

    exchange: Exchange
    trading_code: Code


class AccountOpened(Event):
    """开户、销户、休眠状态变更."""

    type: Literal["account.opened"] = "account.opened"
    data: Registration


class BankSigned(Event):
    """银期签约、解约."""

    type: Literal["bank.signed"] = "bank.signed"
    data: BankAccount


class TradingCodeGranted(Event):
    """交易编码."""

    type: Literal["trading-code.granted"] = "trading-code.granted"
    data: TradingCode


RegistryEvent = AccountOpened | BankSigned | TradingCodeGranted

"""What profile answers with. Money is in 元 as a string, exact to 厘; lots are 手."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict

from services.profile.indicator_views import IndicatorView
from services.profile.view import Ratio, View, Yuan
from shared.kernel.masking import Personal
from shared.web.reveal import Revealable


class FundsView(View):
    """资金 — of a moment: ``settled`` says that the day's settlement gave them."""

    trading_day: date
    at: datetime
    settled: bool
    equity: Yuan
    available: Yuan
    margin: Yuan | None
    exchange_margin: Yuan | None
    close_profit: Yuan | None
    position_profit: Yuan | None
    commission: Yuan | None
    deposit: Yuan | None
    withdrawal: Yuan | None


class DayView(View):
    """一天 — one account's settled trading day."""

    trading_day: date
    account: str
    opening_equity: Yuan | None
    equity: Yuan
    available: Yuan
    margin: Yuan | None
    close_profit: Yuan | None
    position_profit: Yuan | None
    commission: Yuan | None
    deposit: Yuan | None
    withdrawal: Yuan | None
    traded_lots: int | None
    position_lots: int | None


class TenureView(View):
    """任期 — a manager of an account; ``until`` null: the one of now."""

    manager_id: str
    since: date | None
    until: date | None


class AgreementView(View):
    """协议 — ``ends_on`` null: it has no end."""

    kind: str
    starts_on: date | None
    ends_on: date | None
    note: str


class BankView(View):
    """银期签约 — the card is masked."""

    bank_id: str
    card: str
    currency: str
    signed: bool


class CodeView(View):
    """交易编码."""

    exchange: str
    trading_code: str


class PermissionStatus(View):
    """特殊品种权限 — how the account stands to a class of products, since ``trading_day``."""

    product_class: str
    status: str
    trading_day: date


class Suitability(View):
    """适当性 — level and its end; the certificate's end."""

    risk_level: str | None = None
    risk_level_until: date | None = None
    certificate_until: date | None = None


class AccountView(View):
    """账户 — whose it is, was, and what is known of it. ``status`` null: no file has told it."""

    account: str
    manager_id: str | None
    branch_id: str | None
    introducing_broker: str | None
    since: date | None
    managers: list[TenureView]
    status: str | None
    opened_on: date | None
    closed_on: date | None
    dormant: bool | None
    last_trade_on: date | None
    last_position_on: date | None
    suitability: Suitability
    agreements: list[AgreementView]
    banks: list[BankView]
    trading_codes: list[CodeView]
    permissions: list[PermissionStatus]
    indicators: IndicatorView | None
    funds: FundsView | None


class TellingView(View):
    """告知 — who was told by what, and what became of it; ``arrived`` null: no receipt."""

    receiver: str
    channel: str
    step: int
    outcome: str
    arrived: bool | None
    at: datetime


class ReplyView(View):
    """答复 — who answered, and how."""

    by_staff: str
    kind: str
    via: str
    until: datetime | None
    to_staff: str | None
    at: datetime


class AlertView(View):
    """服务记录 — an alert of the client, who was told, who answered."""

    alert_id: UUID
    account: str
    trading_day: date
    happened_at: datetime
    rule: str
    message_type: str
    module: str
    urgency: str
    state: str
    summary: str
    action: str
    provisional: bool
    told: list[TellingView]
    replies: list[ReplyView]


class Assets(View):
    """资产 — the sum over the accounts in reach.

    ``risk_degree``: margin ÷ equity to four places; null where the equity is not above zero, or no
    margin is known.
    """

    equity: Yuan
    available: Yuan
    margin: Yuan | None
    risk_degree: Ratio | None
    accounts: int


class ClientView(View):
    """360° — everything known of a client, as far as the one who asks reaches."""

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

    customer_id: str
    customer_no: str | None
    customer_type: str
    kind: str
    name: Annotated[Personal | None, Revealable("customer.name")]
    phone: Annotated[Personal | None, Revealable("customer.phone")]
    id_card: Annotated[Personal | None, Revealable("customer.id-card")]
    address: Annotated[Personal | None, Revealable("customer.address")]
    tags: dict[str, str]
    assets: Assets
    accounts: list[AccountView]
    days: list[DayView]
    services: list[AlertView]

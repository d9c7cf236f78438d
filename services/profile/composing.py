"""组成 — rows become the 360° view. Pure."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from services.profile.adapters.clients import Around, Row, Rows
from services.profile.views import AccountView, AlertView, Assets, ClientView
from shared.contracts.customers import CONTEXTS
from shared.crypto import CannotOpen, FieldCipher
from shared.kernel.masking import Address, ClientName, IdNumber, Personal, Phone
from shared.observability.logging import logger

PERSONAL: Mapping[str, tuple[str, Callable[[str], Personal]]] = {
    "name": ("sealed_name", ClientName),
    "phone": ("sealed_phone", Phone),
    "id_card": ("sealed_id_card", IdNumber),
    "address": ("sealed_address", Address),
}
RATIO = Decimal("0.0001")


def composed(client: Row, relations: Rows, around: Around, cipher: FieldCipher) -> ClientView:
    """Return the view of a client through the accounts in reach."""
    accounts = [_account(relation, around) for relation in relations]
    personal = {
        name: opened(client[kept], CONTEXTS[kept], mask, cipher)
        for name, (kept, mask) in PERSONAL.items()
    }
    return ClientView.model_validate(
        {
            **client,
            **personal,
            "assets": assets(around.of["live_funds"]),
            "accounts": accounts,
            "days": around.days,
            "services": [_alert(row, around) for row in around.alerts],
        }
    )


def opened(
    value: str | None, context: str, mask: Callable[[str], Personal], cipher: FieldCipher
) -> Personal | None:
    """Return a personal field, which prints as its mask; None: there is none, or no key for it."""
    try:
        return mask(cipher.open(value, context)) if value else None
    except CannotOpen:
        logger().warning("a sealed field cannot be opened", field=context)
        return None


def assets(funds: Sequence[Row]) -> Assets:
    """Return the sum of accounts' funds; what is known of none stays unknown."""
    equity, available = (sum(row[figure] for row in funds) for figure in ("equity", "available"))
    known = [row["margin"] for row in funds if row["margin"] is not None]
    margin = sum(known) if known else None
    degree = None
    if margin is not None and equity > 0:
        degree = (Decimal(margin) / equity).quantize(RATIO)
    return Assets(
        equity=equity, available=available, margin=margin, risk_degree=degree, accounts=len(funds)
    )


def _account(relation: Row, around: Around) -> AccountView:
    account = relation["account"]
    registered = around.row("registrations", account)
    before = around.row("baselines", account)
    names = ("status", "closed_on", "dormant")
    return AccountView.model_validate(
        {
            **relation,
            **{name: registered.get(name) for name in names},
            "opened_on": registered.get("opened_on") or before.get("opened_on"),
            "last_trade_on": before.get("last_trade_on"),
            "last_position_on": before.get("last_position_on"),
            "suitability": dict(before),
            "managers": [row for row in around.tenures if row["account"] == account],
            "agreements": around.rows("agreements", account),
            "banks": around.rows("bank_accounts", account),
            "trading_codes": around.rows("trading_codes", account),
            "permissions": [row for row in around.rows("permissions", account) if not row["until"]],
            "funds": around.row("live_funds", account) or None,
            "indicators": next((r for r in around.indicators if r["account"] == account), None),
        }
    )


def _alert(row: Row, around: Around) -> AlertView:
    alert = row["alert_id"]
    told, replies = (
        [one for one in rows if one["alert_id"] == alert]
        for rows in (around.tellings, around.replies)
    )
    return AlertView.model_validate({**row, "told": told, "replies": replies})

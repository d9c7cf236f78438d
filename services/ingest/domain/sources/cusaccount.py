"""客户结算账户 — CFMMC ``cusaccount``: the bank cards an account's money may move through.

The card is masked the moment it has been recognised; nothing beyond ingest ever holds it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from services.ingest.domain.columns import shipped
from services.ingest.domain.positional import Positional
from services.ingest.domain.registry_cells import currency, flag, of_the_files_day
from services.ingest.domain.rows import BadRow, code
from services.ingest.domain.source import Cells, Context
from shared.contracts.topics import ACCOUNT
from shared.kernel.masking import BankCard

SIGNED: Mapping[str, bool] = {
    "A": True,
    "U": True,
    "新增": True,
    "更新": True,
    "修改": True,
    "D": False,
    "删除": False,
    "注销": False,
}
_CARD = re.compile(r"[0-9A-Za-z]{8,40}", re.ASCII)


@dataclass(frozen=True, slots=True)
class BankRow:
    """One card of an account. ``signed``: False when the file takes it out."""

    account: str
    bank_id: str
    card: BankCard
    currency: str
    signed: bool

    @property
    def masked(self) -> str:
        """The card's last four characters behind four asterisks."""
        return f"****{self.card.reveal()[-4:]}"


def read(cells: Cells, context: Context) -> BankRow:
    """Return the card; a reason never quotes it."""
    of_the_files_day(cells, context)
    card = re.sub(r"[\s-]", "", cells["bank_card_id"])
    if not _CARD.fullmatch(card):
        raise BadRow("bank_card_id", "not a card number of 8 to 40 letters and digits")
    return BankRow(
        account=code(cells["account_id"], "account_id"),
        bank_id=code(cells["bank_id"], "bank_id"),
        card=BankCard(card),
        currency=currency(cells.get("currency", ""), "currency"),
        signed=flag(SIGNED, cells["add_update_flag"], "add_update_flag"),
    )


source = Positional(
    name="cusaccount",
    order=1,
    topic=ACCOUNT,
    pattern=re.compile(r"\d*cusaccount(?P<day>\d{8})\.txt", re.IGNORECASE),
    read=read,
    dated=True,
    personal=True,
    columns=shipped()["cusaccount"],
    may_be_empty=True,
)

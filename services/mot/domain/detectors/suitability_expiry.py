"""适当性到期 — the client's risk assessment (C1–C5) ends soon: without it some products close."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from services.mot.domain.account import Account
from services.mot.domain.events import AccountBaselined, AccountSettled, Baseline, DayClosed
from services.mot.domain.evolve import SUITABILITY
from services.mot.domain.expiry import Expiry


class SuitabilityExpiry(Expiry):
    """Told ``raise_before`` trading days before the assessment's last day."""

    what: ClassVar = "风险测评"
    message_type: ClassVar = "适当性到期"
    action: ClassVar = "请提示客户重新完成风险测评。"
    listens_to: ClassVar = (AccountSettled, DayClosed, AccountBaselined)

    @staticmethod
    def ends(account: Account) -> Mapping[str, date]:
        """Return the day, as its own episode."""
        return _named(account.ends.get(SUITABILITY))

    @staticmethod
    def brought(data: Baseline) -> Mapping[str, date]:
        """Return the day that a baseline tells."""
        return _named(data.risk_level_until)


def _named(end: date | None) -> Mapping[str, date]:
    return {} if end is None else {end.isoformat(): end}

"""证件到期 — the client's identity document ends soon: after it the account is restricted."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from services.mot.domain.account import Account
from services.mot.domain.events import AccountBaselined, AccountSettled, Baseline, DayClosed
from services.mot.domain.evolve import CERTIFICATE
from services.mot.domain.expiry import Expiry


class CertificateExpiry(Expiry):
    """Told ``raise_before`` trading days before the document's last day."""

    what: ClassVar = "身份证件"
    message_type: ClassVar = "证件到期"
    action: ClassVar = "请提示客户更新证件信息。"
    listens_to: ClassVar = (AccountSettled, DayClosed, AccountBaselined)

    @staticmethod
    def ends(account: Account) -> Mapping[str, date]:
        """Return the day, as its own episode."""
        return _named(account.ends.get(CERTIFICATE))

    @staticmethod
    def brought(data: Baseline) -> Mapping[str, date]:
        """Return the day that a baseline tells."""
        return _named(data.certificate_until)


def _named(end: date | None) -> Mapping[str, date]:
    return {} if end is None else {end.isoformat(): end}

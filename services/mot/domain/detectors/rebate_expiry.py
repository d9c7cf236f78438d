"""返还公式到期 — an agreement on returned fees or interest (交返, 利返) ends soon."""

import re
from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from services.mot.domain.events import AccountSettled, AgreementRecorded, DayClosed
from services.mot.domain.evolve import REBATE
from services.mot.domain.expiry import Expiry

_OWN = f"{REBATE}|"
_DAYS = re.compile(r"-(\d{4}-\d\d-\d\d|-)-\d{4}-\d\d-\d\d$")


class RebateExpiry(Expiry):
    """Told ``raise_before`` trading days before the agreement's last day."""

    what: ClassVar = "返还公式"
    message_type: ClassVar = "返还公式到期"
    action: ClassVar = "请与客户沟通续签或调整返还公式。"
    listens_to: ClassVar = (AccountSettled, DayClosed, AgreementRecorded)

    def named(self, episode: str) -> str:
        """Say which formula: 交返, 利返 …; the days behind it are the episode's."""
        return f"{self.what}（{_DAYS.sub('', episode)}）"

    def own(self, ends: Mapping[str, date]) -> Mapping[str, date]:
        """Return ``kind-start-end`` → the agreement's last day."""
        found = ((name, end) for name, end in ends.items() if name.startswith(_OWN))
        return {f"{name.removeprefix(_OWN)}-{end}": end for name, end in found}

"""适当性到期 — the client's risk assessment (C1–C5) ends soon: without it some products close."""

from typing import ClassVar

from services.mot.domain.evolve import SUITABILITY
from services.mot.domain.expiry import BaselineExpiry


class SuitabilityExpiry(BaselineExpiry):
    """Told ``raise_before`` trading days before the assessment's last day."""

    end: ClassVar = SUITABILITY
    what: ClassVar = "风险测评"
    message_type: ClassVar = "适当性到期"
    action: ClassVar = "请提示客户重新完成风险测评。"

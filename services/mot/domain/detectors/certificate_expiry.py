"""证件到期 — the client's identity document ends soon: after it the account is restricted."""

from typing import ClassVar

from services.mot.domain.evolve import CERTIFICATE
from services.mot.domain.expiry import BaselineExpiry


class CertificateExpiry(BaselineExpiry):
    """Told ``raise_before`` trading days before the document's last day."""

    end: ClassVar = CERTIFICATE
    what: ClassVar = "身份证件"
    message_type: ClassVar = "证件到期"
    action: ClassVar = "请提示客户更新证件信息。"

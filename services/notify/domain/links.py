"""签名链接 — who may open an alert's page: a signature instead of a log-in, one per receiver."""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

from pydantic import SecretStr

from services.notify.domain.channel import Links

VIEW, TODO, ANSWER, DIGEST = "view", "todo", "answer", "digest"


@dataclass(frozen=True)
class Signer:
    """Makes and checks the links; ``base`` is the page's public address."""

    base: str
    key: SecretStr = field(repr=False)

    def sign(self, alert_id: str, staff_id: str, purpose: str) -> str:
        """Return the signature that opens this alert to this person for this purpose."""
        text = f"{purpose}|{alert_id}|{staff_id}".encode()
        return hmac.new(self.key.get_secret_value().encode(), text, sha256).hexdigest()

    def holds(self, alert_id: str, staff_id: str, purpose: str, signature: str) -> bool:
        """Say whether a signature is ours, in constant time."""
        expected = self.sign(alert_id, staff_id, purpose)
        return hmac.compare_digest(expected.encode(), signature.encode())

    def links(self, alert_id: str, staff_id: str) -> Links:
        """Return the card's three addresses: one page, opened at three places."""
        signature = self.sign(alert_id, staff_id, VIEW)
        page = f"{self.base.rstrip('/')}/alerts/{alert_id}?to={staff_id}&sig={signature}"
        return Links(view=page, todo=f"{page}#todo", call=f"{page}#call")

    def digest(self, digest_id: str, staff_id: str) -> Links:
        """Return the address of a digest's page; there is nobody to call."""
        signature = self.sign(digest_id, staff_id, DIGEST)
        page = f"{self.base.rstrip('/')}/digests/{digest_id}?to={staff_id}&sig={signature}"
        return Links(view=page, todo=page, call=page)

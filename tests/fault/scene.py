"""How notify's own rows differ, and the clients whose managers are told in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.kernel.ids import short_code
from tests.fault.told import Message
from tests.kit.alerts import raised


@dataclass(frozen=True)
class Scene:
    """How a row differs. ``simulated``: business time is what the row says.

    ``proxied``: notify reaches PostgreSQL through ``Telling.proxy``. ``extra``: further variables
    of the programs. ``policy``: what differs in it.
    """

    simulated: bool = False
    proxied: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)


USUAL = Scene()


@dataclass(frozen=True)
class Client:
    """One account, its manager and the manager's number, and how urgent its alert is."""

    number: int
    urgency: str = "high"

    @property
    def manager(self) -> str:
        return f"m{self.number}"

    @property
    def mobile(self) -> str:
        return f"138{self.number:08d}"

    @property
    def account(self) -> str:
        return f"{60_000_000 + self.number}"

    @property
    def code(self) -> str:
        return short_code(raised(account=self.account).data.alert_id)

    def messages(self, revision: int = 1) -> set[Message]:
        """Return what must arrive of a revision."""
        told = (self.code, revision)
        return {(*told, "wecom", self.manager), (*told, "sms", self.mobile)}

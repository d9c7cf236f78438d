"""摘要 — what exceeds a receiver's budget becomes one message that names all of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID, uuid5

from services.notify.domain.channel import Links, Notification
from services.notify.domain.grouping import SAME_CLIENT
from services.notify.domain.receiver import Receiver
from services.notify.domain.wording import MARKS, whose
from shared.contracts.alerts import AlertEvent
from shared.kernel.ids import short_code

DIGESTS = UUID("6d6f7400-0000-5000-8000-646967657374")
LANE = "@"
"""What the lane of a digest begins with; no account's number does."""


class Group(NamedTuple):
    """Whose messages are merged, and by which channel they go; ``account``: only those of it."""

    broker: str
    channel: str
    receiver: str
    account: str | None = None


@dataclass(frozen=True)
class Item:
    """One intent that is merged, with its revision and the client as a message may name them."""

    intent_id: UUID
    event: AlertEvent
    client: str | None


@dataclass(frozen=True)
class Digest:
    """One message in the place of many; an intent as any other once it is written."""

    intent_id: UUID
    group: Group
    items: Sequence[Item]
    body: str = field(repr=False)
    sms_parts: int | None = None

    @property
    def reason(self) -> str:
        """Why these are one message."""
        return SAME_CLIENT if self.group.account else "budget"

    @property
    def lane(self) -> str:
        """The account's own, else one digest of a receiver at a time, beside the accounts'."""
        return self.group.account or f"{LANE}{self.group.receiver}"


def digest_id(items: Sequence[Item]) -> UUID:
    """Return the identity of the digest of exactly these."""
    return uuid5(DIGESTS, "|".join(sorted(item.intent_id.hex for item in items)))


def summarise(which: UUID, items: Sequence[Item], receiver: Receiver, links: Links) -> Notification:
    """Return the notification: how many of what; the page behind its link names each one."""
    kinds = Counter(item.event.data.message_type for item in items)
    accounts = {item.event.data.account for item in items}
    who, account = f"{len(accounts)}个账户", ""
    told = "，".join(line(item) for item in items)
    if len(accounts) == 1:
        who, account = whose(items[0].event.data, items[0].client)
        told = "；".join(f"{_kind(item)}：{item.event.data.summary}" for item in items)
    return Notification(
        intent_id=which,
        receiver=receiver,
        source="观潮 · 摘要",
        title=f"{len(items)}条提醒",
        mark="（摘要）",
        client=who,
        account=account,
        facts=tuple((kind, f"{count}条") for kind, count in kinds.most_common()),
        summary=told,
        action="请打开逐条查看。",
        code=short_code(which),
        links=links,
    )


def line(item: Item) -> str:
    """Return one item in a few words."""
    alert = item.event.data
    who, account = whose(alert, item.client)
    place = f"{who}尾号{account.lstrip('*')}" if account else who
    return f"{_kind(item)} {place}"


def _kind(item: Item) -> str:
    return f"{item.event.data.message_type}{MARKS[item.event.type]}"

"""标准答案 — the messages that a play must bring to people's phones, in their order."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from deploy.synthetic.cast import Actor, Cast
from deploy.synthetic.people import RISK_DESK
from deploy.synthetic.script import Telling
from deploy.synthetic.stream import identity
from shared.kernel.masking import mask_account


@dataclass(frozen=True)
class Golden:
    """One message: where it must arrive and what must stand in it.

    ``says`` must all stand in the text, ``hides`` must not; ``revision`` is the one in its code.
    ``order`` counts the messages of the account: those of one kind arrive in it, others may be held
    back by the clock. ``trigger`` is the identity of the event that it follows from at once; None:
    a file or a wait lies between.
    """

    episode: str
    account: str
    channel: str
    to: str
    title: str
    says: tuple[str, ...]
    hides: tuple[str, ...]
    revision: int
    order: int
    trigger: str | None

    @property
    def kind(self) -> str:
        """The title without its mark."""
        return self.title.partition("（")[0]

    def __str__(self) -> str:
        return (
            f"{self.channel} → {self.to} · {self.title} · 账户{self.account} · "
            f"{'，'.join(self.says[1:])} · -{self.revision}（{self.episode}）"
        )


def golden(cast: Cast) -> tuple[Golden, ...]:
    """Return all messages that the episodes of a cast ask for."""
    return tuple(message for actor in cast.actors for message in _messages(cast, actor))


def _messages(cast: Cast, actor: Actor) -> Iterator[Golden]:
    revisions: Counter[tuple[str, str]] = Counter()
    receiver = actor.manager if actor.episode.known and actor.has_account else RISK_DESK
    for order, telling in enumerate(actor.episode.told):
        alert = telling.kind, telling.alert
        revisions[alert] += 1
        if telling.silent:
            continue
        trigger = identity(cast, actor, telling.at) if telling.at else None
        for channel, to in (("wecom", receiver.wecom_userid), ("sms", receiver.mobile)):
            if channel == "wecom" or telling.loud:
                yield Golden(
                    episode=actor.episode.name,
                    account=mask_account(actor.account),
                    channel=channel,
                    to=to,
                    title=telling.title,
                    says=(_client(actor, channel), *_says(telling, channel)),
                    hides=(actor.account, actor.name) if actor.has_account else (),
                    revision=revisions[alert],
                    order=order,
                    trigger=trigger,
                )


def _client(actor: Actor, channel: str) -> str:
    if not actor.has_account:
        return "全部客户" if channel == "wecom" else ""
    who = f"{actor.name[0]}**" if actor.episode.known else "未知客户"
    masked = mask_account(actor.account)
    return f"{who} · 账户{masked}" if channel == "wecom" else f"{who}尾号{masked.lstrip('*')}"


def _says(telling: Telling, channel: str) -> tuple[str, ...]:
    if channel == "sms":
        return (telling.sms or telling.summary,)
    return telling.summary, *telling.facts

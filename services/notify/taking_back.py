"""收回 — the intents that take back what was told, when an alert is withdrawn or corrected."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.notify.domain.channel import Channel
from services.notify.domain.decision import Settled
from services.notify.domain.ledger import Book, Claimed, Intent, intent_id
from services.notify.domain.receiver import Directory
from services.notify.domain.undo import replaced, undoings
from shared.contracts.alerts import AlertAmended, AlertWithdrawn


async def take_back(
    book: Book,
    decided: Sequence[Settled],
    channels: Mapping[str, Channel],
    directory: Directory,
    now: datetime,
) -> None:
    """Write them for each withdrawal or correction that was decided and does not wait."""
    for settled in decided:
        if isinstance(settled.event, AlertWithdrawn | AlertAmended) and settled.deferred is None:
            shown = await book.shown(settled.event.data.alert_id)
            found = undoings(shown, channels, directory.staff, settled.event, now)
            for one, to, body in found:
                await book.note(Settled(one.event, (to,)), now)
                await book.intend([Intent(intent_id(one.event, to), one.event, to, body)])


async def take_down(
    book: Book, accepted: Sequence[Claimed], channels: Mapping[str, Channel], now: datetime
) -> None:
    """Write what takes down the messages that accepted corrections stand in for."""
    for one, to, body in replaced(await book.outdated(accepted), channels, now):
        await book.note(Settled(one.event, (to,)), now)
        await book.intend([Intent(intent_id(one.event, to), one.event, to, body)])

"""收回 — the intents that take back what was told, when an alert is withdrawn."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.notify.domain.channel import Channel
from services.notify.domain.decision import Settled
from services.notify.domain.ledger import Book, Intent, intent_id
from services.notify.domain.receiver import Directory
from services.notify.domain.undo import undoings
from shared.contracts.alerts import AlertWithdrawn


async def take_back(
    book: Book,
    decided: Sequence[Settled],
    channels: Mapping[str, Channel],
    directory: Directory,
    now: datetime,
) -> None:
    """Write them, if there is a withdrawal among what was decided and it does not wait."""
    for settled in decided:
        if isinstance(settled.event, AlertWithdrawn) and settled.deferred is None:
            shown = await book.shown(settled.event.data.alert_id)
            found = undoings(shown, channels, directory.staff, now)
            for one, to, body in found:
                await book.note(Settled(one.event, (to,)), now)
                await book.intend([Intent(intent_id(one.event, to), one.event, to, body)])

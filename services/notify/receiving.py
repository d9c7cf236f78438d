"""回执 kept: once an intent, told on ``notify.delivery.v1``; what failed goes another way."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.notify.adapters import rows
from services.notify.adapters import tables as t
from services.notify.adapters.answer_tables import receipts
from services.notify.adapters.ledger import PostgresBook, PostgresLedger
from services.notify.agent import Teller
from services.notify.domain.channel import Receipt
from services.notify.domain.ledger import Claimed
from shared.contracts.deliveries import DeliveryReceipt, receipted
from shared.contracts.topics import DELIVERY


async def receive(ledger: PostgresLedger, teller: Teller, channel: str, receipt: Receipt) -> str:
    """Take one receipt; return what it came to: arrived, failed, repeated or unknown."""
    async with ledger.engine.begin() as connection:
        claimed = await _sent(connection, channel, receipt.message_id)
        if claimed is None:
            return "unknown"
        entry = insert(receipts).values(
            intent_id=claimed.intent_id,
            arrived=receipt.delivered,
            reason=receipt.code,
            reported_at=receipt.at,
        )
        if (await connection.execute(entry.on_conflict_do_nothing())).rowcount == 0:
            return "repeated"
        book = PostgresBook(connection, ledger.people, ledger.cipher)
        for one in await book.concerned(claimed):
            await book.tell(DELIVERY.name, receipted(_told(one, receipt)))
            if not receipt.delivered:
                await teller.instead(book, one, teller.clock.now())
        await book.write()
    teller.wake()
    return "arrived" if receipt.delivered else "failed"


def _told(one: Claimed, receipt: Receipt) -> DeliveryReceipt:
    return DeliveryReceipt(
        broker=one.broker,
        account=one.account,
        alert_id=one.alert_id,
        revision=one.revision,
        intent_id=one.intent_id,
        step=one.step,
        channel=one.channel,
        receiver=one.receiver,
        arrived=receipt.delivered,
        reason=receipt.code[:80],
        at=receipt.at,
    )


async def _sent(connection: AsyncConnection, channel: str, message_id: str) -> Claimed | None:
    """Return the intent behind the provider's number; its body is not needed any more."""
    i = t.intents.c
    query = select(t.intents).where(i.channel == channel, i.message_id == message_id)
    row = (await connection.execute(query.limit(1))).first() if message_id else None
    return None if row is None else rows.known(row)

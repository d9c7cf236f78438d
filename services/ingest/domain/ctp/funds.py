"""出入金流 — a record of money moved, or of a movement taken back."""

from services.ingest.domain.ctp.desk import Desk, Unused
from services.ingest.domain.ctp.records import Arrival, Deposit
from services.ingest.domain.rows import BadRow
from shared.contracts.trading import (
    Funds,
    FundsChannel,
    FundsDeposited,
    FundsReversed,
    FundsWithdrawn,
    Reversal,
)

CHANNELS = {
    "1": FundsChannel.MANUAL,
    "2": FundsChannel.BANK_TRANSFER,
    "3": FundsChannel.BANK_TRANSFER,  # 银期换汇 goes through the bank
}
Movement = type[FundsDeposited] | type[FundsWithdrawn]
KINDS: dict[str, Movement] = {
    "1": FundsDeposited,
    "2": FundsWithdrawn,
}  # FundDirection: 1 入金, 2 出金
DIRECTIONS = {"1": "deposit", "2": "withdrawal"}
UNCONFIRMED, VALID, REVERSED = "0", "1", "2"  # AvailabilityFlag


def moved(
    arrival: Arrival, record: Deposit, desk: Desk
) -> FundsDeposited | FundsWithdrawn | FundsReversed:
    """Return the movement, or its reversal (冲正: the same 流水号, valid no longer).

    An unconfirmed one is ``Unused``: it comes again when it is confirmed.
    """
    if record.flag == UNCONFIRMED:
        raise Unused("unconfirmed")
    if record.flag not in (VALID, REVERSED):
        raise BadRow("Flag", f"neither 1 nor 2: {record.flag!r}")
    if record.direction not in KINDS:
        raise BadRow("Direction", f"neither 1 nor 2: {record.direction!r}")
    fact = desk.fact(arrival, record)
    at = desk.moment(fact["trading_day"], record.time, arrival)
    head = desk.head(arrival, fact, str(record.uniq_sequence_no)) | {"time": at}
    serial = record.sequence_no or f"ctp-{record.uniq_sequence_no}"
    told = {
        "amount": record.amount,
        "currency": record.currency_id or "CNY",
        "happened_at": at,
        "channel": CHANNELS.get(record.type, FundsChannel.BANK_TRANSFER),
    }
    if record.flag == VALID:
        data = Funds(**fact, **told, serial=serial)
        return KINDS[record.direction](**head, data=data)
    back = Reversal(
        **fact,
        **told,
        serial=f"{serial}/{record.uniq_sequence_no}",
        reverses=serial,
        direction=DIRECTIONS[record.direction],
    )
    return FundsReversed(**head, data=back)

"""持仓明细 of a statement, summed to holdings, and 持仓汇总, which must come to as many lots."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from services.ingest.domain.cfmmc import amount_or_none, lots, price
from services.ingest.domain.dealt import HoldingRow
from services.ingest.domain.holdings import Place
from services.ingest.domain.option_code import option_of
from services.ingest.domain.rows import calendar_date, instrument_code
from services.ingest.domain.statements.drafts import Draft
from services.ingest.domain.statements.layout import TOTALS
from services.ingest.domain.statements.parts import Cells, Part, Row, Whose, part, total
from services.ingest.domain.trade_words import EXCHANGES, HEDGES, SIDES, word
from shared.contracts.dealings import Exchange, Hedge, Side

_SIX_DECIMALS = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Lot:
    """One line of 持仓明细: lots of a holding that were opened together."""

    key: tuple[Exchange, str, Side, Hedge]
    lots: int
    today: int | None
    open_price: Decimal
    settlement_price: Decimal | None
    margin: Decimal | None
    profit_mtm: Decimal | None
    profit_tbt: Decimal | None


def held(cells: Cells, whose: Whose) -> Lot:
    """Return one line."""
    number, opened = lots(cells, "持仓量"), cells.get("开仓日期")
    today = calendar_date(opened, "开仓日期") == whose.day if opened else None
    return Lot(
        key=(
            word(EXCHANGES, cells["交易所"], "交易所"),
            instrument_code(cells["合约"], "合约"),
            word(SIDES, cells["买/卖"], "买/卖"),
            word(HEDGES, cells.get("投/保") or "投", "投/保"),
        ),
        lots=number,
        today=None if today is None else number * today,
        open_price=price(cells, "开仓价"),
        settlement_price=price(cells, "结算价") if cells.get("结算价") else None,
        margin=amount_or_none(cells, "保证金"),
        profit_mtm=amount_or_none(cells, "盯市盈亏"),
        profit_tbt=amount_or_none(cells, "浮动盈亏"),
    )


def checked(draft: Draft, found: Part[Lot]) -> Part[Lot]:
    """Hold the lines against 持仓汇总: where the lots differ, some are missing."""
    sums = part(draft, TOTALS, _sums)
    if not sums.rows or not found.whole:
        return Part(found.rows, found.whole and sums.whole)
    there: Counter[tuple[str, Side]] = Counter()
    for lot in found.each():
        there[lot.key[1], lot.key[2]] += lot.lots
    told: Counter[tuple[str, Side]] = Counter()
    for row in sums.each():
        told.update(row)
    wrong = sorted(key for key in there | told if there[key] != told[key])
    for instrument, side in wrong:
        reason = f"{TOTALS.title} {instrument} {side}: {told[instrument, side]} lots"
        line = draft.tables[TOTALS.title].line
        draft.spoil(TOTALS.title, line, f"{reason}, by 持仓明细 {there[instrument, side]}")
    return Part(found.rows, sums.whole and not wrong)


def _sums(cells: Cells) -> dict[tuple[str, Side], int]:
    instrument = instrument_code(cells["合约"], "合约")
    return {
        (instrument, "long"): lots(cells, "买持", 0) if cells["买持"] else 0,
        (instrument, "short"): lots(cells, "卖持", 0) if cells["卖持"] else 0,
    }


def today(found: Part[Lot], account: str) -> dict[Place, int]:
    """Return the lots opened this day, by holding; one that has an undated lot is left out."""
    opened: Counter[Place] = Counter()
    undated: set[Place] = set()
    for lot in found.each():
        place = (account, *lot.key[1:])
        opened[place] += lot.today or 0
        undated |= {place} if lot.today is None else set()
    return {place: number for place, number in opened.items() if place not in undated}


def summed(found: Part[Lot], whose: Whose) -> Part[HoldingRow]:
    """Return the holdings; the average price is by lots, to six decimals."""
    groups: dict[tuple[Exchange, str, Side, Hedge], list[Row[Lot]]] = defaultdict(list)
    for row in found.rows:
        groups[row.row.key].append(row)
    rows = tuple(
        Row(group[0].line, _holding(whose.account, [row.row for row in group]))
        for group in groups.values()
    )
    return Part(rows, found.whole)


def _holding(account: str, of: Sequence[Lot]) -> HoldingRow:
    first, number = of[0], sum(lot.lots for lot in of)
    exchange, instrument, side, hedge = first.key
    average = total(lot.open_price * lot.lots for lot in of) / number
    return HoldingRow(
        account=account,
        exchange=exchange,
        instrument=instrument,
        side=side,
        hedge=hedge,
        lots=number,
        average_price=average.quantize(_SIX_DECIMALS, ROUND_HALF_EVEN).normalize() + 0,
        settlement_price=first.settlement_price,
        margin=_all([lot.margin for lot in of]),
        profit_mtm=_all([lot.profit_mtm for lot in of]),
        profit_tbt=_all([lot.profit_tbt for lot in of]),
        option=option_of(instrument),
    )


def _all(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """Add amounts; None where any of them is not told."""
    known = [amount for amount in amounts if amount is not None]
    return total(known) if len(known) == len(amounts) else None

"""强平通知 — every forced-liquidation order, until it is filled, cancelled or no longer needed.

The minute's check tells a cure at the first tick after available is no longer below zero, for
orders that lack of funds gave rise to (CTP reasons 1, 8, 9).
"""

from deploy.synthetic.script import Deposit, Episode, Order, Snapshot, Step, Telling
from deploy.synthetic.stage import Stage

KIND = "强平通知"


def told(what: str, lots: int, reason: str, facts: tuple[str, ...], at: str) -> Telling:
    """Return the order as placed; ``what`` is contract and side, ``facts`` the other figures."""
    contract, side = what.split()
    summary = f"强平单已报出：{contract} {side} {lots}手，原因{reason}"
    figures = contract, side, reason, *facts
    sms = f"强平{what}，剩{lots}手，{reason}"
    return Telling("raised", KIND, summary, figures, at, alert=contract, sms=sms)


def partly(contract: str, filled: int, rest: int, at: str) -> Telling:
    """Return the order with some lots filled."""
    facts = (contract, f"{rest}手", f"{filled + rest}手/{filled}手")
    summary = f"强平单已成{filled}手，剩余{rest}手"
    sms = f"，剩{rest}手，"
    return Telling("updated", KIND, summary, facts, at, alert=contract, sms=sms)


def filled(contract: str, lots: int, at: str) -> Telling:
    """Return the order filled."""
    facts = (contract, "0手", f"{lots}手/{lots}手")
    return Telling("confirmed", KIND, f"强平单已全部成交{lots}手", facts, at, alert=contract)


def over(contract: str, how: str, at: str, traded: int = 0) -> Telling:
    """Return the order at another end: taken back when nothing was filled, else a fact."""
    step: Step = "confirmed" if traded else "withdrawn"
    return Telling(step, KIND, f"强平单{how}，成交{traded}手", (contract,), at, alert=contract)


def episodes(stage: Stage) -> tuple[Episode, ...]:
    """Return the stories about orders that the broker places for the client."""
    return (*_filled(), *_ended(), *_watched())


def _filled() -> tuple[Episode, ...]:
    return (
        Episode(
            "filled-in-two",
            "placed, partly filled, filled",
            acts=(
                Snapshot("10:43:10", "-35000.00"),
                Order("10:44", 5, 0, "open"),
                Order("10:48", 5, 2, "partly-filled"),
                Order("10:51", 5, 5, "filled"),
            ),
            told=(
                told("rb2610 卖", 5, "资金不足", ("5手", "5手/0手", "-35,000.00元"), at="10:44"),
                partly("rb2610", 2, 3, at="10:48"),
                filled("rb2610", 5, at="10:51"),
            ),
        ),
        Episode(
            "two-orders",
            "two orders of one client are two alerts, each with its own end; one is at night",
            acts=(
                Snapshot("21:17:10", "-120000.55"),
                Order("21:18", 2, 0, "open", instrument="au2612", reason="9"),
                Order("21:19", 8, 0, "open", instrument="TA609", exchange="CZCE", order=2),
                Order("21:25", 8, 8, "filled", instrument="TA609", exchange="CZCE", order=2),
                Order("21:35", 2, 2, "filled", instrument="au2612", reason="9"),
            ),
            told=(
                told("au2612 卖", 2, "资金不足", ("2手/0手", "-120,000.55元"), at="21:18"),
                told("TA609 卖", 8, "资金不足", ("8手/0手", "-120,000.55元"), at="21:19"),
                filled("TA609", 8, at="21:25"),
                filled("au2612", 2, at="21:35"),
            ),
        ),
        Episode(
            "over-the-limit",
            "an order for too large a position: money does not cure it",
            acts=(
                Snapshot("10:54:10", "250000.00"),
                Order("10:56", 3, 0, "open", reason="2", instrument="m2609", direction="buy"),
                Snapshot("10:59:10", "260000.00"),
                Order("11:22", 3, 3, "filled", reason="2", instrument="m2609", direction="buy"),
            ),
            told=(
                told("m2609 买", 3, "客户超仓", ("3手/0手", "250,000.00元"), at="10:56"),
                filled("m2609", 3, at="11:22"),
            ),
        ),
    )


def _ended() -> tuple[Episode, ...]:
    return (
        Episode(
            "cancelled",
            "cancelled with nothing filled: taken back",
            acts=(
                Snapshot("11:01:10", "-9000.00"),
                Order("11:03", 4, 0, "open", instrument="cu2608"),
                Order("11:18", 4, 0, "cancelled", instrument="cu2608"),
            ),
            told=(
                told("cu2608 卖", 4, "资金不足", ("4手/0手", "-9,000.00元"), at="11:03"),
                over("cu2608", "已撤销", at="11:18"),
            ),
        ),
        Episode(
            "cancelled-in-part",
            "cancelled after a lot was filled: that lot is a fact",
            acts=(
                Snapshot("13:31:20", "-9500.00"),
                Order("13:33", 4, 0, "open", instrument="al2608"),
                Order("13:36", 4, 1, "partly-filled", instrument="al2608"),
                Order("13:49", 4, 1, "cancelled", instrument="al2608"),
            ),
            told=(
                told("al2608 卖", 4, "资金不足", ("4手/0手", "-9,500.00元"), at="13:33"),
                partly("al2608", 1, 3, at="13:36"),
                over("al2608", "已撤销", at="13:49", traded=1),
            ),
        ),
        Episode(
            "rejected",
            "the exchange refuses the order: taken back",
            acts=(
                Snapshot("13:40:30", "-800.00"),
                Order("13:42", 1, 0, "open", instrument="sc2608", exchange="INE"),
                Order("13:44", 1, 0, "rejected", instrument="sc2608", exchange="INE"),
            ),
            told=(
                told("sc2608 卖", 1, "资金不足", ("1手/0手", "-800.00元"), at="13:42"),
                over("sc2608", "被拒绝", at="13:44"),
            ),
        ),
    )


def _watched() -> tuple[Episode, ...]:
    cured = "可用资金已回到0.00元，强平了结"
    return (
        Episode(
            "cured",
            "a 厘 below nothing is no cure; exactly nothing is, at the next minute's check",
            acts=(
                Snapshot("13:52:10", "-12000.00"),
                Order("13:53", 6, 0, "open", instrument="ni2609"),
                Deposit("13:54", "12000.00"),
                Snapshot("13:55:10", "-0.001"),
                Snapshot("13:59:10", "0.00"),
            ),
            told=(
                told("ni2609 卖", 6, "资金不足", ("6手/0手", "-12,000.00元"), at="13:53"),
                Telling("confirmed", KIND, cured, ("ni2609", "0.00元"), alert="ni2609"),
            ),
        ),
        Episode(
            "nothing-new",
            "the same state again, and minutes that pass, are nothing to tell",
            acts=(
                Snapshot("14:25:10", "-7000.00"),
                Order("14:27", 2, 0, "open", instrument="zn2608"),
                Order("14:31", 2, 0, "open", instrument="zn2608"),
                Order("14:50", 2, 2, "filled", instrument="zn2608"),
            ),
            told=(
                told("zn2608 卖", 2, "资金不足", ("2手/0手", "-7,000.00元"), at="14:27"),
                filled("zn2608", 2, at="14:50"),
            ),
        ),
    )

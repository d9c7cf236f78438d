"""Which rule is asked after which event: rule → type of event → what it does."""

from collections.abc import Callable
from functools import cache, partial

from tests.kit.oracle import (
    dormancy,
    expiry,
    funding,
    idle,
    large,
    liquidation,
    loss,
    margin,
    overdraft,
)
from tests.kit.oracle.case import Case

Judge = Callable[[Case], None]
FUNDED = ("funds.deposited", "account.settled", "account.baselined")
TRADED = ("account.settled", "order.force-closed", "account.baselined")
DAILY = ("account.settled", "day.closed")
AWAKE = (*TRADED, "funds.deposited", "funds.reversed", "day.closed")


def _on(*pairs: tuple[tuple[str, ...] | str, Judge]) -> dict[str, tuple[Judge, ...]]:
    """Return type → what is done, in the order given."""
    table: dict[str, tuple[Judge, ...]] = {}
    for types, judge in pairs:
        for type_ in (types,) if isinstance(types, str) else types:
            table[type_] = (*table.get(type_, ()), judge)
    return table


def _large(way: large.Direction, movement: str) -> dict[str, tuple[Judge, ...]]:
    return _on(
        ((movement, "funds.reversed"), way.moved),
        ("account.settled", way.settled),
        ("day.closed", lambda case: case.close(way.rule)),
    )


def _expiry(rule: str, brought_by: str) -> dict[str, tuple[Judge, ...]]:
    return _on(
        (brought_by, partial(expiry.dated, rule=rule)), (DAILY, partial(expiry.daily, rule=rule))
    )


def _margin(watch: margin.Ratio) -> dict[str, tuple[Judge, ...]]:
    return _on(
        ("account.snapshotted", partial(margin.snapshotted, watch=watch)),
        ("account.settled", partial(margin.settled, watch=watch)),
        ("day.closed", lambda case: case.close(watch.rule)),
    )


RULES: dict[str, dict[str, tuple[Judge, ...]]] = {
    "large_withdrawal": _large(large.WITHDRAWAL, "funds.withdrawn"),
    "large_deposit": _large(large.DEPOSIT, "funds.deposited"),
    "consecutive_overdraft": _on(
        ("account.snapshotted", overdraft.snapshotted),
        ("account.settled", overdraft.settled),
        ("day.closed", overdraft.closed),
    ),
    "forced_liquidation": _on(
        ("order.force-closed", liquidation.ordered),
        (("clock.ticked", *DAILY), liquidation.ended),
    ),
    "weekly_loss": _on(("account.settled", loss.week_settled)),
    "daily_drawdown": _on(
        ("account.snapshotted", loss.day_snapshotted),
        ("account.settled", loss.day_settled),
        ("day.closed", lambda case: case.close(loss.DAY)),
    ),
    "near_dormancy": _on((DAILY, dormancy.daily), (AWAKE, dormancy.anything)),
    "dormancy_reactivation": _on((("account.settled", "order.force-closed"), dormancy.traded)),
    "rebate_expiry": _expiry("rebate_expiry", "agreement.recorded"),
    "suitability_expiry": _expiry("suitability_expiry", "account.baselined"),
    "certificate_expiry": _expiry("certificate_expiry", "account.baselined"),
    "first_deposit": _on(
        ("funds.deposited", funding.deposited), ("funds.reversed", funding.taken_back)
    ),
    "unfunded_account": _on((DAILY, funding.daily), (FUNDED, funding.funded)),
    "idle_account": _on(((*TRADED, "funds.reversed"), idle.traded), (DAILY, idle.daily)),
    **{watch.rule: _margin(watch) for watch in margin.WATCHES},
}


@cache
def judges(in_force: frozenset[str]) -> dict[str, tuple[Judge, ...]]:
    """Return type of event → everything the rules in force do after it."""
    tables = [table for rule, table in RULES.items() if rule in in_force]
    types = {type_ for table in tables for type_ in table}
    return {t: tuple(judge for table in tables for judge in table.get(t, ())) for t in types}


FEED_SILENCE = "feed_silence"
EVERY = frozenset(RULES) | {FEED_SILENCE}

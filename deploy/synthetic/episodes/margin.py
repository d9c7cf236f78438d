"""风险度 — margin against equity: 保证金占用 at 80 %, 追加保证金 at 100 %.

Each line is met exactly and missed by one 厘 by a twin; a crossing that falls back by more than
five points may be told again, one that falls back by exactly five may not.
"""

from deploy.synthetic.book import li, money, percent, yuan
from deploy.synthetic.script import Episode, Snapshot, Step, Telling
from deploy.synthetic.stage import Stage

USAGE, CALL, EXCHANGE, WIPED = "保证金占用", "追加保证金", "交易所风险", "穿仓"
LOUD = {USAGE: False, CALL: True, EXCHANGE: True, WIPED: True}
SAYING = {
    USAGE: "保证金占用达权益的{}",
    CALL: "风险度{}，须追加保证金",
    EXCHANGE: "交易所风险度{}，可能被强平",
    WIPED: "权益{}，已穿仓",
}
EQUITY = "100000.00"
HOLDER = Episode("", "", opening=EQUITY)


def told(kind: str, figure: str, facts: tuple[str, ...] = (), at: str = "") -> Telling:
    """Return an alert as raised; ``figure`` is the ratio, or for 穿仓 the equity."""
    return Telling("raised", kind, SAYING[kind].format(figure), facts, at, loud=LOUD[kind])


def again(kind: str, figure: str, at: str) -> Telling:
    """Return an alert whose line was crossed a second time."""
    return Telling("updated", kind, SAYING[kind].format(figure), (), at, loud=LOUD[kind])


def settled(kind: str, figure: str = "", step: Step = "confirmed") -> Telling:
    """Return what the settlement makes of an alert: nothing to tell when it only agrees."""
    words = {
        "amended": f"结算更正：{SAYING[kind].format(figure)}",
        "withdrawn": f"按结算风险度{figure}，已不再触及",
    }
    agrees = step == "confirmed"
    loud = LOUD[kind] and step == "withdrawn"
    return Telling(step, kind, words.get(step, ""), loud=loud, silent=agrees)


def squeezed(equity: str, available: str, alert: str) -> tuple[Telling, ...]:
    """Return what the settlement raises of an account of that equity, of which so much is free."""
    has, margin = li(equity), li(equity) - li(available)
    ratio = percent(margin * 10_000 // has)
    facts = (ratio, money(has), money(margin), "未知")
    reached = [kind for kind, line in ((USAGE, 0.8), (CALL, 1.0)) if margin >= line * has]
    return tuple(
        Telling("raised", kind, SAYING[kind].format(ratio), facts, alert=alert, loud=LOUD[kind])
        for kind in reached
    )


def episodes(stage: Stage) -> tuple[Episode, ...]:
    """Return the stories about accounts that are stretched."""
    return (*_usage(), *_calls(), *_changed())


def seen(at: str, margin: str, exchange: str | None = None, equity: str = EQUITY) -> Snapshot:
    """Return a snapshot with so much margin in use."""
    return Snapshot(at, yuan(li(equity) - li(margin)), equity, margin, exchange)


def story(
    name: str, about: str, acts: tuple[Snapshot, ...], told: tuple[Telling, ...], free: str = EQUITY
) -> Episode:
    """Return a story of 100,000; ``free`` is what the settlement finds available."""
    return Episode(name, about, EQUITY, acts, told, {0: free})


def _usage() -> tuple[Episode, ...]:
    facts = ("80%", "100,000.00元", "80,000.00元", "未知")
    return (
        story(
            "usage-reached",
            "exactly 80 %; the settlement agrees, and nobody is told again",
            (seen("21:05:10", "80000.000"),),
            (told(USAGE, "80%", facts, "21:05:10"), settled(USAGE)),
            free="20000.00",
        ),
        story("usage-missed", "one 厘 less than 80 %", (seen("21:06:10", "79999.999"),), ()),
        story(
            "usage-again",
            "82 %, exactly 75 %, 85 %: told again; the settlement says 83 %",
            tuple(
                seen(at, margin)
                for at, margin in (
                    ("10:01:10", "82000.00"),
                    ("10:07:10", "75000.000"),
                    ("10:26:10", "85000.00"),
                )
            ),
            (
                told(USAGE, "82%", at="10:01:10"),
                again(USAGE, "85%", "10:26:10"),
                settled(USAGE, "83%", "amended"),
            ),
            free="17000.00",
        ),
        story(
            "usage-not-again",
            "81 %, a 厘 over 75 %, 90 %: it has never lapsed",
            tuple(
                seen(at, margin)
                for at, margin in (
                    ("10:02:10", "81000.00"),
                    ("10:08:10", "75000.001"),
                    ("10:27:10", "90000.00"),
                )
            ),
            (told(USAGE, "81%", at="10:02:10"), settled(USAGE)),
            free="19000.00",
        ),
        story(
            "usage-by-the-files",
            "nothing live; the settlement is at exactly 80 %",
            (),
            squeezed(EQUITY, "20000.000", ""),
            free="20000.000",
        ),
        story("usage-missed-by-the-files", "one 厘 less in the files", (), (), free="20000.001"),
    )


def _calls() -> tuple[Episode, ...]:
    return (
        story(
            "call-reached",
            "exactly 100 %",
            (seen("13:38:10", "100000.000"),),
            both("100%", "13:38:10", ("100,000.00元",)),
            free="0.000",
        ),
        story(
            "call-missed",
            "one 厘 less than 100 %: only the smaller line",
            (seen("13:39:10", "99999.999"),),
            (told(USAGE, "99.99%", ("99,999.999元",), "13:39:10"), settled(USAGE)),
            free="0.001",
        ),
        story(
            "call-again",
            "105 %, exactly 95 %, 103 %: the larger line is told again",
            (
                seen("10:03:10", "105000.00"),
                seen("10:09:10", "95000.000"),
                seen("10:28:10", "103000.00"),
            ),
            (
                told(USAGE, "105%", at="10:03:10"),
                told(CALL, "105%", at="10:03:10"),
                again(CALL, "103%", "10:28:10"),
                settled(USAGE, "103%", "amended"),
                settled(CALL),
            ),
            free="-3000.00",
        ),
        story(
            "call-not-again",
            "104 %, a 厘 over 95 %, 106 %: it has never lapsed",
            (
                seen("10:04:10", "104000.00"),
                seen("10:13:10", "95000.001"),
                seen("10:14:10", "106000.00"),
            ),
            both("104%", "10:04:10"),
            free="-4000.00",
        ),
    )


def both(ratio: str, at: str, facts: tuple[str, ...] = ()) -> tuple[Telling, ...]:
    """Return both lines crossed at once, and the settlement's silent agreement."""
    raised = (told(USAGE, ratio, facts, at), told(CALL, ratio, facts, at))
    return (*raised, settled(USAGE), settled(CALL))


def _changed() -> tuple[Episode, ...]:
    return (
        story(
            "usage-withdrawn",
            "84 % by day, 20 % by the settlement: taken back",
            (seen("13:37:10", "84000.00"),),
            (told(USAGE, "84%", at="13:37:10"), settled(USAGE, "20%", "withdrawn")),
            free="80000.00",
        ),
        story(
            "call-amended",
            "110 % by day, 120 % by the settlement: corrected",
            (seen("13:43:10", "110000.00"),),
            (
                *both("110%", "13:43:10")[:2],
                settled(USAGE, "120%", "amended"),
                settled(CALL, "120%", "amended"),
            ),
            free="-20000.00",
        ),
        story(
            "call-withdrawn",
            "101 % by day, 90 % by the settlement: one is taken back, one corrected",
            (seen("14:01:10", "101000.00"),),
            (
                *both("101%", "14:01:10")[:2],
                settled(USAGE, "90%", "amended"),
                settled(CALL, "90%", "withdrawn"),
            ),
            free="10000.00",
        ),
    )

"""到期 — 返还公式, 风险测评 and 身份证件: told 20 trading days before the last day, and 5."""

from collections.abc import Iterator
from datetime import date, timedelta

from deploy.synthetic.script import Agreement, Episode, Past, Step, Telling
from deploy.synthetic.stage import Stage
from shared.kernel.trading_day import OutsideCoverage

TITLES = {"返还公式": "返还公式到期", "风险测评": "适当性到期", "身份证件": "证件到期"}
WARNED, REMINDED = 20, 5
LEFT = {
    "warned-today": (20, "20 trading days left today"),
    "warned-tomorrow": (21, "21 trading days left today"),
    "reminded-today": (5, "ten left when it became known, five today"),
    "reminded-tomorrow": (6, "six left today"),
}


def episodes(stage: Stage) -> tuple[Episode, ...]:
    """Return the stories about what ends soon; none where the calendar does not reach so far."""
    try:
        return tuple(_episodes(stage))
    except OutsideCoverage:
        return ()


def _episodes(stage: Stage) -> Iterator[Episode]:
    for name, (left, about) in LEFT.items():
        end = stage.on(left)
        yield _rebate(stage, f"rebate-{name}", about, end)
        yield _dated(stage, f"suitability-{name}", about, risk=end)
        yield _dated(stage, f"certificate-{name}", about, certificate=end)
    yield _rebate(stage, "rebate-ends-today", "five left when it became known", stage.day)
    yield _rebate(stage, "rebate-over", "it ended before it became known", stage.on(-6))
    yield _rebate(stage, "rebate-for-ever", "it has no end", None)
    end, later = stage.on(10), stage.day + timedelta(days=400)
    moved = Telling("withdrawn", TITLES["返还公式"], "返还公式（利返）的到期日已变更", loud=False)
    yield Episode(
        "rebate-renewed",
        "the agreement is renewed this evening: taken back",
        told=(*_told(stage, "返还公式", end, "（利返）", len(stage.history) + 1), moved),
        agreements=(Agreement("利返", None, end, later),),
    )


def _rebate(stage: Stage, name: str, about: str, end: date | None) -> Episode:
    agreement = Agreement("交返", date(2019, 7, 1), end)
    told = _told(stage, "返还公式", end, "（交返）") if end else ()
    return Episode(name, about, told=told, agreements=(agreement,))


def _dated(
    stage: Stage, name: str, about: str, risk: date | None = None, certificate: date | None = None
) -> Episode:
    lately = stage.history[0]
    past = Past(date(2018, 3, 12), lately, lately, risk, certificate)
    risks = _told(stage, "风险测评", risk) if risk else ()
    papers = _told(stage, "身份证件", certificate) if certificate else ()
    return Episode(name, about, told=(*risks, *papers), past=past)


def _told(
    stage: Stage, what: str, end: date, kind: str = "", most: int = 99
) -> tuple[Telling, ...]:
    """Return what is told from the first morning, when it becomes known, to the last close."""
    told: list[Telling] = []
    reached = 0
    for day in (stage.history[0], *stage.closings[:most]):
        left = stage.calendar.distance(day, end) if day <= end else WARNED + 1
        level = (left <= WARNED) + (left <= REMINDED)
        if level > reached:
            step: Step = "updated" if reached else "raised"
            reached = level
            facts = (f"{end}", f"{left}个交易日", f"{what}{kind}")
            when = f"将于{end}到期，剩余{left}个交易日" if left else f"今日（{end}）到期"
            summary = f"{what}{kind}{when}"
            told.append(Telling(step, TITLES[what], summary, facts, loud=False))
    return tuple(told)

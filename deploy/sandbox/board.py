"""The operator's side of the page: every entry, whatever became of it."""

from collections.abc import Mapping
from datetime import datetime

from deploy.sandbox.entries import Entry, Outcome
from deploy.sandbox.faults import Faults
from deploy.sandbox.journal import Journal
from deploy.sandbox.markup import Html, address, el
from deploy.sandbox.phones import CHANNELS, name_of

ROWS = 50
EXCERPT = 46
OUTCOMES: Mapping[Outcome, tuple[str, str]] = {
    "delivered": ("送达", "本人看到了"),
    "duplicate": ("重复", "平台判定重复，不再显示"),
    "dropped": ("丢弃", "平台已受理，但没有显示"),
    "rejected": ("拒绝", "平台没有受理"),
    "faulted": ("故障", "按脚本制造的故障"),
}
COLUMNS = ("序号", "时间", "渠道", "收件人", "结果", "代码", "内容")


def main(journal: Journal, faults: Faults, outcome: Outcome | None, before: int | None) -> Html:
    """Return the entries, newest first, a page at a time."""
    entries = journal.newest(outcome, before or journal.last + 1, ROWS)
    head = el("tr", *(el("th", name) for name in COLUMNS))
    table = el("table", el("thead", head), el("tbody", *map(_row, entries)))
    older = None
    if len(entries) == ROWS and entries[-1].n > 1:
        where = address(view="operator", outcome=outcome, before=entries[-1].n)
        older = el("a", f"更早的 {ROWS} 条", href=where, class_="older")
    nothing = None if entries else el("p", "没有这样的记录", class_="more")
    tiles = _tiles(journal.counts(), outcome)
    return el("main", tiles, _faults(faults), table, nothing, older, class_="operator")


def _tiles(counts: Mapping[Outcome, int], chosen: Outcome | None) -> Html:
    tiles = [
        el(
            "a",
            el("b", str(counts[outcome])),
            el("span", name),
            el("small", meaning),
            href=address(view="operator", outcome=None if outcome == chosen else outcome),
            class_=f"tile {outcome} on" if outcome == chosen else f"tile {outcome}",
        )
        for outcome, (name, meaning) in OUTCOMES.items()
    ]
    return el("div", *tiles, class_="tiles")


def _faults(faults: Faults) -> Html | None:
    """Return what is still broken on purpose; receivers stay out of it."""
    left = [f"{one['fault']} ×{one['times']}" for one in faults.remaining()]
    return el("p", "脚本故障未用完：" + "，".join(left), class_="scripted") if left else None


def _row(entry: Entry) -> Html:
    at = datetime.fromisoformat(entry.at)
    name, _ = OUTCOMES[entry.outcome]
    facts = [f"回执 {entry.receipt}" if entry.receipt else "", f"故障 {entry.fault}"]
    said = " · ".join(fact for fact in facts if not fact.endswith(" "))
    excerpt = " ".join(entry.text.removeprefix(entry.title).split())[:EXCERPT]
    summary = el("summary", el("b", entry.title or "—"), el("span", excerpt))
    content = el("details", summary, el("pre", entry.text), el("small", said))
    cells = (
        el("td", str(entry.n), class_="number"),
        el("td", f"{at:%m-%d %H:%M:%S}", class_="at"),
        el("td", CHANNELS[entry.channel]),
        el("td", name_of(entry.channel, entry.to)),
        el("td", el("span", name, class_=f"badge {entry.outcome}")),
        el("td", str(entry.code), class_="code"),
        el("td", content, class_="content"),
    )
    return el("tr", *cells, data_n=entry.n)

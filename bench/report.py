"""``python -m bench.report [RAW …]``: keep raw results as the published ones, write the page of them.

``docs/performance.md`` is made from ``bench/results`` alone; no measurement is needed to write it.
"""  # noqa: E501

import ast
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.brokers_files import FILES
from bench.catalogue import SIDES, Side
from bench.options import Options
from bench.prose import COMMANDS, METHOD, NEVER
from bench.targets import CLIENTS, KEYS, LIMITS, limits
from tools.markdown import table

HERE = Path(__file__).parent
RESULTS = HERE / "results"
PAGE = HERE.parent / "docs" / "performance.md"
NOTICE = "<!-- 由 `make docs` 从 bench/results 生成，勿手改 · written by `make docs` -->"
Raw = Mapping[str, Any]

WORKS = {
    "w1": ("mot", "W1：按账户求和，过线提醒 · a sum per account and a line", "withdrawals"),
    "w2": ("mot", "W2：全部规则 · every detector", "mixed"),
    "fd": ("fd", "FD：别人定的题 · a workload that is not ours", "fraud"),
}


def page(results: Mapping[str, Raw]) -> str:
    """Return the whole page."""
    return "\n\n".join((NOTICE, *_paragraphs(results))) + "\n"


def _paragraphs(results: Mapping[str, Raw]) -> Iterator[str]:
    yield "# 性能 Performance"
    yield "只在同一次运行、同一台机器内可比 · compare within one run and machine only."
    yield COMMANDS
    yield "## 怎么测 Method\n\n" + _bullets(METHOD)
    for name, raw in results.items():
        yield f"## {name}：机器与版本 Machine and versions\n\n{_origin(raw)}"
    if rows := [row for name, raw in results.items() for row in _targets(name, raw)]:
        yield "## 目标 Targets"
        yield table(("什么 what", "测得 measured", "底线 floor", "目标 aim", ""), rows)
    if "ingest" in results:
        yield "## ingest：一天的文件和推送 A day's files, and pushes"
        yield docstring(HERE / "brokers_files.py") + "\n\n" + _ingest(results["ingest"])
    for work, (row, title, file) in WORKS.items():
        if row in results:
            yield f"## {title}"
            yield docstring(HERE / "workloads" / f"{file}.py")
            yield _sides(work, results[row])
    if "profile" in results:
        yield "## profile：一家经纪商 A broker's clients"
        yield docstring(HERE / "rows" / "profile.py") + "\n\n" + _profile(results["profile"])
    if "mot" in results:
        yield "## 其余 The rest"
        yield _details(results["mot"])
    yield "## 没有测的 Not measured"
    yield _bullets((*_missing(results), *NEVER))


def _origin(raw: Raw) -> str:
    on, how = raw["machine"], raw["method"]
    usual = Options()
    short = how["seconds"] < usual.seconds or how["turns"] < usual.turns
    lines = [
        f"{how['turns']} 轮 turns × {how['seconds']:g} 秒 s"
        + ("。**只是看一眼，不作数 · a look, not a result**" if short else ""),
        f"{on['cores']} 核 cores，{on['processor']}，{on['memory_gib']} GiB，{on['system']}；"
        f"开始时的负载 load at the beginning {on['load']}",
        ", ".join(f"{name} {version or '无 none'}" for name, version in raw["versions"].items()),
    ]
    return _bullets(lines)


def _targets(name: str, raw: Raw) -> Iterator[tuple[str, ...]]:
    """Yield what has a floor; the limits are those of today, whatever the result was judged by."""
    for ratio, found in raw["ratios"].items():
        if found["floor"] is not None:
            yield f"`{ratio}`", *_cells(found), _verdict(found, at_least=True)
    known = {limit.key: limit for limit in LIMITS}
    for key, found in limits(name, raw).items():
        limit = known[key]
        verdict = _verdict(found, limit.at_least)
        if key == "files_s" and _smaller(raw):
            verdict = "一天里只有一部分文件 a part of the day's files"
        if name == "profile" and raw["clients"] < CLIENTS:
            verdict = "客户少，不作数 too few clients: a look, not a result"
        yield f"`{key}` {limit.unit}", *_cells(found), verdict


def _cells(found: Mapping[str, Any]) -> tuple[str, str, str]:
    return _number(found["value"]), _number(found["floor"]), _number(found["aim"])


def _verdict(found: Mapping[str, Any], at_least: bool) -> str:
    value, floor, aim = found["value"], found["floor"], found["aim"]
    if value is None or floor is None:
        return ""
    sign = 1 if at_least else -1
    if sign * value >= sign * aim:
        return "✓ 达到目标 aim"
    return "✓ 过底线 floor" if sign * value >= sign * floor else "✗ 没到底线 below the floor"


def _sides(work: str, raw: Raw) -> str:
    ours = raw.get(f"{work}_ours")
    rows = [_side(side, raw, ours) for side in SIDES if side.work == work and side.name in raw]
    head = ("", "条/秒 events/s", "最低–最高 range", "我们÷它 ours ÷ it", "是什么 what it is")
    return table(head, rows)


def _side(side: Side, raw: Raw, ours: float | None) -> tuple[str, ...]:
    figure, spread = raw[side.name], raw["details"].get(side.name)
    span = f"{spread['lowest']:,}–{spread['highest']:,}" if spread else ""
    ratio = f"{ours / figure:.2f}" if ours and figure else ""
    what = " ".join(docstring(HERE / "sides" / f"{side.program}.py").split())
    return f"`{side.name}`", _number(figure), span, ratio, what


def _details(raw: Raw) -> str:
    rows = []
    for key in KEYS["mot"]:
        if key in raw["details"] and "spread" not in raw["details"][key]:
            more = ", ".join(f"{k} {_plain(v)}" for k, v in raw["details"][key].items())
            rows.append((f"`{key}`", _number(raw[key]), more))
    rows.append(("`workers2_over_1`", _number(raw["workers2_over_1"]), "w2_ours_2 ÷ w2_ours"))
    return table(("什么 what", "测得 measured", "背后 behind it"), rows)


def _ingest(raw: Raw) -> str:
    day = raw["details"]["files_s"]
    accounts = f"{_number(raw['files_accounts'])} 个账户 accounts"
    rows = [("`files_s`", _number(raw["files_s"]), accounts)]
    for side in ("push_eps", "bare_eps"):
        spread = raw["details"][side]
        span = f"{spread['lowest']:,}–{spread['highest']:,}"
        rows.append((f"`{side}`", _number(raw[side]), span))
    told = f"- {day['kinds']} 种文件 kinds of files，{day['rows']:,} 行 rows"
    if _smaller(raw):
        told += (
            f"。**现在的一天有 {len(FILES)} 种，还没有重测 · the day has {len(FILES)} kinds now and"
            " was not measured again**"
        )
    return table(("什么 what", "测得 measured", "背后 behind it"), rows) + f"\n\n{told}"


def _profile(raw: Raw) -> str:
    rows = [
        (f"`{key}`", _number(raw[key]), _number(raw["details"].get(key, {}).get("p50_ms")))
        for key in KEYS["profile"]
    ]
    told = ", ".join(
        f"{name} {value:,}" if isinstance(value, int) else f"{name} {value}"
        for name, value in raw["details"]["clients"].items()
    )
    return table(("什么 what", "测得 measured", "中位数 median"), rows) + f"\n\n- {told}"


def _smaller(raw: Raw) -> bool:
    """Say whether the files that were measured are fewer than those of the day that stands now."""
    return bool(raw["details"].get("files_s", {}).get("kinds", 0) < len(FILES))


def _missing(results: Mapping[str, Raw]) -> list[str]:
    found = [
        f"`{key}`：{why}" for raw in results.values() for key, why in raw["unmeasured"].items()
    ]
    return found + [f"`{name}`：整行 the whole row" for name in KEYS if name not in results]


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _number(value: float | None) -> str:
    return "—" if value is None else f"{value:,}"


def _plain(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def docstring(file: Path) -> str:
    """Return what a module says of itself, as Markdown, without importing it."""
    said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return said.replace("``", "`")


def published(folder: Path = RESULTS) -> dict[str, Raw]:
    """Return the committed results by row."""
    files = {name: folder / f"{name}.json" for name in KEYS}
    return {n: json.loads(f.read_text(encoding="utf-8")) for n, f in files.items() if f.exists()}


def main(arguments: list[str]) -> int:
    """Keep the named raw results, then write the page."""
    for name in arguments:
        text = Path(name).read_text(encoding="utf-8")
        (RESULTS / f"{json.loads(text)['name']}.json").write_text(text, encoding="utf-8")
    PAGE.write_text(page(published()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The line, its ratios, and the page that is made of committed results."""

from typing import Any

import pytest

from bench.brokers_files import FILES
from bench.harness import Figure
from bench.options import Options
from bench.percentile import percentile, typical_p99, windows
from bench.report import PAGE, docstring, page, published
from bench.result import Result
from bench.targets import KEYS, core_over_raw, limits, quotient, ratios

WHOLE_DAY = {"kinds": len(FILES), "rows": 1_900_000}
MACHINE = {"cores": 2, "processor": "p", "memory_gib": 8, "system": "Linux", "load": 0.1}
NAMED = (
    "w1_ours w1_raw w1_quix w1_bytewax w1_pathway w1_kafka_streams w1_faust_table"
    " w2_ours w2_raw w2_quix w2_bytewax"
    " core_us latency_durable_p99_ms latency_gateway_p99_ms valkey_mib_per_million workers2_over_1"
)


def result() -> Result:
    found = Result()
    found.take(
        {
            "w1_ours": Figure(150_000, 149_000, 151_000),
            "w1_raw": Figure(300_000, 290_000, 310_000),
            "w1_quix": Figure(None, None, None, "3 alerts too many"),
        }
    )
    found.figures |= {"core_us": 4.5, "core_over_raw": 1.35}
    found.details["core_us"] = {"us": 4.5, "turns_us": [4.4, 4.6]}
    return found


def raw(**how: Any) -> dict[str, Any]:
    made = result().raw("mot", MACHINE, Options(**how))
    return {**made, "versions": {"python": "3.11", "quixstreams": "3.28.1"}}


def test_the_line_has_the_keys_in_order() -> None:
    line = result().line("mot", MACHINE)
    assert list(line) == ["name", *KEYS["mot"], "ratios", "limits", "unmeasured", "machine"]
    assert KEYS["mot"] == (*NAMED.split(), "served_over_session", "core_over_raw")


def test_what_was_not_measured_is_null_with_its_reason() -> None:
    line = result().line("mot", MACHINE)
    assert line["w1_quix"] is None
    assert line["unmeasured"]["w1_quix"] == "3 alerts too many"
    assert line["unmeasured"]["w2_ours"] == "not asked for"
    assert "w1_ours" not in line["unmeasured"]


def test_ratios_are_of_the_lines_own_figures() -> None:
    found = ratios("mot", {"w1_ours": 150.0, "w1_raw": 300.0, "w1_quix": None})
    assert found["w1_ours/w1_raw"] == {"value": 0.5, "floor": 0.25, "aim": 0.5}
    assert found["w1_ours/w1_quix"]["value"] is None
    assert quotient(1, 0) is None
    figures = {"core_us": 10.0, "w1_raw": 100_000.0}
    assert core_over_raw(figures) == 1.0
    assert limits("mot", figures)["core_us"] == {"value": 10.0, "floor": 12, "aim": 5}
    assert core_over_raw({"core_us": 10.0}) is None
    assert limits("fd", {}) == {}


def test_the_page_shows_figures_verdicts_and_what_is_missing() -> None:
    text = page({"mot": raw()})
    assert "| `w1_ours/w1_raw` | 0.5 | 0.25 | 0.5 | ✓ 达到目标 aim |" in text
    assert "| `core_us` µs | 4.5 | 12 | 5 | ✓ 达到目标 aim |" in text
    assert "| `w1_raw` | 300,000 | 290,000–310,000 | 0.50 |" in text
    assert "- `w1_quix`：3 alerts too many" in text
    assert "`fd`：整行" in text
    assert "不作数" not in text


def test_a_page_of_a_short_run_says_so() -> None:
    assert "不作数" in page({"mot": raw(seconds=2.0)})


@pytest.mark.parametrize(
    ("quotient_", "words"), [(0.2, "✗ 没到底线"), (0.3, "✓ 过底线"), (0.6, "✓ 达到目标")]
)
def test_below_the_floor_is_said(quotient_: float, words: str) -> None:
    made = raw()
    made["ratios"]["w1_ours/w1_raw"]["value"] = quotient_
    line = next(x for x in page({"mot": made}).splitlines() if "`w1_ours/w1_raw`" in x)
    assert words in line


@pytest.mark.parametrize(
    ("rate", "words"), [(4_999, "✗ 没到底线"), (5_000, "✓ 达到目标"), (12_434, "✓ 达到目标")]
)
def test_a_push_has_a_floor_below_it_and_files_one_above(rate: int, words: str) -> None:
    made = {**published()["ingest"], "push_eps": rate, "files_s": 601.0}
    made["details"] = {**made["details"], "files_s": WHOLE_DAY}
    lines = page({"ingest": made}).splitlines()
    assert words in next(line for line in lines if line.startswith("| `push_eps` /s"))
    assert "✗ 没到底线" in next(line for line in lines if line.startswith("| `files_s` s"))


def test_a_day_of_fewer_kinds_than_todays_is_said_to_be_one() -> None:
    made = published()["ingest"]
    said = []
    for day in ({"kinds": 4, "rows": 510_000}, WHOLE_DAY):
        details = {**made["details"], "files_s": day}
        text = page({"ingest": {**made, "details": details}})
        said.append(("a part of the day's files" in text, "was not measured again" in text))
    assert said == [(True, True), (False, False)]


def test_the_committed_page_is_of_the_committed_results() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(published())


def test_every_side_says_what_it_is_without_being_imported() -> None:
    folder = PAGE.parents[1] / "bench" / "sides"
    assert [f.name for f in sorted(folder.glob("*.py")) if len(docstring(f)) < 40] == []


def test_quantiles_are_of_what_was_seen() -> None:
    values = [float(n) for n in range(1, 201)]
    assert percentile(values, 0.99) == 198
    assert percentile([7.0], 0.99) == 7
    dealt = windows([(0.1, 1.0), (1.9, 2.0), (2.0, 9.0)], 2.0)
    assert dealt == [[1.0, 2.0], [9.0]]
    assert typical_p99(dealt) == 5.5

"""What the page on formats shows is what ingest reads, takes and answers."""

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from services.ingest.agent.posting import MOST_EVENTS, RefusedEvent
from services.ingest.api import LARGEST_BODY
from services.ingest.domain.admission import LARGEST_EVENT, Gate, Refused, admit
from services.ingest.domain.naming import recognise
from services.ingest.domain.positional import Positional
from services.ingest.domain.source import Context, Tabular
from services.ingest.domain.sources import catalogue, relations, staff
from shared.kernel.trading_day import china
from tests.kit.cfmmc import KINDS as TRADING

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "formats.md").read_text(encoding="utf-8")
PAGES = "\n".join([PAGE, *(p.read_text(encoding="utf-8") for p in DOCS.glob("ingest/*.md"))])
OPERATIONS = (DOCS / "operations.md").read_text(encoding="utf-8")
SAMPLES = re.findall(r"^```text (\S+)\n(.*?)^```$", PAGES, re.MULTILINE | re.DOTALL)
POSTED = re.findall(r"-d '(\[.*?\])'", PAGE, re.DOTALL)
ANSWERS = re.findall(r"^```json answer\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
GATE = Gate("demo", china(), ticks=False)
OPTIONAL = {
    "relations": relations.OPTIONAL,
    "staff": staff.OPTIONAL,
    "baselines": frozenset(
        {
            "last_trade_on",
            "last_position_on",
            "risk_level",
            "risk_level_until",
            "certificate_until",
            "birthday",
            "occupation",
            "income_source",
        }
    ),
    "agreements": frozenset({"starts_on", "note"}),
}
KIB = 1024


def section(kind: str) -> str:
    return PAGES.partition(f"\n### {kind} ")[2].partition("\n## ")[0].partition("\n### ")[0]


def read(name: str, content: str) -> tuple[int, list[str]]:
    """Return how many lines of a sample are good, and what is wrong with the others."""
    named = recognise(name, china())
    encoding = "gb18030" if isinstance(named.source, Positional) else "utf-8"
    reading = named.source.parse(content.encode(encoding), Context(china(), named.day))
    return len(reading.good), [bad.reason for bad in reading.bad]


@pytest.mark.parametrize(("name", "content"), SAMPLES, ids=[name for name, _ in SAMPLES])
def test_a_sample_file_is_read_without_a_bad_line(name: str, content: str) -> None:
    good, bad = read(name, content)
    assert (good > 0, bad) == (True, [])


def test_every_kind_of_file_has_a_sample() -> None:
    assert {recognise(name, china()).source.name for name, _ in SAMPLES} == set(catalogue())


@pytest.mark.parametrize("kind", OPTIONAL)
def test_a_directory_file_s_columns_are_all_described(kind: str) -> None:
    source = catalogue()[kind]
    assert isinstance(source, Tabular)
    rows = re.findall(r"^\| `(\w+)` \| (是 yes)?", section(kind), re.MULTILINE)
    assert {name for name, required in rows if required} == source.required
    assert {name for name, required in rows if not required} == OPTIONAL[kind]


CLIENTS = ("customer", "cuscode", "cusaccount")


@pytest.mark.parametrize("kind", ["fundchg", "cusfund", *CLIENTS, *TRADING])
def test_a_cfmmc_file_s_columns_are_listed_in_their_order(kind: str) -> None:
    source = catalogue()[kind]
    assert isinstance(source, Positional)
    (line,) = re.findall(r"^列的次序.*$", section(kind), re.MULTILINE)
    assert tuple(re.findall(r"`(\w+)`", line)) == source.columns[-1].names
    assert f"at least the first {source.columns[-1].at_least}." in line


def test_the_posted_example_is_admitted() -> None:
    (batch,) = POSTED
    (event,) = (admit(json.dumps(one).encode(), GATE) for one in json.loads(batch))
    assert event.type == "funds.withdrawn"


def test_the_answers_have_the_shape_of_the_real_ones() -> None:
    accepted, refused = (json.loads(answer) for answer in ANSWERS)
    assert set(accepted) == set(refused) == {"accepted", "duplicates", "refused"}
    assert set(refused["refused"][0]) == {field.name for field in fields(RefusedEvent)}


def test_the_refusal_shown_is_the_one_that_is_given() -> None:
    (batch,) = POSTED
    event = json.loads(batch)[0]
    event["data"]["amount"] = 5.5
    with pytest.raises(Refused) as refusal:
        admit(json.dumps(event).encode(), GATE)
    told = json.loads(ANSWERS[1])["refused"][0]
    assert (refusal.value.place, refusal.value.reason) == (told["place"], told["reason"])


def test_the_limits_are_those_of_the_code() -> None:
    limits = (
        f"最多 {MOST_EVENTS} 条、{LARGEST_BODY // KIB // KIB} MiB、每条 {LARGEST_EVENT // KIB} KiB"
    )
    assert limits in PAGE


def test_the_end_of_the_calendar_is_said() -> None:
    assert f"这一版到 {china().last}" in OPERATIONS


def test_a_planted_bad_sample_is_found() -> None:
    name, content = next((n, c) for n, c in SAMPLES if "fundchg" in n)
    assert read(name, content.replace("-5000000.00", "-5000000.0001"))[1] != []

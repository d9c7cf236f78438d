"""The page on CTP says what every fate of a record means."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TAKING = {"taken", "late", "duplicate", "refused"}


def test_every_fate_of_a_counters_record_is_described() -> None:
    sources = (ROOT / "services/ingest/domain/ctp").glob("*.py")
    unused = {w for f in sources for w in re.findall(r'Unused\("([\w-]+)"\)', f.read_text("utf-8"))}
    page = (ROOT / "docs/ingest/ctp.md").read_text("utf-8")
    section = page.partition("| `became` |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `([\w-]+)` \|", section, re.MULTILINE)) == unused | TAKING

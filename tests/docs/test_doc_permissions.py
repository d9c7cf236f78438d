"""The table of the page is the table of the code."""

from pathlib import Path

from shared.web.permissions import OFFICES, Sight

PAGE = Path(__file__).parents[2] / "docs" / "security" / "permissions.md"
SHOWN = {Sight.MASKED: "掩码 masked", Sight.NOTHING: "不显示 none"}


def told(page: str) -> list[str]:
    """Return the lines of the page's first table."""
    rows = page.partition("## 表 The table")[2].partition("## ")[0].splitlines()
    return [row for row in rows if row.startswith("| `")]


def test_the_pages_table_is_the_codes() -> None:
    assert told(PAGE.read_text(encoding="utf-8")) == [
        f"| `{role}` | {office.reach} | {' '.join(sorted(office.may))} | {SHOWN[office.sight]} |"
        for role, office in OFFICES.items()
    ]

"""The calendar files in the documentation are calendar files."""

import re
from datetime import date
from pathlib import Path

import pytest

from shared.calendars import calendar_at

PAGE = (Path(__file__).parents[2] / "docs" / "operations" / "calendar.md").read_text("utf-8")
FILES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", FILES)
def test_an_example_is_usable(text: str, tmp_path: Path) -> None:
    file = tmp_path / "calendar.yaml"
    file.write_text(text, encoding="utf-8")
    calendar = calendar_at(file)
    version = re.search(r'version: "(.*)"', text)
    assert version is not None
    assert f"+{version[1]}." in calendar.version
    assert calendar.on_or_after(date(2026, 12, 31)) == date(2026, 12, 31)


def test_there_are_examples_of_a_year_and_of_a_product() -> None:
    assert ["coverage:" in text for text in FILES] == [True, False]

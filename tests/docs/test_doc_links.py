"""Every relative link and picture in the documents leads somewhere, and so does its anchor."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)|<img [^>]*src=\"([^\"]+)\"")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def prose(text: str) -> str:
    """Return a page without its code."""
    return re.sub(r"`[^`\n]+`", "`", FENCE.sub("", text))


def anchors(text: str) -> set[str]:
    """Return what the headings can be linked by: lower case, no punctuation, spaces as hyphens."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.strip().lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


def broken(page: Path, text: str) -> list[str]:
    """Return the links of a page that lead nowhere."""
    found = []
    for link, picture in LINK.findall(prose(text)):
        path, _, anchor = (link or picture).partition("#")
        if "://" in path:
            continue
        target = (page.parent / path).resolve() if path else page
        own = text if target == page else ""
        if not target.exists() or not target.is_relative_to(ROOT):
            found.append(path)
        elif anchor and anchor not in anchors(own or target.read_text(encoding="utf-8")):
            found.append(f"{path}#{anchor}")
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken(page, page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_names_nothing_of_a_machine(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"/(?:home|root|tmp|work|Users)/", text) == []


@pytest.mark.parametrize(
    ("planted", "names"),
    [
        ("[x](nowhere.md)", ["nowhere.md"]),
        ("![x](docs/images/none.png)", ["docs/images/none.png"]),
        ('<img src="none.png" width="3">', ["none.png"]),
        ("[x](CONTRIBUTING.md#no-such-heading)", ["CONTRIBUTING.md#no-such-heading"]),
        ("[x](#gone)", ["#gone"]),
        ("[x](../outside.md)", ["../outside.md"]),
        ("## 它 It\n[x](#它-it) [y](https://example.com/z) `[z](none)`", []),
    ],
)
def test_a_planted_broken_link_is_found(planted: str, names: list[str]) -> None:
    assert broken(ROOT / "README.md", planted) == names

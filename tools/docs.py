"""``python -m tools.docs``: write ``docs/generated`` from the code; ``--check``: compare.

``docs/performance.md`` is written too, from the results that ``bench`` has published.

The same code gives the same bytes on any machine; a page that nothing writes any more is removed.
"""

import sys
from pathlib import Path

from bench import report
from tools.pages import PAGES

TARGET = Path(__file__).parents[1] / "docs" / "generated"
NOTICE = "<!-- 由 `make docs` 从代码生成，勿手改 · written by `make docs` from the code -->"


def generated(target: Path = TARGET) -> dict[Path, str]:
    """Return every page's content."""
    pages = {target / f"{page.__name__}.md": (NOTICE, *page()) for page in PAGES}
    measured = {target.parent / report.PAGE.name: report.page(report.published())}
    return {path: "\n\n".join(parts) + "\n" for path, parts in pages.items()} | measured


def differences(files: dict[Path, str], target: Path = TARGET) -> list[str]:
    """Return one line per page that is not as generated, or that nothing generates."""
    stale = sorted(set(target.glob("*")) - set(files))
    return [
        f"{path.name}: differs: make docs"
        for path, content in files.items()
        if not path.exists() or path.read_text(encoding="utf-8") != content
    ] + [f"{path.name}: nothing writes it" for path in stale]


def main(arguments: list[str]) -> int:
    """Write, or with ``--check`` compare and return 1 on a difference."""
    files = generated()
    found = differences(files)
    for line in found:
        print(line)  # noqa: T201 a command's output
    if "--check" in arguments:
        return 1 if found else 0
    TARGET.mkdir(parents=True, exist_ok=True)
    for path in set(TARGET.glob("*")) - set(files):
        path.unlink()
    for path, content in files.items():
        path.write_text(content, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

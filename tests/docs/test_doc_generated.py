"""The generated pages are what the code says now."""

import inspect
import re
from pathlib import Path

from shared.contracts.topics import TOPICS
from shared.observability import metrics
from tools.docs import TARGET, differences, generated


def written(target: Path) -> Path:
    for path, content in generated(target).items():
        path.write_text(content, encoding="utf-8")
    return target


def test_the_generated_pages_are_current() -> None:
    assert differences(generated(), TARGET) == []


def test_two_runs_give_the_same_bytes() -> None:
    assert generated() == generated()


def test_every_topic_and_metric_has_a_line() -> None:
    pages = {path.stem: content for path, content in generated().items()}
    assert [topic.name for topic in TOPICS if f"| `{topic.name}` |" not in pages["topics"]] == []
    named = re.findall(r'\(\s*"([a-z_]+)",\s*"[A-Z]', inspect.getsource(metrics))
    assert len(named) > len(TOPICS)
    assert [name for name in named if f"| `{name}` |" not in pages["metrics"]] == []


def test_a_planted_change_is_found(tmp_path: Path) -> None:
    target = written(tmp_path)
    assert differences(generated(target), target) == []
    page = target / "rules.md"
    page.write_text(page.read_text(encoding="utf-8").replace("5000000", "5000001"))
    assert differences(generated(target), target) == ["rules.md: differs: make docs"]


def test_a_planted_missing_or_stale_page_is_found(tmp_path: Path) -> None:
    target = written(tmp_path)
    (target / "topics.md").rename(target / "subjects.md")
    assert differences(generated(target), target) == [
        "topics.md: differs: make docs",
        "subjects.md: nothing writes it",
    ]

"""The migrations of a service are one chain: each number once, each after the one before it."""

import re
from pathlib import Path

import pytest

from shared.db.migrate import newest

ROOT = Path(__file__).parents[2]
SERVICES = sorted(folder.parents[1].name for folder in ROOT.glob("services/*/migrations/versions"))
SAID = re.compile(r'^(?:down_)?revision = (?:"(\d{4})"|None)$', re.MULTILINE)


def test_services_have_migrations() -> None:
    assert {"ingest", "notify"} <= set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_the_numbers_follow_each_other(service: str) -> None:
    files = sorted((ROOT / "services" / service / "migrations" / "versions").glob("0*.py"))
    numbers = [f"{n:04d}" for n in range(1, len(files) + 1)]
    assert [path.name[:4] for path in files] == numbers
    said = [tuple(SAID.findall(path.read_text(encoding="utf-8"))) for path in files]
    assert said == [(mine, before) for mine, before in zip(numbers, ["", *numbers], strict=False)]
    assert newest(service) == numbers[-1]

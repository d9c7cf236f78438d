"""``guanchao calendar``: what an operator sees, and by which exit code a script knows."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deploy.calendar_commands import VARIABLES, app
from shared.kernel.trading_day import china

HEAD = "version: x\nsource: s\nverified_on: 2026-11-22\n"
YEAR = (
    "coverage: {first: 2027-01-01, last: 2027-12-31}\n"
    "closed: [2027-01-01, 2027-02-05..2027-02-12, 2027-04-05, 2027-05-03, 2027-10-01..2027-10-07]\n"
)


@pytest.fixture(autouse=True)
def nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "calendar.yaml"
    path.write_text(HEAD + YEAR)
    return path


def ran(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_far_from_its_end_all_is_well() -> None:
    done = ran("check", "--today", "2026-06-01")
    assert done.exit_code == 0
    assert not done.stderr
    for said in (
        china().version,
        "left 146",
        "2026-06-19（五）",
        "2026-09-24、2026-09-30",
        "88 个品种",
    ):
        assert said in done.stdout


def test_near_its_end_it_warns_with_the_remedy() -> None:
    done = ran("check", "--today", "2026-11-22")
    assert done.exit_code == 1
    assert "! 只剩 29 个交易日，到 2026-12-31 为止" in done.stderr
    assert "docs/operations/calendar.md" in done.stderr


def test_with_the_next_year_entered_it_is_well_again(file: Path) -> None:
    done = ran("check", f"{file}", "--today", "2026-11-22")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "… 2027-12-31" in done.stdout
    assert f"{china().version}+x." in done.stdout
    assert "2027-01-01（五），2026-12-31 之后" in done.stdout


def test_an_unusual_year_and_stale_hours_are_warned_of(file: Path) -> None:
    file.write_text(HEAD + YEAR.replace("2027-02-05..2027-02-12, ", "2027-05-10..2027-08-10, "))
    assert "! 2027 有 1" in ran("check", f"{file}", "--today", "2026-11-22").stderr
    stale = ran("check", f"{file}", "--today", "2028-06-01").stderr
    assert "没核对" in stale
    assert "au" in stale


def test_a_wrong_file_is_refused_with_its_place(file: Path) -> None:
    file.write_text(f"{HEAD}open: [2026-12-05]\n")
    done = ran("check", f"{file}")
    assert done.exit_code == 2
    assert "open[0]: 2026-12-05 is a Saturday" in done.stderr


def test_the_file_that_the_services_use_is_checked(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, f"{file}")
    assert "+x." in ran("check", "--today", "2026-11-22").stdout
    monkeypatch.delenv("MOT_CALENDAR")
    done = ran("check", "--today", "2026-11-22")
    assert done.exit_code == 1
    assert f"MOT_CALENDAR={china().version}," in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["2026-10-08"],
            ["交易日 a trading day", "2026-09-30", "its night 没有 none", "2026-10-09"],
        ),
        (["2026-06-01", "--product", "au2608"], ["2026-05-29 晚", "SHFE.au", "05-29 21:00–02:30"]),
        (["2026-10-10"], ["不是交易日 no trading day"]),
        (["2026-12-31"], ["after 不知道 unknown"]),
    ],
)
def test_a_day_is_shown(arguments: list[str], says: list[str]) -> None:
    done = ran("show", *arguments)
    assert done.exit_code == 0
    assert [said for said in says if said not in done.stdout] == []


@pytest.mark.parametrize("arguments", [["2027-01-04"], ["2026-06-01", "--product", "zz"]])
def test_what_is_not_known_is_refused(arguments: list[str], file: Path) -> None:
    assert ran("show", *arguments).exit_code == 2
    assert ran("show", "2027-01-04", "--calendar", f"{file}").exit_code == 0

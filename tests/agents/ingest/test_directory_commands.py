"""``guanchao directory check``: a file read row by row, nothing written, nobody named."""

from pathlib import Path

import pytest
import xlsxwriter
from typer.testing import CliRunner, Result

from services.ingest.commands.directory import app
from tests.kit.registry import BANKS, CARD, CODES, CUSTOMERS, cusaccount, cuscode, customer

STAFF = "staff_id,name,role,mobile\nm001,王大明,manager,13812345678\n"


def check(path: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["check", str(path), *options])


def written(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def test_a_good_file_is_said_to_be_good(tmp_path: Path) -> None:
    done = check(written(tmp_path, "staff.csv", STAFF))
    assert (done.exit_code, done.stdout) == (0, "✓ staff: 好 good 1，坏 bad 0\n")


def test_every_row_is_listed_in_its_place_and_nobody_named(tmp_path: Path) -> None:
    text = f"{STAFF}m002,李,risk,12345\nm003,赵,manager,\n"
    done = check(written(tmp_path, "staff.csv", text), "--rows")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "✓ 第 2 行 line 2: m001",
        "✗ 第 3 行 line 3: mobile: not a mobile number of 11 digits",
        "✓ 第 4 行 line 4: m003",
        "✗ staff: 好 good 2，坏 bad 1",
    ]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        (CUSTOMERS, customer("80012345")),
        (CODES, cuscode("80012345")),
        (BANKS, cusaccount("80012345")),
    ],
)
def test_the_files_about_clients_are_checked_as_well(tmp_path: Path, name: str, line: str) -> None:
    text = f"{line}\nrubbish\n"
    done = check(written(tmp_path, name, text, "gb18030"), "--rows")
    assert done.exit_code == 1
    assert done.stdout.startswith("✓ 第 1 行 line 1: ***345\n✗ 第 2 行 line 2: line: 1 columns")
    for clear in ("张小明", CARD, "80012345"):
        assert clear not in done.stdout


def test_a_workbook_is_checked_under_another_name(tmp_path: Path) -> None:
    path = tmp_path / "人员 2026.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(STAFF.splitlines()):
            sheet.write_row(number, 0, line.split(","))
    assert check(path).exit_code == 2
    assert check(path, "--as", "staff.xlsx").exit_code == 0


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("notes.csv", "", "the name is none of"),
        ("staff.csv", "staff_id\n", "the header lacks name, role"),
        ("0137fundchg20260601.txt", "", "fundchg is no directory file"),
    ],
)
def test_what_cannot_be_read_at_all_says_why(
    tmp_path: Path, name: str, text: str, says: str
) -> None:
    done = check(written(tmp_path, name, text))
    assert (done.exit_code, says in done.stderr) == (2, True)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    done = check(tmp_path / "staff.csv")
    assert (done.exit_code, "No such file" in done.stderr) == (2, True)

"""重收: a bad line goes back with its file, a refused file as it is; never an older edition."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.ingest.domain.naming import Named
from services.ingest.domain.redrives import Fate
from services.ingest.domain.rows import Reading
from services.ingest.domain.source import Context
from shared.kernel.trading_day import TradingDay, china
from shared.streams.deadletters import Letter
from tests.kit.ingest import CIPHER, cusfund, file, fundchg
from tests.kit.letters import Desks
from tests.kit.statements import Says

FUNDS = "0137fundchg20260601.txt"
BAD = fundchg("2", "-7").replace("-7", "-x7")
STATEMENT = "80012345_20260601.txt"
STAFF = "staff_id,name,role,branch_id,leader_id,wecom_userid,mobile,email,duty_hours\n"


@pytest.fixture
def desks(tmp_path: Path) -> Desks:
    return Desks(tmp_path / "drop")


async def dropped(desks: Desks, name: str, data: bytes) -> None:
    desks.write(name, data)
    assert await desks.sweep() == 1


def amounts(desks: Desks) -> list[tuple[str, str]]:
    return [(e["type"], e["data"]["amount"]) for e in desks.books.now.told()]


def clear(letter: Letter) -> str:
    """Return what whoever reads the topic can read of a letter but its value."""
    return repr((letter.key, letter.headers))


async def test_a_corrected_line_is_taken_with_its_file(desks: Desks) -> None:
    await dropped(desks, FUNDS, file(fundchg("1", "-5"), BAD, fundchg("3", "9")))
    (letter,) = desks.letters()
    assert (letter.headers["origin-line"], amounts(desks)) == (
        "2",
        [("funds.withdrawn", "5"), ("funds.deposited", "9")],
    )
    fate, detail = await desks.redrive(letter, edited=fundchg("2", "-7").encode())
    assert (fate, detail) == (
        Fate.REDRIVEN,
        f"row: {FUNDS} dropped again, to be taken as its next edition",
    )
    assert await desks.sweep() == 1
    assert amounts(desks)[2:] == [("funds.withdrawn", "7")]
    assert [record.version for record in desks.books.now.files] == [1, 2]
    assert desks.books.now.files[-1].bad == 0
    assert (await desks.redrive(letter))[0] is Fate.ALREADY


async def test_a_line_that_is_still_bad_is_refused_and_nothing_is_dropped(desks: Desks) -> None:
    await dropped(desks, FUNDS, file(fundchg("1", "-5"), BAD))
    (letter,) = desks.letters()
    for edited in (None, fundchg("2", "7e3").encode()):
        fate, detail = await desks.redrive(letter, edited=edited)
        assert fate is Fate.REFUSED
        assert detail.startswith("still refused: amount: not an amount")
    for edited, says in ((b"a\nb", "one line"), (b"", "one line"), (b"\xff", "UTF-8")):
        fate, detail = await desks.redrive(letter, edited=edited)
        assert (fate, says in detail) == (Fate.REFUSED, True)
    assert desks.drop.waiting() == 0


async def test_lines_that_can_be_read_now_go_back_with_one_file(desks: Desks) -> None:
    """A release that knows more: an empty line more makes the same lines another edition."""
    rows = [fundchg("1", "-5"), BAD, fundchg("3", "-x9")]
    await dropped(desks, FUNDS, file(*rows))
    letters, strict = desks.letters(), desks.refiling.parse

    def lenient(named: Named, data: bytes, context: Context) -> Reading[Any]:
        return strict(named, data.replace(b"-x", b"-"), context)

    desks.refiling.parse = lenient
    outcomes = [await desks.redrive(letter) for letter in letters]
    assert outcomes == [
        (Fate.REDRIVEN, f"row: {FUNDS} dropped again, to be taken as its next edition"),
        (Fate.REDRIVEN, f"row: {FUNDS} with its other lines"),
    ]
    assert (desks.folder / FUNDS).read_bytes() == file(*rows) + b"\n"


async def test_an_older_edition_never_comes_back(desks: Desks) -> None:
    await dropped(desks, FUNDS, file(fundchg("1", "-5"), BAD))
    (letter,) = desks.letters()
    await dropped(desks, FUNDS, file(fundchg("1", "-5"), fundchg("4", "-8")))
    fate, detail = await desks.redrive(letter, edited=fundchg("2", "-7").encode())
    assert (fate, "it was replaced" in detail) == (Fate.REFUSED, True)
    await dropped(desks, FUNDS, file(fundchg("1", "-5")))
    assert "it was replaced" in (await desks.redrive(letter))[1]


async def test_a_file_that_waits_is_taken_first(desks: Desks) -> None:
    await dropped(desks, FUNDS, file(fundchg("1", "-5"), BAD))
    desks.write(FUNDS, file(fundchg("1", "-6")))
    fate, detail = await desks.redrive(desks.letters()[0], edited=fundchg("2", "-7").encode())
    assert (fate, "waits in the drop folder" in detail) == (Fate.REFUSED, True)
    assert (desks.folder / FUNDS).read_bytes() == file(fundchg("1", "-6"))


async def test_a_file_that_is_not_kept_is_corrected_by_hand(desks: Desks) -> None:
    await dropped(desks, FUNDS, file(fundchg("1", "-5"), BAD))
    for kept in (desks.folder / "done").iterdir():
        kept.unlink()
    fate, detail = await desks.redrive(desks.letters()[0], edited=fundchg("2", "-7").encode())
    assert (fate, "not in done/" in detail) == (Fate.REFUSED, True)


async def test_a_sealed_line_is_opened_corrected_and_sealed_no_more_in_clear(desks: Desks) -> None:
    rows = f"{STAFF}s1,李四,manager,b1,,w1,138,,\ns2,王五,manager,b1,,w2,13900000000,,\n"
    await dropped(desks, "staff.csv", rows.encode("gb18030"))
    (letter,) = desks.letters()
    assert "李四" not in letter.value.decode()
    edited = "s1,李四,manager,b1,,w1,13800000000,,"
    assert (await desks.redrive(letter, edited=edited.encode()))[0] is Fate.REDRIVEN
    assert (desks.folder / "staff.csv").read_bytes() == rows.replace(
        "138,,", "13800000000,,"
    ).encode("gb18030")
    assert await desks.sweep() == 1
    told = desks.books.now.told("staff.changed")
    assert sorted(event["subject"] for event in told) == ["s1", "s2"]
    assert all("李四" not in line.detail for line in desks.lines)


async def test_a_refused_file_is_dropped_again(desks: Desks) -> None:
    """The same file is refused again as long as it is wrong, and taken once it is right."""
    name = "0137cusfund20260601.txt"
    await dropped(desks, name, file("80000001@1"))
    row, whole = desks.letters()
    assert whole.headers["origin-sha256"]
    fate, detail = await desks.redrive(whole)
    assert (fate, detail.startswith("no row can be read: line 1")) == (Fate.REFUSED, True)
    assert "not in done/" in (await desks.redrive(row))[1]
    assert (await desks.redrive(whole, edited=file(cusfund("1", "5"))))[0] is Fate.REDRIVEN
    assert await desks.sweep() == 1
    assert desks.books.now.told("account.settled")


async def test_a_file_whose_day_is_known_now_is_dropped_as_it_was(desks: Desks) -> None:
    name = "0137cusfund20260606.txt"
    data = file(cusfund("1", "5", day=date(2026, 6, 6)))
    await dropped(desks, name, data)
    (letter,) = desks.letters()
    assert "not a trading day" in (await desks.redrive(letter))[1]
    days = tuple(sorted({*china().days, TradingDay(date(2026, 6, 6))}))
    desks.restart(replace(china(), days=days))
    assert (await desks.redrive(letter, dry=True))[0] is Fate.PLANNED
    assert desks.drop.waiting() == 0
    assert (await desks.redrive(letter))[0] is Fate.REDRIVEN
    assert (desks.folder / name).read_bytes() == data


async def test_a_workbook_is_corrected_by_hand(desks: Desks) -> None:
    await dropped(desks, FUNDS, file(fundchg("1", "-5"), BAD))
    (letter,) = desks.letters()
    sheet = replace(letter, headers={**letter.headers, "origin-file": "staff.xlsx"})
    fate, detail = await desks.redrive(sheet)
    assert (fate, detail.startswith("correct the workbook")) == (Fate.REFUSED, True)


async def test_no_letter_of_a_statement_says_whose_it_is_and_a_line_goes_back(
    desks: Desks,
) -> None:
    """A statement is named for its account: the letter masks it, the digest finds the file."""
    right = Says(account="80099999").moved("-300.00").data()
    spoilt = right.replace(b"300.00", b"3x0.00", 1)
    await dropped(desks, STATEMENT, Says().data() + b"\r\n" + spoilt)
    letter = desks.letters()[0]
    assert (letter.headers["origin-file"], letter.headers["origin-kind"]) == (
        "***345_20260601.txt",
        "statement",
    )
    assert all("80012345" not in clear(one) for one in desks.letters())
    line = CIPHER.open(letter.value.decode(), letter.headers["sealed"])
    edited = line.replace("3x0.00", "300.00").encode()
    fate, detail = await desks.redrive(letter, edited=edited)
    assert (fate, detail.startswith("row: ***345_20260601.txt")) == (Fate.REDRIVEN, True)
    assert (desks.folder / STATEMENT).read_bytes() == Says().data() + b"\r\n" + right


async def test_a_refused_statement_is_found_by_its_digest_or_named_by_its_kind(
    desks: Desks,
) -> None:
    await dropped(desks, STATEMENT, b"no statement")
    (whole,) = desks.letters()
    assert "80012345" not in clear(whole) + whole.value.decode()
    fate, detail = await desks.redrive(whole, edited=Says().data())
    assert (fate, "80012345" in detail) == (Fate.REDRIVEN, False)
    assert (desks.folder / STATEMENT).read_bytes() == Says().data()
    for kept in (desks.folder / "refused").iterdir():
        kept.unlink()
    _, detail = await desks.redrive(whole, again=True)
    assert detail.startswith("the statement is not in done/ or refused/")


async def test_a_letter_of_before_that_names_its_file_in_clear_still_goes_back(
    desks: Desks,
) -> None:
    await dropped(desks, STATEMENT, b"no statement")
    (whole,) = desks.letters()
    told = {k: v for k, v in whole.headers.items() if k != "origin-kind"}
    old = replace(whole, headers={**told, "origin-file": STATEMENT}, value=STATEMENT.encode())
    assert (await desks.redrive(old, edited=Says().data()))[0] is Fate.REDRIVEN
    assert (desks.folder / STATEMENT).read_bytes() == Says().data()

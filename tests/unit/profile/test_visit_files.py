"""Sheets of visits and of clients: what is read, and every way to be wrong, with its place."""

from datetime import datetime

import pytest

from services.profile.domain.visit_files import Fault, Line, Made, Sheet, clients, visits
from shared.kernel.trading_day import CHINA

NOW = datetime(2026, 6, 2, 9, 0, tzinfo=CHINA)
HEAD = "客户号,回访时间,方式,结果,原因"
GOOD = "c1,2026-06-01 10:30,电话,失败,无人接听"


def lines(text: str) -> list[Line]:
    return [Line(n, row.split(",")) for n, row in enumerate(text.splitlines(), 1)]


def read(*rows: str) -> Sheet:
    return visits(lines("\n".join(rows)), NOW)


def test_visits_are_read_in_either_language_the_first_first() -> None:
    later = Made(
        3, "c1", visited_at=datetime(2026, 6, 1, 10, 30, tzinfo=CHINA), method="phone",
        result="failed", reason="无人接听",
    )  # fmt: skip
    found = read(HEAD, "c2,2026/05/29,sms,succeeded,", GOOD)
    assert found.faults == []
    assert [row.row for row in found.rows] == [2, 3]
    assert read(HEAD, "", GOOD).rows == [later], "an empty row is none"
    english = read("account,visited_at,method,result", "80000001,2026-05-29T10:00+08:00,app,成功")
    assert english.faults == []
    assert [row.account for row in english.rows] == ["80000001"]


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ([HEAD], (1, "")),
        ([], (1, "visited_at")),
        (["客户号,时间,方式,结果,原因", GOOD], (1, "2")),
        (["回访时间,方式,结果", "2026-06-01,电话,成功"], (1, "customer_id")),
        (["客户号,客户号,回访时间,方式,结果", "c1,c1,2026-06-01,电话,成功"], (1, "customer_id")),
        ([HEAD, "c1,2026-06-31 10:30,电话,成功,"], (2, "visited_at")),
        ([HEAD, "c1,2026-06-03,电话,成功,"], (2, "visited_at")),
        ([HEAD, "c1,1026-06-01,电话,成功,"], (2, "visited_at")),
        ([HEAD, "c1,,电话,成功,"], (2, "visited_at")),
        ([HEAD, "c1,2026-06-01,写信,成功,"], (2, "method")),
        ([HEAD, "c1,2026-06-01,电话,好,"], (2, "result")),
        ([HEAD, "c1,2026-06-01,电话,失败,"], (2, "reason")),
        ([HEAD, f"c1,2026-06-01,电话,失败,{'长' * 201}"], (2, "reason")),
        ([HEAD, "c1,2026-06-01,电话,失败,=1+1"], (2, "reason")),
        ([HEAD, "@c1,2026-06-01,电话,成功,"], (2, "customer_id")),
        ([HEAD, "张三,2026-06-01,电话,成功,"], (2, "customer_id")),
        ([HEAD, ",2026-06-01,电话,成功,"], (2, "customer_id")),
        ([HEAD, GOOD, "c1,2026-06-01,电话,成功,,更多"], (3, "")),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_taken(
    rows: list[str], place: tuple[int, str]
) -> None:
    found = read(*rows)
    assert list(found.rows) == []
    assert place in [(fault.row, fault.column) for fault in found.faults]
    assert "张三" not in str(found.faults), "a cell is never repeated"


def test_a_list_of_clients_needs_one_column() -> None:
    assert [row.customer_id for row in clients(lines("客户号\nc1\nc2"), NOW).rows] == ["c1", "c2"]
    assert clients(lines("资金账号\n80000001"), NOW).faults == []
    assert clients(lines("资金账号,备注\n80000001,x"), NOW).faults == [
        Fault(1, "2", "没有这一列 · no such column")
    ]

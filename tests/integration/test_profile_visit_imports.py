"""Files of visits and of clients: each row once, all of a file or nothing, and why."""

import io
from typing import Any

import pytest
import xlsxwriter

from services.profile.adapters.visit_sheets import BOOK
from tests.integration.test_profile_access import WHO, Counter, counter
from tests.integration.test_profile_visits import stood, tasks
from tests.kit.issuer import NOW

__all__ = ["counter"]
pytestmark = pytest.mark.integration
HEAD = ["客户号", "回访时间", "方式", "结果", "原因"]
AT = f"{NOW:%Y-%m-%d} 00:30"


def workbook(*rows: list[Any]) -> bytes:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate(rows):
            for m, cell in enumerate(row):
                sheet.write(n, m, cell)
    return held.getvalue()


async def bring(counter: Counter, kind: str, who: str, data: Any, media: str = BOOK) -> Any:
    headers = {"Content-Type": media}
    path = f"/v1/visit-imports/{kind}"
    return await counter.ask(path, WHO[who](counter), "POST", content=data, headers=headers)


async def test_visits_made_elsewhere_are_written_once(counter: Counter) -> None:
    await stood(counter)
    good = workbook(HEAD, ["c-own", AT, "电话", "失败", "无人接听"], ["c-team", AT, "现场", "成功"])
    looked = await bring(counter, "records?check=true", "branch-head", good)
    assert (looked.status_code, looked.json()["written"], looked.json()["new"]) == (200, False, 2)
    assert set(await tasks(counter, "risk", "?status=open")) >= {"c-own", "c-team"}
    for new, held in ((2, 0), (0, 2)):
        answer = await bring(counter, "records", "branch-head", good)
        assert (answer.status_code, answer.json()["new"], answer.json()["held"]) == (200, new, held)
    found = await tasks(counter, "risk")
    assert (found["c-own"]["status"], found["c-team"]["status"]) == ("failed", "succeeded")
    seen = await counter.ask(f"/v1/visits/{found['c-own']['visit']}", counter.token("m1"))
    assert [(one["place"], one["recorded_by"]) for one in seen.json()["records"]] == [(1, "h1")]
    entries = (await counter.ask("/v1/audit?actor=h1", counter.token("a1"))).json()["entries"]
    assert [(one["action"], one["subject"]) for one in entries[::-1]] == [
        ("visit-records.checked", "rows=2"),
        ("visit-records.imported", "rows=2 new=2"),
        ("visit-records.imported", "rows=2 new=0"),
    ]


async def test_one_wrong_row_and_nothing_is_written(counter: Counter) -> None:
    await stood(counter)
    good = ["c-own", AT, "电话", "成功", ""]
    for wrong, row, column in (
        (["c-company", AT, "电话", "成功"], 3, "customer_id"),
        (["c-nobody", AT, "电话", "成功"], 3, "customer_id"),
        (good, 3, "visited_at"),
        (["c-team", "2025-05-01", "电话", "成功"], 3, "visited_at"),
        (["c-team", AT, "电话", "失败", "=1+1"], 3, "reason"),
    ):
        answer = await bring(counter, "records", "branch-head", workbook(HEAD, good, wrong))
        assert answer.status_code == 422, answer.text
        told = answer.json()
        assert (told["written"], told["new"], told["wrong"]) == (False, 0, 1)
        assert [(one["row"], one["column"]) for one in told["faults"]] == [(row, column)]
    assert len(await tasks(counter, "risk", "?status=open")) == 4
    await bring(counter, "records", "risk", workbook(HEAD, good))
    earlier = ["c-own", "2026-01-05", "电话", "失败", "无人接听"]
    answer = await bring(counter, "records", "risk", workbook(HEAD, earlier))
    assert "a later record" in answer.json()["faults"][0]["wrong"]
    for data, media in ((b"x", BOOK), (b"x", "text/plain"), (b"\xff\xff", "text/csv")):
        assert (await bring(counter, "records", "risk", data, media)).status_code == 400
    assert (await bring(counter, "records", "operator", b"", "text/csv")).status_code == 403


async def test_a_list_of_clients_is_a_batch_and_joins_what_is_open(counter: Counter) -> None:
    listed = "资金账号\n80000001\n80000004\n".encode("gb18030")
    first = (await bring(counter, "clients", "operator", listed, "text/csv")).json()
    assert (first["written"], first["new"], first["held"]) == (True, 2, 0)
    again = (await bring(counter, "clients", "operator", listed, "text/csv")).json()
    assert (again["new"], again["held"], again["batch"]) == (0, 2, first["batch"])
    assert set(await tasks(counter, "risk", f"?rule=L001&batch={first['batch']}")) == {
        "c-own",
        "c-company",
    }
    path = f"/v1/visit-batches/{first['batch']}"
    found = (await counter.ask(path, counter.token("r1"))).json()
    assert (found["status"], found["opened"], found["tallies"]["L001"]["met"]) == ("done", 2, 2)
    await stood(counter)
    assert (await tasks(counter, "risk"))["c-own"]["reasons"][:1] == ["A005"]
    assert len(await tasks(counter, "risk")) == 4, "one task a client"
    twice = "客户号,资金账号\nc-own,\n,80000001\n".encode()
    answer = await bring(counter, "clients", "operator", twice, "text/csv")
    assert answer.json()["faults"] == [
        {"row": 3, "column": "customer_id", "wrong": "与第 2 行重复 · as row 2"}
    ]

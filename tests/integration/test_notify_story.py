"""What the ledger tells of an alert afterwards, at the operator's terminal."""

import asyncio
import hashlib
import io
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from csv import DictReader
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from deploy.cli import build
from deploy.embedded.stack import Stores
from services.notify.answering import Answering, Given
from services.notify.domain.answer import Answer, HandedOver, Snoozed
from services.notify.domain.channel import Receipt
from services.notify.domain.outcome import Rejected, Retry, Sent
from services.notify.domain.reasons import in_words
from services.notify.receiving import receive
from shared.kernel.ids import short_code
from shared.kernel.trading_day import CHINA
from tests.kit.alerts import (
    ACCOUNT,
    BROKER,
    MOMENT,
    customer_changed,
    raised,
    staff_changed,
    updated,
)
from tests.kit.notify_ledger import KEYS, MOBILE, Stage, desk, ledger_stage, manager

pytestmark = pytest.mark.integration


@dataclass
class Desk:
    """A ledger, and a terminal before it."""

    stage: Stage
    dsn: str

    async def guanchao(self, *words: str) -> Result:
        told = ("notify", *words, "--postgres", self.dsn)
        return await asyncio.to_thread(lambda: CliRunner().invoke(build("notify"), told))


@pytest.fixture
async def at(stores: Stores, fresh_database: Callable[..., str]) -> AsyncIterator[Desk]:
    dsn = fresh_database("notify")
    async with ledger_stage(stores, dsn) as stage:
        yield Desk(stage, dsn)


async def test_an_alert_is_explained_from_the_first_decision_to_the_last_attempt(at: Desk) -> None:
    stage, which = at.stage, raised().data.alert_id
    await stage.learn(manager(), desk())
    await stage.hear(raised())
    await stage.learn(customer_changed("c1"))
    assert await stage.teller.settle_due()
    for claimed in await stage.queue.claim(10):
        outcome = Rejected("code-isv.MOBILE_NUMBER_ILLEGAL")
        await stage.teller.conclude(
            claimed, Sent("m") if claimed.channel == "wecom_app" else outcome
        )
    await stage.hear(updated(2), raised())
    claimed, *_ = await stage.queue.claim(1)
    await stage.teller.conclude(claimed, Retry("ReadTimeout", unsure=True))

    for asked in (short_code(which), f"{short_code(which)}-1", str(which), which.hex):
        shown = await at.guanchao("explain", asked)
        assert shown.exit_code == 0, shown.output
    said = shown.output
    assert "推迟 defer" in said
    assert "账户的客户关系未知" in said
    assert "wecom_app → m001：收件人是客户的经理 | the client's manager [manager]" in said
    assert "被拒绝 rejected：网关返回 isv.MOBILE_NUMBER_ILLEGAL" in said
    assert "不知是否收下 unsure：等回答超时，可能已到" in said
    assert said.count("\n第 ") == 2
    for secret in (MOBILE, ACCOUNT, "张"):
        assert secret not in said


async def test_what_came_of_it_and_what_was_answered_is_told(
    at: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, which = at.stage, raised().data.alert_id
    await stage.learn(manager(), staff_changed("m002"), customer_changed("c1"))
    await stage.hear(raised())
    for claimed in await stage.queue.claim(10):
        await stage.teller.conclude(claimed, Sent(f"id-{claimed.channel}"))
    ledger: Any = stage.teller.ledger
    late = MOMENT + timedelta(hours=1)
    arrived = Receipt("id-aliyun_sms", True, "receipt-DELIVERED", MOMENT + timedelta(seconds=9))
    assert await receive(ledger, stage.teller, "aliyun_sms", arrived) == "arrived"
    answering = Answering(stage.teller.ledger, stage.teller, stage.clock)
    said_so: tuple[Answer, ...] = (Snoozed(late, "开会"), HandedOver("m002"))
    for once, said in enumerate(said_so):
        assert await answering.take(Given(which, "m001", said, f"{once}", "page")) == "taken"
    shown = (await at.guanchao("explain", str(which))).output
    assert "回执 receipt aliyun_sms → m001：已到手机 arrived" in shown
    monkeypatch.setenv("NOTIFY_FIELD_KEYS", json.dumps(KEYS))
    csv, pdf = tmp_path / "e.csv", tmp_path / "e.pdf"
    asked = ("--csv", str(csv), "--pdf", str(pdf), "--reason", "客户投诉")
    assert (await at.guanchao("evidence", f"{BROKER}:{ACCOUNT}", *asked)).exit_code == 0
    rows = list(DictReader(io.StringIO(csv.read_text("utf-8-sig"))))
    until = f"{late.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
    after = [row for row in rows if row["事项"] in {"回执", "答复"}]
    assert [(row["事项"], row["内容"], row["接收人"], row["理由"]) for row in after] == [
        ("答复", f"snoozed → {until}", "m001", "开会"),
        ("答复", "handed-over → m002", "m001", ""),
        ("回执", "已到手机", "m001", in_words("receipt-DELIVERED")),
    ]


async def test_a_clients_evidence_is_two_files_that_vouch_for_each_other(
    at: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = at.stage
    await stage.learn(manager(), desk(), customer_changed("c1", display_name="=张**"))
    await stage.hear(raised(), updated(2), raised(account="80099999"))
    for _ in range(3):
        for claimed in await stage.queue.claim(10):
            await stage.teller.conclude(claimed, Sent("msg-1"))
    monkeypatch.setenv("NOTIFY_FIELD_KEYS", json.dumps(KEYS))
    csv, pdf = tmp_path / "e.csv", tmp_path / "e.pdf"
    files = ("--csv", str(csv), "--pdf", str(pdf), "--reason", "客户投诉")
    key = f"{BROKER}:{ACCOUNT}"
    shown = await at.guanchao("evidence", key, *files)
    assert shown.exit_code == 0, shown.output
    assert ACCOUNT not in shown.output
    content = csv.read_bytes()
    assert hashlib.sha256(content).hexdigest() in shown.output
    told = list(DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert Counter(row["事项"] for row in told) == {"告警": 2, "决定": 4, "消息": 4, "发送": 4}
    assert {row["提醒编号"] for row in told} == {short_code(raised().data.alert_id)}
    texts = [row["正文"] for row in told if row["事项"] == "消息"]
    assert all("今日累计出金500万元" in text and "sha256 " in text for text in texts)
    assert all("回执号 msg-1" in row["内容"] for row in told if row["事项"] == "消息")
    assert any("规则 large_withdrawal v1" in row["内容"] for row in told)
    for secret in (MOBILE, "sig=", "://"):
        assert secret not in content.decode()
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert b"STSong-Light" in pdf.read_bytes()
    for path in (csv, pdf):
        assert path.stat().st_mode & 0o777 == 0o600
    first = pdf.read_bytes()
    assert (await at.guanchao("evidence", key, *files)).exit_code == 0
    assert (csv.read_bytes(), pdf.read_bytes()) == (content, first)
    late = await at.guanchao("evidence", key, *files, "--from", "9998-01-01")
    assert (late.exit_code, len(csv.read_bytes().splitlines())) == (0, 1)


async def test_all_accounts_of_a_client_are_in_one_evidence_each_with_its_audit(
    at: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, strange = "80054321", "80099999"
    clients = (
        customer_changed("c1", accounts=(ACCOUNT, other)),
        customer_changed("c2", accounts=(strange,)),
    )
    await at.stage.learn(manager(), desk(), *clients)
    await at.stage.hear(raised(), raised(account=other), raised(account=strange))
    monkeypatch.setenv("NOTIFY_FIELD_KEYS", json.dumps(KEYS))
    csv, pdf = tmp_path / "e.csv", tmp_path / "e.pdf"
    files = ("--csv", str(csv), "--pdf", str(pdf), "--reason", "客户投诉")
    shown = await at.guanchao("evidence", f"{BROKER}:{other}", "--all-accounts", *files)
    assert shown.exit_code == 0, shown.output
    told = list(DictReader(io.StringIO(csv.read_text("utf-8-sig"))))
    codes = {short_code(raised(account=a).data.alert_id) for a in (ACCOUNT, other)}
    assert {row["提醒编号"] for row in told} == codes
    for account in (ACCOUNT, other):
        assert any(f"账户 {account}" in row["内容"] for row in told)
        kept = await at.guanchao("audit", "list", "--subject", f"{BROKER}:{account}")
        assert hashlib.sha256(csv.read_bytes()).hexdigest() in kept.output
    assert other not in shown.output


async def test_who_takes_evidence_is_in_the_audit_or_gets_none(
    at: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await at.stage.learn(manager(), desk(), customer_changed("c1"))
    await at.stage.hear(raised())
    monkeypatch.setenv("NOTIFY_FIELD_KEYS", json.dumps(KEYS))
    key, csv, pdf = f"{BROKER}:{ACCOUNT}", tmp_path / "e.csv", tmp_path / "e.pdf"
    asked = ("evidence", key, "--csv", str(csv), "--pdf", str(pdf), "--reason")
    for reason in ("", f"致电{MOBILE}"):
        shown = await at.guanchao(*asked, reason)
        assert (shown.exit_code, csv.exists()) == (2, False)
        assert "--reason" in shown.output
    assert (await at.guanchao(*asked, "客户投诉")).exit_code == 0
    told = await at.guanchao("audit", "list", "--subject", key)
    (line,) = told.output.splitlines()
    for word in ("cli:", "evidence.exported", hashlib.sha256(csv.read_bytes()).hexdigest(), "投诉"):
        assert word in line
    whole = await at.guanchao("audit", "verify")
    assert (whole.exit_code, "2:" in whole.output) == (0, True)
    csv.unlink()
    async with at.stage.database.begin() as connection:
        await connection.execute(text("ALTER TABLE audit RENAME TO gone"))
    shown = await at.guanchao(*asked, "客户投诉")
    assert (shown.exit_code, csv.exists()) == (2, False)


async def test_what_is_not_there_or_cannot_be_asked_is_one_line(at: Desk) -> None:
    for asked, words in (
        ("0" * 8, "账本里没有提醒"),
        ("what", "alert_id"),
        ("7BB8F53", "alert_id"),
    ):
        shown = await at.guanchao("explain", asked)
        assert (shown.exit_code, len(shown.output.splitlines())) == (2, 1)
        assert words in shown.output
    away = Desk(at.stage, "postgresql+asyncpg://u:secret@127.0.0.1:1/d")
    shown = await away.guanchao("explain", "0" * 8)
    assert shown.exit_code == 2
    assert "PostgreSQL" in shown.output
    assert "secret" not in shown.output

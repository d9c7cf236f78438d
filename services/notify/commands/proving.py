"""``guanchao notify evidence``: one client's notifications as files for whoever must see them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.notify.adapters.ledger import BODY
from services.notify.adapters.stories import clients_accounts, of_accounts, story
from services.notify.commands.evidence_pdf import as_pdf
from services.notify.commands.places import Postgres, operator, reading, run, transaction
from services.notify.domain.evidence import Row, as_csv, digest, rows
from shared.clock import WallClock
from shared.console import Refused
from shared.crypto import CannotOpen, FieldCipher
from shared.db.audit import PostgresTrail
from shared.kernel.audit import Entry, objection
from shared.kernel.masking import mask_account
from shared.kernel.trading_day import CHINA

DAY = "%Y-%m-%d"
FIRST, LAST = datetime(1970, 1, 1, tzinfo=CHINA), datetime(9999, 1, 1, tzinfo=CHINA)
Account = Annotated[str, typer.Argument(help="期货公司:资金账号 · broker:account")]
From = Annotated[datetime | None, typer.Option("--from", formats=[DAY], help="从哪天 · from")]
To = Annotated[datetime | None, typer.Option("--to", formats=[DAY], help="到哪天，含 · up to")]
Pdf = Annotated[Path, typer.Option("--pdf", help="写成 PDF · the PDF to write")]
Csv = Annotated[Path, typer.Option("--csv", help="写成 CSV · the CSV to write")]
Whole = Annotated[
    bool,
    typer.Option("--all-accounts", help="这个客户的全部账户 · all accounts of the same client"),
]
Reason = Annotated[str, typer.Option("--reason", help="为什么要，进审计 · why, for the audit")]
Key = tuple[str, Sequence[str]]
"""A broker and accounts of it."""


class Keys(BaseSettings):
    """The variable that notify itself reads."""

    model_config = SettingsConfigDict(env_prefix="NOTIFY_", extra="ignore", frozen=True)

    field_keys: dict[str, SecretStr] = {}


def evidence(  # noqa: PLR0913 each is a flag
    account: Account,
    *,
    pdf: Pdf,
    csv: Csv,
    reason: Reason,
    all_accounts: Whole = False,
    begin: From = None,
    end: To = None,
    postgres: Postgres = None,
) -> None:
    """一个客户的告知证据：内容、规则版本、决定、发送、答复 · what a client's manager was told.

    两个文件内容相同；PDF 每页页脚是 CSV 文件的 SHA-256（sha256sum 核对）。手机号打码，链接不写。
    文件只有你能读。谁、何时、为什么、摘要记进审计（每个账户一条），记不进就不写。退出码：0 写好了，
    2 做不了。

    Both files say the same; each page of the PDF names the SHA-256 of the CSV file. Phone numbers
    are masked, links left out; only you can read the files. Who took them, when, why and the digest
    are in the audit, an entry for each account; what cannot be audited is not written. Exit code:
    0 written, 2 it cannot be.
    """
    broker, accounts = key = run(lambda: _key(account, all_accounts, postgres))
    told = run(lambda: _told(key, begin, end, postgres))
    content = as_csv(told)
    run(lambda: _audit(key, digest(content), reason, postgres))
    whose = f"{broker}:{'、'.join(accounts)}"
    title = f"告知证据 {whose}  {_day(begin) or '最早'} — {_day(end) or '最近'}"
    _write(csv, content)
    _write(pdf, as_pdf(title, told, digest(content)))
    masked = "、".join(map(mask_account, accounts))
    typer.echo(f"✓ {broker}:{masked}  {len(told)} 行 rows  sha256 {digest(content)}")


async def _key(account: str, all_accounts: bool, postgres: str | None) -> Key:
    broker, colon, number = account.partition(":")
    if not (broker and colon and number):
        raise Refused("账户写成 期货公司:资金账号", "an account is broker:account")
    if not all_accounts:
        return broker, (number,)
    async with reading(postgres) as connection:
        return broker, await clients_accounts(connection, broker, number)


async def _told(
    key: Key, begin: datetime | None, end: datetime | None, postgres: str | None
) -> Sequence[Row]:
    opened = partial(_open, _cipher())
    first = begin.replace(tzinfo=CHINA) if begin else FIRST
    after = end.replace(tzinfo=CHINA) + timedelta(days=1) if end else LAST
    async with reading(postgres) as connection:
        ids = await of_accounts(connection, key, first, after)
        return rows([await story(connection, alert_id) for alert_id in ids], opened)


async def _audit(key: Key, content: str, reason: str, postgres: str | None) -> None:
    """Keep who takes which bytes of each account, before there are any files."""
    if wrong := objection(reason):
        raise Refused(f"--reason 不行：4 到 200 个字，不写号码（{wrong}）", f"--reason: {wrong}")
    broker, accounts = key
    at, trace_id = WallClock().now(), uuid4().hex
    async with transaction(postgres) as connection:
        trail = PostgresTrail(connection)
        for account in accounts:
            entry = Entry(
                at=at,
                actor=operator(),
                roles=(),
                action="evidence.exported",
                subject=f"{broker}:{account}",
                trace_id=trace_id,
                fields=(f"sha256:{content}",),
                reason=reason,
            )
            await trail.write(entry)


def _cipher() -> FieldCipher:
    keys = {kid: key.get_secret_value() for kid, key in Keys().field_keys.items()}
    try:
        return FieldCipher(keys)
    except ValueError:
        raise Refused(
            "密钥没有或不对：设 NOTIFY_FIELD_KEYS，与 notify 的一样",
            "which keys? set NOTIFY_FIELD_KEYS as for notify itself",
        ) from None


def _open(cipher: FieldCipher, sealed: str) -> str:
    try:
        return cipher.open(sealed, BODY)
    except CannotOpen:
        raise Refused(
            "正文打不开：NOTIFY_FIELD_KEYS 里少了当时的密钥",
            "a body cannot be opened: its key is not among NOTIFY_FIELD_KEYS",
        ) from None


def _day(moment: datetime | None) -> str:
    return f"{moment:{DAY}}" if moment else ""


def _write(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_bytes(content)

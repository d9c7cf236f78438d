"""``guanchao notify silence add | list | end``."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from services.notify.adapters import muting
from services.notify.commands.places import Postgres, operator, run, transaction
from services.notify.domain.muting import Silence
from shared.clock import WallClock
from shared.console import Refused
from shared.kernel.masking import mask_account
from shared.kernel.trading_day import CHINA

LONGEST = timedelta(days=31)
"""What is quiet for longer is a matter of the rules or the policy."""

app = typer.Typer(no_args_is_help=True, help="静音 · silences")
Broker = Annotated[str, typer.Option("--broker", envvar="INGEST_BROKER", help="期货公司 · broker")]
Account = Annotated[str | None, typer.Option(help="资金账号 · account")]
Rule = Annotated[str | None, typer.Option(help="规则名，见 mot rules list · the rule's name")]
Manager = Annotated[str | None, typer.Option(help="客户经理工号 · the manager's staff id")]
Reason = Annotated[str, typer.Option(help="为什么 · why")]
From = Annotated[
    datetime | None, typer.Option("--from", help="从何时，缺省现在，北京时间 · from when")
]
Until = Annotated[datetime, typer.Option(help="到何时，北京时间 · until when")]
Number = Annotated[int, typer.Argument(help="编号，见 list · its number")]


@app.command()
def add(  # noqa: PLR0913 each is a flag
    *,
    broker: Broker,
    until: Until,
    reason: Reason,
    account: Account = None,
    rule: Rule = None,
    manager: Manager = None,
    begin: From = None,
    postgres: Postgres = None,
) -> None:
    """一段时间不告知 · keep alerts quiet for a time.

    给了账号、规则、经理中的哪几个，就要都符合；紧急的也不告知。每条没告知的都写明是哪个静音。

    What is given of account, rule and manager must all fit; the urgent is kept quiet, too. Each
    alert that is not told names the silence.
    """
    made = Silence(
        number=0,
        broker=broker,
        begin=_local(begin) if begin else WallClock().now(),
        until=_local(until),
        reason=reason,
        author=operator(),
        account=account,
        rule=rule,
        manager=manager,
    )
    typer.echo(run(lambda: _add(postgres, made)))


@app.command(name="list")
def show(broker: Broker, postgres: Postgres = None) -> None:
    """还有效的静音 · the silences that still hold, or will."""
    for silence in run(lambda: _list(postgres, broker)):
        typer.echo(line(silence))


@app.command()
def end(number: Number, postgres: Postgres = None) -> None:
    """现在就结束一个静音 · end a silence now."""
    run(lambda: _end(postgres, number))


def line(silence: Silence) -> str:
    """Return a silence in one line; of an account only its last digits."""
    account = mask_account(silence.account) if silence.account else "*"
    begin, until = (
        f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}" for at in (silence.begin, silence.until)
    )
    what = f"账号 {account} 规则 {silence.rule or '*'} 经理 {silence.manager or '*'}"
    return f"{silence.number}  {begin} – {until}  {what}  {silence.reason}（{silence.author}）"


async def _add(dsn: str | None, silence: Silence) -> int:
    if not (silence.account or silence.rule or silence.manager):
        raise Refused(
            "至少要给 --account、--rule、--manager 之一",
            "one of --account, --rule, --manager is needed",
        )
    if not silence.begin < silence.until <= silence.begin + LONGEST:
        raise Refused(
            f"--until 要在开始之后，最多 {LONGEST.days} 天",
            f"--until must follow the beginning by at most {LONGEST.days} days",
        )
    async with transaction(dsn) as connection:
        return await muting.add(connection, silence)


async def _list(dsn: str | None, broker: str) -> list[Silence]:
    async with transaction(dsn) as connection:
        return list(await muting.in_force(connection, broker, WallClock().now()))


async def _end(dsn: str | None, number: int) -> None:
    async with transaction(dsn) as connection:
        if not await muting.end(connection, number, operator(), WallClock().now()):
            raise Refused(f"没有有效的静音 {number}", f"there is no silence {number} in force")


def _local(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)

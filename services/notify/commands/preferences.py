"""``guanchao notify prefer set | list | end``."""

from datetime import datetime
from typing import Annotated

import typer

from services.notify.adapters import preferences
from services.notify.adapters.preferences import Kept
from services.notify.commands.places import Postgres, operator, run, transaction
from services.notify.domain.channels import catalogue
from services.notify.domain.preference import Preference
from shared.clock import WallClock
from shared.console import Refused
from shared.kernel.trading_day import CHINA

app = typer.Typer(no_args_is_help=True, help="偏好：员工愿意用的通道 · preferred channels")
Broker = Annotated[str, typer.Option("--broker", envvar="INGEST_BROKER", help="期货公司 · broker")]
Staff = Annotated[str, typer.Argument(help="工号 · staff id")]
Channels = Annotated[
    list[str], typer.Argument(help="通道，最愿意的在前，见 channels list · best first")
]
From = Annotated[
    datetime | None, typer.Option("--from", help="从何时，缺省现在，北京时间 · from when")
]
Until = Annotated[datetime | None, typer.Option(help="到何时，缺省一直，北京时间 · until when")]
Number = Annotated[int, typer.Argument(help="编号，见 list · its number")]


@app.command(name="set")
def put(  # noqa: PLR0913 each is a flag
    *,
    staff: Staff,
    channels: Channels,
    broker: Broker,
    begin: From = None,
    until: Until = None,
    postgres: Postgres = None,
) -> None:
    """记下一个人愿意用的通道 · keep by which channels a person would rather hear.

    紧急的通道一个不少，只是先后；其余的在政策 `choice` 里选。新的盖过旧的。

    Of what is urgent no channel is left out, only the order changes; else the policy's `choice`
    says among which. The newest that holds counts.
    """
    wish = Preference(
        tuple(dict.fromkeys(channels)),
        _local(begin) if begin else WallClock().now(),
        _local(until) if until else None,
    )
    typer.echo(run(lambda: _put(postgres, (broker, staff), wish)))


@app.command(name="list")
def show(broker: Broker, postgres: Postgres = None) -> None:
    """还有效的偏好 · the preferences that still hold, or will."""
    for kept in run(lambda: _list(postgres, broker)):
        typer.echo(line(kept))


@app.command()
def end(number: Number, postgres: Postgres = None) -> None:
    """现在就结束一个偏好 · end a preference now."""
    run(lambda: _end(postgres, number))


def line(kept: Kept) -> str:
    """Return a preference in one line."""
    wish = kept.preference
    until = _at(wish.until) if wish.until else "一直 for good"
    channels = " > ".join(wish.channels)
    return (
        f"{kept.number}  {kept.staff_id}  {channels}  {_at(wish.begin)} – {until}（{kept.author}）"
    )


async def _put(dsn: str | None, whose: tuple[str, str], wish: Preference) -> int:
    if unknown := [name for name in wish.channels if name not in catalogue()]:
        raise Refused(f"没有这个通道：{unknown[0]}", f"no such channel: {unknown[0]}")
    if wish.until is not None and wish.until <= wish.begin:
        raise Refused("--until 要在开始之后", "--until must follow the beginning")
    async with transaction(dsn) as connection:
        if not await preferences.known(connection, *whose):
            raise Refused(f"名录里没有 {whose[1]}", f"the directory has no {whose[1]}")
        return await preferences.add(connection, whose, wish, operator())


async def _list(dsn: str | None, broker: str) -> list[Kept]:
    async with transaction(dsn) as connection:
        return list(await preferences.in_force(connection, broker, WallClock().now()))


async def _end(dsn: str | None, number: int) -> None:
    async with transaction(dsn) as connection:
        if not await preferences.end(connection, number, operator(), WallClock().now()):
            raise Refused(f"没有有效的偏好 {number}", f"there is no preference {number} in force")


def _local(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"

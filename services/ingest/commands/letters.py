"""``guanchao dead-letters list | show | redrive | stops | resume``."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from services.ingest.agent.letter_case import Order
from services.ingest.agent.letter_list import Listing, Wanted, listing, matches
from services.ingest.agent.redriving import Redriving
from services.ingest.commands.letter_desk import let_on, redriving, shown_to, stopped
from services.ingest.commands.places import Postgres, operator, run
from services.ingest.commands.printed import Brokers, kafka_at, printed
from services.ingest.domain.naming import masked
from services.ingest.domain.redrives import Fate
from shared.console import Refused, bar
from shared.kernel.trading_day import CHINA
from shared.settings import KafkaSettings
from shared.streams.deadletters import BURIED, SUFFIX, Letter, Place, find, letters

app = typer.Typer(
    no_args_is_help=True, help="死信：列出、查看、重投 · dead letters: list, show, redrive"
)
SOME_REFUSED = 1
MARKS = {Fate.REDRIVEN: "✓", Fate.PLANNED: "→", Fate.ALREADY: "·", Fate.REFUSED: "✗"}
DAYS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]
Topics = Annotated[
    list[str] | None, typer.Option("--topic", help="哪些主题，可多次；缺省全部 · of which topics")
]
Since = Annotated[
    datetime | None,
    typer.Option("--since", formats=DAYS, help="从何时起（北京时间）· from when on"),
]
Reason = Annotated[str, typer.Option("--reason", help="原因里有这几个字 · the reason holds it")]
Ids = Annotated[
    list[str] | None, typer.Argument(metavar="[ID]...", help="编号，见 list · letters' ids")
]
As = Annotated[str | None, typer.Option("--as", help="谁，缺省是登录名 · who")]


@app.command(name="list")
def list_letters(  # noqa: PLR0913, PLR0917 one parameter an option
    topic: Topics = None,
    since: Since = None,
    reason: Reason = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="一页几封 · a page")] = 50,
    before: Annotated[str | None, typer.Option(help="下一页：上一页最后的编号 · next page")] = None,
    brokers: Brokers = None,
) -> None:
    """列出死信，新的在前：来处和原因，没有内容 · dead letters, the newest first, never the content.

    末尾按原因计数 · at the end the counts by reason.
    """

    async def command() -> Listing:
        kafka = kafka_at(brokers)
        edge = await _one(kafka, before) if before else None
        with bar("读死信 · reading the letters") as told:
            found = letters(kafka, _topics(topic), _moment(since), told)
            return await listing(found, Wanted(reason, limit, edge))

    found = run(command)
    for letter in found.page:
        typer.echo(
            printed(f"{letter.place}  {_at(letter)}  {masked(letter.origin)}  {letter.reason}")
        )
    _count(found, limit)


@app.command()
def show(
    letter: Annotated[str, typer.Argument(metavar="ID", help="编号，见 list · the letter's id")],
    unseal: Annotated[bool, typer.Option("--open", help="打开加封的，记入审计 · audited")] = False,
    as_: As = None,
    brokers: Brokers = None,
    postgres: Postgres = None,
) -> None:
    """看一封：头和内容，记入审计 · one letter: its headers and its value; audited.

    加封的内容（个人信息）只有 --open 才显示。写不进审计就不显示。

    A sealed value holds personal data: only --open shows it. What cannot be audited is not shown.
    """

    async def command() -> tuple[Letter, str]:
        found = await _one(kafka_at(brokers), letter)
        return found, await shown_to(found, as_ or operator(), unseal, postgres)

    found, value = run(command)
    key = (found.key or b"").decode(errors="replace")
    lines = {"buried": _at(found), "key": key, **found.headers}
    typer.echo(f"{found.place}")
    typer.echo("\n".join(printed(f"  {name}: {text}") for name, text in lines.items()))
    typer.echo(printed(f"\n{value}"))


@app.command()
def redrive(  # noqa: PLR0913, PLR0917 one parameter an option
    ids: Ids = None,
    every: Annotated[bool, typer.Option("--all", help="全部符合的 · all that match")] = False,
    topic: Topics = None,
    since: Since = None,
    reason: Reason = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只说会怎样 · only say")] = False,
    again: Annotated[bool, typer.Option("--again", help="投过也再投 · once more")] = False,
    edit: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="改好的内容，UTF-8 · the corrected value"),
    ] = None,
    as_: As = None,
    brokers: Brokers = None,
    postgres: Postgres = None,
) -> None:
    """重投一封或许多封，每次记入审计 · send one or many back to where they belong; audited.

    推送的再过一次准入；文件的坏行随文件再收一次；下游埋掉的以新的序号再说一遍。投过的不会再投。
    退出码：0 都投了或早投过，1 有投不了的，2 做不了。

    Posted events pass admission again, a bad line its file; what a consumer buried is told with a
    new sequence. Exit code: 0 all went, now or before, 1 some were refused, 2 it cannot be done.
    """
    if bool(ids) == every or (every and not (topic or reason)) or (edit and len(ids or ()) != 1):
        raise typer.BadParameter("ID...，或 --all 加 --topic / --reason；--edit 只改一封 · one ID")
    order = Order(as_ or operator(), again, dry_run, edit.read_bytes() if edit else None)

    async def command() -> dict[Fate, int]:
        kafka = kafka_at(brokers)
        if ids:
            chosen = [await _one(kafka, one) for one in ids]
        else:
            with bar("读死信 · reading the letters") as told:
                found = letters(kafka, _topics(topic), _moment(since), told)
                chosen = sorted(await _all(found, reason), key=lambda letter: letter.at)
        async with redriving(kafka, postgres) as going:
            return await _redrive(going, chosen, order)

    counts = run(command)
    said = "，".join(f"{fate.value} {count}" for fate, count in counts.items())
    typer.echo(f"{said or '没有符合的 · none matches'}")
    raise typer.Exit(SOME_REFUSED if Fate.REFUSED in counts else 0)


@app.command()
def stops(postgres: Postgres = None) -> None:
    """停收的数据源：为什么，到几时 · the sources that are stopped, why, and until when."""
    found = run(lambda: stopped(postgres))
    for stop in found:
        typer.echo(f"{stop.source}  {_local(stop.since)} → {_local(stop.until)}  {stop}")
    typer.echo(f"停收 stopped {len(found)}")


@app.command()
def resume(
    source: Annotated[str, typer.Argument(help="见 stops · the source's name")],
    as_: As = None,
    postgres: Postgres = None,
) -> None:
    """修好之后放行一个数据源，记入审计 · let a source on once it is corrected; audited."""
    stop = run(lambda: let_on(source, as_ or operator(), postgres))
    typer.echo(f"✓ 已放行 · taken from again  {stop.source}")


async def _redrive(going: Redriving, chosen: list[Letter], order: Order) -> dict[Fate, int]:
    counts: dict[Fate, int] = {}
    with bar("重投 · redriving") as told:
        for number, letter in enumerate(chosen, 1):
            fate, detail = await going.redrive(letter, order)
            typer.echo(printed(f"{MARKS[fate]} {letter.place}  {detail}"))
            counts[fate] = counts.get(fate, 0) + 1
            told(number, len(chosen))
    return counts


async def _one(kafka: KafkaSettings, text: str) -> Letter:
    try:
        place = Place.parse(text)
    except ValueError:
        raise Refused(
            f"“{text[:80]}”不是死信的编号：写法是 主题:分区:偏移，见 dead-letters list",
            "no letter's id: topic:partition:offset, as in the list",
        ) from None
    found = await find(kafka, [place])
    if not found:
        raise Refused(f"没有死信 {place}", "no such letter")
    return found[0]


async def _all(found: AsyncIterator[Letter], reason: str) -> list[Letter]:
    return [letter async for letter in found if matches(letter, reason)]


def _topics(named: list[str] | None) -> list[str]:
    wanted = [name.removesuffix(SUFFIX) for name in named or sorted(BURIED)]
    if lost := [name for name in wanted if name not in BURIED]:
        raise Refused(f"{lost[0]} 没有死信主题：{'、'.join(sorted(BURIED))}", "no such topic")
    return wanted


def _moment(since: datetime | None) -> datetime | None:
    return since.replace(tzinfo=CHINA).astimezone(UTC) if since else None


def _at(letter: Letter) -> str:
    return _local(letter.at)


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


def _count(found: Listing, limit: int) -> None:
    typer.echo(f"共 {found.total} 封 letters" if found.total else "没有死信 · no dead letters")
    for kind, count in found.counts.most_common():
        typer.echo(printed(f"  {count:6}  {kind}"))
    if len(found.page) == limit:
        typer.echo(f"下一页 next page: --before {found.page[-1].place}")

"""``guanchao profile visits``: batches of return visits asked for, followed and looked up."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

import typer
import yaml

from services.profile.adapters import visit_batches
from services.profile.adapters.clients import Row
from services.profile.adapters.records import records_of
from services.profile.commands import visit_files
from services.profile.commands.places import Postgres, database, operator, run, transaction
from services.profile.commands.visit_places import Broker, Files, entry, opened
from services.profile.visit_asking import as_preview, by, wanted
from services.profile.visit_book import VisitBook
from services.profile.visit_views import Generation
from shared.clock import WallClock
from shared.console import REFUSED, Refused, bar
from shared.db.key_commands import Keys, commands
from shared.web.permissions import Permission
from shared.web.refusal import Refusal

LOOK_SECONDS, QUIET_SECONDS = 0.5, 15.0
OVER = ("done", "failed")
app = typer.Typer(no_args_is_help=True, help="投资者回访：生成、进度、汇总 · return visits")
Day = Annotated[
    datetime, typer.Option("--day", formats=["%Y-%m-%d"], help="截至哪个收盘的交易日 · as of")
]
Seed = Annotated[str | None, typer.Option("--seed", help="抽样的种子，缺省是年份 · of the draw")]
Change = Annotated[
    list[str] | None,
    typer.Option("--set", help="只改这一批：large_loss.amount=50000 · for this batch alone"),
]
Preview = Annotated[bool, typer.Option("--preview", help="只数不写 · counts, lands nothing")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="等它做完 · follow it to its end")]


@app.command()
def generate(  # noqa: PLR0913 each is a flag
    *,
    day: Day,
    seed: Seed = None,
    change: Change = None,
    preview: Preview = False,
    wait: Wait = True,
    broker: Broker = None,
    postgres: Postgres = None,
) -> None:
    """要一个批次，看着它做完；同样的要求还是那个批次 · ask for a batch and follow it.

    做的是运行中的 profile；这里只排队、看进度，按 Ctrl-C 不影响它。

    The running profile does it: Ctrl-C ends the watching, not the batch.
    """
    row = run(lambda: _generate(postgres, broker, (day.date(), seed, change or []), preview, wait))
    typer.echo(said(row))
    if row["status"] == "failed":
        raise typer.Exit(REFUSED)


@app.command("list")
def list_batches(broker: Broker = None, postgres: Postgres = None) -> None:
    """列出最近的批次 · the newest batches."""
    for row in run(lambda: _listed(postgres, broker)):
        typer.echo(said(row))


@app.command()
def show(
    batch: Annotated[str, typer.Argument(help="批次号 · the batch")],
    broker: Broker = None,
    postgres: Postgres = None,
) -> None:
    """一个批次：进度、每条规则数了多少、全部参数 · how far it is, its counts and parameters."""
    row = run(lambda: _shown(postgres, broker, batch))
    typer.echo(said(row))
    for rule, tally in sorted((row["tallies"] or {}).items()):
        typer.echo(f"  {rule}  命中 met {tally['met']}  未知 unknown {tally['unknown']}")
    if row["rules"]:
        typer.echo(parameters(VisitBook.model_validate(row["rules"])))


@app.command()
def rules() -> None:
    """规则的参数，和哪些可以用 --set 只改一批 · the rules' parameters."""
    typer.echo(parameters(Files().book))


app.command()(visit_files.summary)
app.command()(visit_files.export)
app.command("import")(visit_files.bring)
ANSWERING = frozenset({Permission.VISITS_READ, Permission.VISITS_ANSWER})
"""What a key of the company's app opens: whose visit is open, and the answers."""
app.add_typer(commands(Keys("profile", ANSWERING, transaction, operator), run), name="keys")


def said(row: Row) -> str:
    """Return a batch in one line."""
    of = f"{row['batch']}  {row['trading_day']}  {row['status']}"
    match row["status"]:
        case "done":
            counts = f"选中 selected {row['selected']}，新任务 opened {row['opened']}"
            return f"✓ {of}  {row['clients']} 位客户 clients：{counts}，并入 joined {row['joined']}"
        case "failed":
            return f"✗ {of}  {row['wrong'] or ''}"
        case _:
            return f"… {of}  {row['seen']}/{row['total'] or '?'}"


def parameters(book: VisitBook) -> str:
    """Return the parameters as they are written in the file."""
    return yaml.safe_dump(book.parameters, allow_unicode=True, sort_keys=False).rstrip()


def changes(asked: Sequence[str]) -> dict[str, Any]:
    """Return ``large_loss.amount=50000`` as a tree; a value is YAML, every scalar text.

    >>> changes(["large_loss.amount=50000", "jobless.words=[无业, 失业]"])
    {'large_loss': {'amount': '50000'}, 'jobless': {'words': ['无业', '失业']}}
    """
    tree: dict[str, Any] = {}
    for one in asked:
        place, equals, value = one.partition("=")
        *above, name = place.split(".")
        inner = tree
        for step in above:
            inner = inner.setdefault(step, {})
        try:
            inner[name] = yaml.load(value, yaml.BaseLoader)  # noqa: S506 text alone
        except (yaml.YAMLError, TypeError):
            equals = ""
        if not equals:
            raise Refused(f"--set {one[:60]}：写成 规则.参数=值", "--set rule.parameter=value")
    return tree


async def _generate(
    dsn: str | None,
    broker: str | None,
    asked: tuple[date, str | None, Sequence[str]],
    preview: bool,
    wait: bool,
) -> Row:
    day, seed, change = asked
    files, now = Files(), WallClock().now()
    async with opened(dsn, broker) as records:
        try:
            told = Generation(day=day, seed=seed, parameters=changes(change))
            asks = await wanted(records, told, files.book, files.days)
        except (Refusal, ValueError) as wrong:
            raise Refused(f"批次要不了：{wrong}", f"{wrong}") from None
        asks = as_preview(asks) if preview else asks
        one = entry("visits.previewed" if preview else "visits.generated", asks["batch"])
        row = await visit_batches.ask(records, by(asks, one.actor, now))
        await records.note(one)
    return await _followed(dsn, row) if wait else row


async def _followed(dsn: str | None, row: Row) -> Row:
    waited = 0.0
    async with database(dsn) as engine:
        look = records_of(engine, row["broker"])
        with bar(row["batch"]) as told:
            while row["status"] not in OVER:
                await asyncio.sleep(LOOK_SECONDS)
                waited += LOOK_SECONDS if row["status"] == "queued" else 0
                if waited == QUIET_SECONDS:
                    typer.echo("  还没有人接手：profile 在运行吗？ is profile running?", err=True)
                async with look() as records:
                    row = await visit_batches.batch(records, row["batch"]) or row
                told(row["seen"], row["total"] or 0)
    return row


async def _listed(dsn: str | None, broker: str | None) -> Sequence[Row]:
    async with opened(dsn, broker) as records:
        rows = await visit_batches.batches(records, None, 50)
        await records.note(entry("visit-batches.listed", "all"))
    return rows


async def _shown(dsn: str | None, broker: str | None, batch: str) -> Row:
    async with opened(dsn, broker) as records:
        row = await visit_batches.batch(records, batch)
        if row is None:
            raise Refused(f"没有这个批次：{batch[:40]}", "no such batch")
        await records.note(entry("visit-batch.read", batch))
    return row

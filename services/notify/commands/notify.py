"""``guanchao notify``: its commands and groups of commands."""

from typing import Annotated

import typer

from services.notify.commands import audit, channels, keys, preferences, silences
from services.notify.commands.canary import canary
from services.notify.commands.explaining import found, lines
from services.notify.commands.places import Postgres, run
from services.notify.commands.proving import evidence
from services.notify.commands.reconciling import reconcile

app = typer.Typer(
    no_args_is_help=True,
    help="告知：通道、静音、原委、对账、证据、审计、系统的 key"
    " · channels, silences, stories, books, evidence, audit, keys of systems",
)
app.add_typer(channels.app, name="channels")
app.add_typer(silences.app, name="silence")
app.add_typer(audit.app, name="audit")
app.add_typer(preferences.app, name="prefer")
app.add_typer(keys.app, name="keys")
app.command()(reconcile)
app.command()(evidence)
app.command()(canary)
AlertId = Annotated[
    str, typer.Argument(help="alert_id，或消息里的 8 位编号 · or the message's code")
]


@app.command()
def explain(alert_id: AlertId, postgres: Postgres = None) -> None:
    """一条提醒的原委：每个决定和理由，告诉了谁，每次发送 · an alert's decisions and deliveries.

    退出码：0 说清了，2 没有这条提醒，或做不了。什么也不改，账号只露末三位。

    Exit code: 0 told, 2 no such alert, or it cannot be done. It only reads; accounts are masked.
    """
    told = run(lambda: found(postgres, alert_id))
    typer.echo("\n".join(lines(told)))

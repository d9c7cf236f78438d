"""``guanchao notify``: its groups of commands."""

import typer

from services.notify.commands import silences

app = typer.Typer(no_args_is_help=True, help="告知：静音 · notify: silences")
app.add_typer(silences.app, name="silence")

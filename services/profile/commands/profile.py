"""``guanchao profile``: its commands and groups of commands."""

import typer

from services.profile.commands import audit, erasure, keys, margin, reports, segments, visits
from services.profile.commands.nights import nightly
from services.profile.commands.rebuilding import rebuild
from services.profile.commands.report import write_report

app = typer.Typer(
    no_args_is_help=True,
    help="客户资料：系统的 key、审计、夜间批、重建 · profile: keys of systems, the night, rebuild",
)
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")
app.add_typer(margin.app, name="margin")
app.command()(nightly)
app.add_typer(segments.app, name="segments")
app.add_typer(visits.app, name="visits")
app.add_typer(erasure.app, name="erasure")
app.command()(rebuild)
app.command("report")(write_report)
app.add_typer(reports.app, name="reports")

"""``guanchao token``: a person's token for the stack that ``make run`` runs on this machine."""

from datetime import timedelta
from typing import Annotated

import typer

from deploy.embedded.identity import Identity
from shared.clock import WallClock
from shared.web.permissions import Role

NO_STACK = (
    "✗ 本机没有运行的 make run，或它是别人的；真的身份平台自己发令牌"
    " | no stack of yours runs here; a real identity provider issues its own tokens"
)


def token(
    staff: Annotated[str, typer.Argument(help="工号 · the staff id")],
    role: Annotated[
        list[Role] | None, typer.Option("--role", help="岗位，可多次 · role, may be repeated")
    ] = None,
    hours: Annotated[int, typer.Option(min=1, max=24, help="有效几小时 · valid for hours")] = 8,
    seed: Annotated[str, typer.Option(envvar="EMBEDDED_IDENTITY", hidden=True)] = "",
) -> None:
    """给本机演示环境里的一个人发令牌 · a token of a person, for the stack on this machine.

    缺省岗位 manager。Without a role: manager.
    """
    if not seed:
        typer.echo(NO_STACK, err=True)
        raise typer.Exit(2)
    roles = [one.value for one in role or [Role.MANAGER]]
    typer.echo(Identity(seed).token(staff, roles, WallClock().now(), timedelta(hours=hours)))

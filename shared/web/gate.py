"""``allowed(Permission.X)``: what every endpoint declares. Who asks, and may this one?

    @app.get("/v1/files")
    async def files(access: Annotated[Access, allowed(Permission.FILES_READ)]) -> Answer: ...

An application is closed with ``secure`` when its last endpoint stands: one that declares nothing
and is not named as open makes it refuse to start.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from fastapi import Depends, FastAPI, Request, Response, Security
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import RouteContext, iter_route_contexts
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from shared.observability.logging import logger
from shared.web.access import Access, Principal
from shared.web.headers import SecurityHeaders
from shared.web.organisation import Organisation, OrgTree
from shared.web.permissions import Permission
from shared.web.refusal import NoCredential, Refusal, Unauthenticated, refused

OPEN = frozenset({"/livez", "/readyz", "/metrics"})
"""What answers without a credential: nothing of a client is told there."""

NOBODY = Organisation(())
_TRACE = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_BEARER = HTTPBearer(auto_error=False, scheme_name="bearer", description="API key or JWT")


class Identifier(Protocol):
    """One way to know somebody by a credential."""

    async def identify(self, credential: str) -> Principal | None:
        """Return who it is; None: it is none of this kind; raises ``Unauthenticated``."""


@dataclass(frozen=True)
class Authority:
    """Everything a request is judged by: the ways to be known, and the organisation."""

    identifiers: Sequence[Identifier]
    tree: Callable[[], Awaitable[OrgTree]]

    async def identify(self, credential: str) -> Principal:
        """Return who it is; raises ``Unauthenticated``."""
        for identifier in self.identifiers:
            principal = await identifier.identify(credential)
            if principal is not None:
                return principal
        raise Unauthenticated("the credential is unknown")


class Undeclared(RuntimeError):
    """An endpoint says nothing about who may call it."""


@dataclass(frozen=True)
class Allowed:
    """The dependency behind ``allowed``."""

    permission: Permission

    async def __call__(
        self,
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
    ) -> Access:
        """Return the access, or raise 401 or 403."""
        if credentials is None or not credentials.credentials:
            raise NoCredential
        authority: Authority = request.app.state.authority
        principal = await authority.identify(credentials.credentials)
        trace_id = trace_of(request.headers.get("traceparent", ""))
        if not principal.may(self.permission):
            logger().warning(
                "forbidden", who=principal.name, permission=self.permission, trace_id=trace_id
            )
            raise Refusal(403, f"{self.permission} is needed")
        tree = await authority.tree() if principal.roles else NOBODY  # a system reaches everything
        return Access(principal, self.permission, trace_id, tree)


async def judged_anew(request: Request, access: Access) -> Access:
    """Judge a request again while it is still being answered; raises as at first."""
    return await Allowed(access.permission)(request, await _BEARER(request))


def allowed(permission: Permission) -> Any:
    """Declare what an endpoint asks for; the parameter is the ``Access``."""
    return Depends(Allowed(permission))


def trace_of(traceparent: str) -> str:
    """Return the trace id of a W3C ``traceparent``, or a new one."""
    found = _TRACE.fullmatch(traceparent)
    return found[1] if found else secrets.token_hex(16)


def secure(app: FastAPI, authority: Authority, also_open: Iterable[str] = ()) -> None:
    """Close an application: refusals, headers, and no endpoint that forgot to declare."""
    if undeclared := endpoints_without(app, OPEN | frozenset(also_open)):
        raise Undeclared(", ".join(undeclared))
    app.state.authority = authority
    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(RequestValidationError, misread)
    app.add_middleware(SecurityHeaders)


def endpoints_without(app: FastAPI, open_paths: frozenset[str]) -> list[str]:
    """Return the endpoints that declare no permission and are not open."""
    exempt = open_paths | {app.openapi_url}
    routes = [route for route in iter_route_contexts(app.routes) if route.path not in exempt]
    return sorted(str(route.path) for route in routes if permission_of(route) is None)


def permission_of(route: RouteContext) -> Permission | None:
    """Return what an endpoint asks for, wherever in its dependencies it is declared."""
    dependant = getattr(route, "dependant", None)
    return next(_permissions(dependant), None) if dependant else None


def _permissions(dependant: Dependant) -> Iterator[Permission]:
    if isinstance(dependant.call, Allowed):
        yield dependant.call.permission
    for needed in dependant.dependencies:
        yield from _permissions(needed)


async def misread(request: Request, failure: Exception) -> Response:
    """Answer which parameter is wrong and why; what was given is not sent back."""
    assert isinstance(failure, RequestValidationError)  # noqa: S101 registered for it alone
    wrong = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in failure.errors())
    return JSONResponse({"detail": "; ".join(wrong)[:500]}, 400)

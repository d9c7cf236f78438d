"""A request that is answered without being served."""

from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel


class Detail(BaseModel):
    """The body of every refusal."""

    detail: str


class Refusal(Exception):
    """``detail`` goes to the one who asked: it names what to do, never a secret or a client."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers


class Unauthenticated(Refusal):
    """401, with a reason out of a short list; see RFC 6750."""

    def __init__(self, reason: str) -> None:
        challenge = {
            "WWW-Authenticate": f'Bearer error="invalid_token", error_description="{reason}"'
        }
        super().__init__(401, reason, **challenge)


class NoCredential(Refusal):
    """401 for a request that brought none."""

    def __init__(self) -> None:
        reason = "an API key or a token is needed"
        super().__init__(401, reason, **{"WWW-Authenticate": "Bearer"})


class Away(Refusal):
    """503: what has to be asked first cannot be reached; the same request may come again."""

    def __init__(self, what: str) -> None:
        super().__init__(503, f"{what} is away", **{"Retry-After": "5"})


_WHY = {
    400: "the request cannot be understood",
    401: "no key or token, or one that does not hold",
    403: "the key or token may not do this",
    404: "there is none, or it is out of reach",
    409: "it contradicts what is configured, or what was said before",
    413: "the body is too large",
    422: "it cannot be taken; the reason is named",
    429: "too much at a time: try later",
    503: "what has to be asked first is away: try later",
}


async def refused(request: Request, refusal: Exception) -> Response:
    """Answer what a ``Refusal`` says."""
    assert isinstance(refusal, Refusal)  # noqa: S101 registered for it alone
    return JSONResponse({"detail": refusal.detail}, refusal.status, refusal.headers)


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what an endpoint's description says of its refusals."""
    return {status: {"model": Detail, "description": _WHY[status]} for status in statuses}

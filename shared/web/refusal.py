"""A request that is answered without being served."""


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

"""掩码与揭示 — personal fields of an answer: masked by default, in clear when asked with a reason.

    class AccountView(BaseModel):
        name: Annotated[Sealed, Revealable("customer.name")]

``GET …?reveal=name`` with ``X-Reveal-Reason`` shows it to whoever may, and the audit says so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Protocol
from urllib.parse import unquote

from fastapi import Header, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticSerializationError, core_schema

from shared.kernel.audit import objection
from shared.kernel.masking import Personal
from shared.web.permissions import Sight
from shared.web.refusal import Refusal


class Concealed(Protocol):
    """Prints as its mask: ``Sealed``, or any ``shared.kernel.masking.Personal``."""

    def reveal(self) -> str:
        """Return the value in clear."""


@dataclass(frozen=True)
class Sealed:
    """A sealed value that is opened only to be shown, masked or in clear."""

    unseal: Callable[[], Personal]

    def __str__(self) -> str:
        return str(self.unseal())

    def __repr__(self) -> str:
        return "Sealed(…)"

    def reveal(self) -> str:
        """Return the value in clear."""
        return self.unseal().reveal()


@dataclass(frozen=True)
class Viewing:
    """How an answer is shown to the one who asked."""

    sight: Sight = Sight.MASKED
    revealed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Revealable:
    """Marks a field of an answer; ``name`` (``customer.name``) is what the audit calls it."""

    name: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.any_schema(
            serialization=core_schema.plain_serializer_function_ser_schema(
                self._shown,
                info_arg=True,
                return_schema=core_schema.nullable_schema(core_schema.str_schema()),
            )
        )

    def _shown(self, value: Concealed | None, info: core_schema.SerializationInfo) -> str | None:
        viewing = info.context if isinstance(info.context, Viewing) else Viewing()
        if value is None:
            return None
        if self.name in viewing.revealed:
            return value.reveal()
        return str(value) if viewing.sight is Sight.MASKED else None


def revealables(view: type[BaseModel]) -> dict[str, str]:
    """Return the fields of an answer that can be revealed: field → name in the audit."""
    return {
        field: mark.name
        for field, info in view.model_fields.items()
        for mark in info.metadata
        if isinstance(mark, Revealable)
    }


@dataclass(frozen=True)
class Asked:
    """Which fields are asked for in clear, and why; the reason is never in the address."""

    fields: tuple[str, ...] = ()
    reason: str = ""

    def names(self, view: type[BaseModel]) -> frozenset[str]:
        """Return the audit's names of the fields; raises 400 for what cannot be revealed."""
        known = revealables(view)
        if unknown := set(self.fields) - known.keys():
            raise Refusal(400, f"nothing to reveal: {', '.join(sorted(unknown))[:100]}")
        if (self.fields or self.reason) and (wrong := objection(self.reason)):
            raise Refusal(400, f"X-Reveal-Reason: {wrong}")
        return frozenset(known[field] for field in self.fields)


def asked(
    reveal: Annotated[list[str] | None, Query(max_length=10)] = None,
    x_reveal_reason: Annotated[
        str, Header(description="why, in percent-encoded UTF-8", max_length=2000)
    ] = "",
) -> Asked:
    """Read a request's wish; a dependency."""
    return Asked(tuple(dict.fromkeys(reveal or ())), unquote(x_reveal_reason).strip())


def shown(view: BaseModel, viewing: Viewing) -> Response:
    """Answer a view the way this one may see it."""
    return JSONResponse(told(view, viewing))


def told(view: BaseModel, viewing: Viewing) -> dict[str, Any]:
    """Return a view the way this one may see it, as a part of an answer."""
    try:
        return view.model_dump(mode="json", context=viewing)
    except PydanticSerializationError:  # it would quote the field
        raise Refusal(500, "a field was sealed by a key that is not configured") from None

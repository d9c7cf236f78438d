"""Personal data that cannot be printed by accident, and the masks a person may see."""

from typing import Any, ClassVar

from pydantic_core import CoreSchema, core_schema


class Personal:
    """A value whose ``str``, ``repr`` and JSON are its mask; ``reveal()`` is deliberate.

    >>> phone = Phone("13812345678")
    >>> f"{phone} {phone!r}"
    "138****5678 Phone('138****5678')"
    """

    __slots__ = ("_value",)
    head: ClassVar[int] = 0
    tail: ClassVar[int] = 4

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value in clear: only for a provider's request or an audited reveal."""
        return self._value

    def __str__(self) -> str:
        value, hidden = self._value, len(self._value) - self.head - self.tail
        if hidden <= 0:
            return "*" * len(value)
        return value[: self.head] + "*" * hidden + value[len(value) - self.tail :]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._value == self._value

    def __hash__(self) -> int:
        return hash((type(self).__name__, self._value))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        made = core_schema.no_info_after_validator_function(cls, core_schema.str_schema())
        return core_schema.json_or_python_schema(
            json_schema=made,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), made]),
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )


class Phone(Personal):
    """手机号 — 138****5678."""

    head = 3


class Email(Personal):
    """邮箱 — all but its domain is hidden."""

    def __str__(self) -> str:
        return f"***@{self._value.rpartition('@')[2]}"


class IdNumber(Personal):
    """证件号码 — the first six and the last four are shown."""

    head = 6


class BankCard(Personal):
    """银行卡号 — only the last four are shown."""


class Birthday(Personal):
    """出生日期 — only the year is shown."""

    head, tail = 4, 0


class ClientName(Personal):
    """客户姓名 — 张**; never printed in clear."""

    head, tail = 1, 0


class Address(Personal):
    """地址 — never printed in clear."""

    tail = 0


def mask_name(name: str) -> str:
    """Return a client's name with only its first character.

    >>> mask_name("张小明"), mask_name("")
    ('张**', '')
    """
    return name[:1] + "*" * max(0, min(len(name) - 1, 3))


def mask_account(account: str) -> str:
    """Return a fund account (资金账号) with only its last three digits.

    >>> mask_account("80012345")
    '***345'
    """
    return f"***{account[-3:]}" if len(account) > 3 else "***"  # noqa: PLR2004 three are shown

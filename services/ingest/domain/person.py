"""自然人或机构 — what identifies a client; masked wherever it is printed, sealed wherever kept."""

from dataclasses import dataclass

from services.ingest.domain.rows import BadRow, calendar_date
from shared.kernel.masking import Address, Birthday, ClientName, IdNumber, Phone

LONGEST_NAME, LONGEST_ID, LONGEST_PHONE, LONGEST_ADDRESS = 80, 60, 60, 200
LONGEST_WORDS = 80
__all__ = [
    "UNTOLD",
    "Address",
    "ClientName",
    "Person",
    "Situation",
    "address",
    "birthday",
    "client_name",
    "id_card",
    "phone",
    "words",
]


@dataclass(frozen=True, slots=True)
class Person:
    """Who a client is. ``id_card``: 证件号码, a company's credit or organisation code."""

    name: ClientName
    phone: Phone | None
    id_card: IdNumber | None
    address: Address | None


@dataclass(frozen=True, slots=True)
class Situation:
    """境况 — how old a client is and what they live on; None: the file does not say."""

    birthday: Birthday | None = None
    occupation: str | None = None
    income_source: str | None = None

    def __bool__(self) -> bool:
        return any((self.birthday, self.occupation, self.income_source))


UNTOLD = Situation()


def client_name(text: str, place: str) -> ClientName:
    """Return a name; raises ``BadRow`` without quoting it."""
    return ClientName(_bounded(text, place, LONGEST_NAME, least=1))


def phone(text: str, place: str) -> Phone | None:
    """Return a phone as the file has it, several perhaps; raises ``BadRow``."""
    return Phone(text) if _bounded(text, place, LONGEST_PHONE) else None


def id_card(text: str, place: str) -> IdNumber | None:
    """Return a 证件号码 in capitals; raises ``BadRow``."""
    return IdNumber(text.upper()) if _bounded(text, place, LONGEST_ID) else None


def address(text: str, place: str) -> Address | None:
    """Return an address; raises ``BadRow``."""
    return Address(text) if _bounded(text, place, LONGEST_ADDRESS) else None


def birthday(text: str, place: str) -> Birthday | None:
    """Return a day of birth, ``YYYY-MM-DD``; raises ``BadRow`` without quoting it."""
    try:
        return Birthday(calendar_date(text, place).isoformat()) if text else None
    except BadRow:
        raise BadRow(place, "not a date") from None


def words(text: str, place: str) -> str | None:
    """Return what a file says in words; raises ``BadRow``."""
    return _bounded(text, place, LONGEST_WORDS) or None


def _bounded(text: str, place: str, most: int, least: int = 0) -> str:
    if not least <= len(text) <= most:
        raise BadRow(place, f"{least} to {most} characters expected")
    if text and not text.isprintable():
        raise BadRow(place, "holds a control character")
    return text

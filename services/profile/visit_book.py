"""回访规则的数据 — ``visit_rules.yaml``, or a whole file instead of it, becomes ``VisitBook``."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from services.profile.domain.margin import Source
from services.profile.domain.visits import Rules
from shared.kernel.money import to_li

SHIPPED = Path(__file__).with_name("visit_rules.yaml")
Count = Annotated[int, Field(ge=1, le=3660)]
Ratio = Annotated[Decimal, Field(ge=0, le=1, decimal_places=6)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\x00]*$")]
Words = Annotated[tuple[Word, ...], Field(max_length=100)]
Product = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3,5}\.[A-Za-z]{1,4}$")]


PARAMETERS = (
    "sample",
    "new_account",
    "large_loss",
    "elderly",
    "savings",
    "jobless",
    "risky",
)
"""What may be changed for one batch; where a figure stands in the directory is the company's."""


class WrongVisitRules(ValueError):
    """A file of visit rules that cannot be read; each fault with its place."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Opened(_Part):
    """A001: opened less than ``days`` ago."""

    days: Count


class Loss(_Part):
    """A002: more than ``amount`` 元, or ``ratio`` of what was there, in ``days`` trading days."""

    amount: Annotated[Decimal, Field(gt=0, lt=10**12, decimal_places=3)]
    ratio: Ratio
    days: Annotated[int, Field(ge=1, le=250)]


class Elderly(_Part):
    """A003: more than ``over`` full years."""

    over: Annotated[int, Field(ge=18, le=120)]


class Saying(_Part):
    """A004, A005: the text holds one of the words."""

    words: Words


class Risky(_Part):
    """A006: options, and futures of ``products``."""

    options: bool
    products: tuple[Product, ...]


class Tags(_Part):
    """Which tags of the directory tell a figure; the first that is there."""

    birthday: Words
    income: Words
    occupation: Words


class VisitBook(_Part):
    """The whole file."""

    version: Count
    source: Source
    sample: Ratio
    new_account: Opened
    large_loss: Loss
    elderly: Elderly
    savings: Saying
    jobless: Saying
    risky: Risky
    tags: Tags

    @property
    def rules(self) -> Rules:
        """What the judgement needs of it."""
        return Rules(
            sample=self.sample,
            opened_days=self.new_account.days,
            loss=to_li(self.large_loss.amount),
            loss_ratio=self.large_loss.ratio,
            over=self.elderly.over,
            savings=self.savings.words,
            jobless=self.jobless.words,
        )

    @property
    def fingerprint(self) -> str:
        """What changes with any parameter, however it is written: 64 hexadecimal digits."""
        said = json.dumps(self.model_dump(), default=_plain, sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def parameters(self) -> dict[str, Any]:
        """What one batch may change, as it stands."""
        return self.model_dump(mode="json", include=set(PARAMETERS))

    def changed(self, parameters: Mapping[str, Any]) -> Self:
        """Return the book with some parameters changed; raises ``WrongVisitRules``."""
        if foreign := sorted(set(parameters) - set(PARAMETERS)):
            places = "; ".join(f"{one[:40]}: no parameter of a batch" for one in foreign)
            raise WrongVisitRules(f"{places}; there are {', '.join(PARAMETERS)}")
        said = self.model_dump()
        for name, value in parameters.items():
            both = isinstance(value, Mapping) and isinstance(said[name], dict)
            said[name] = {**said[name], **value} if both else value
        return _checked(type(self), said)


B = TypeVar("B", bound=VisitBook)


@cache
def read_visits(path: Path | None = None) -> VisitBook:
    """Read the file, or the one that is shipped; raises ``WrongVisitRules``."""
    try:
        table = yaml.load((path or SHIPPED).read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506 text alone
    except yaml.YAMLError as error:
        raise WrongVisitRules(" ".join(str(error).split())) from None
    return _checked(VisitBook, table)


def _checked(book: type[B], said: Any) -> B:
    try:
        return book.model_validate(said)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
        places = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in faults)
        raise WrongVisitRules("; ".join(places)) from None


def _plain(value: Decimal | date) -> str:
    """Return a number or a day as one text: 0.10 is 0.1."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value.isoformat()

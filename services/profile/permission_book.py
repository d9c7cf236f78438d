"""权限条件的数据 — ``permission_rules.yaml``, or a whole file instead of it, becomes ``Rules``."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from services.profile.domain.margin import Source
from services.profile.domain.permissions import Condition, ProductClass, Rules
from shared.contracts.dealt import Exchange
from shared.contracts.event import Code
from shared.kernel.money import to_li

SHIPPED = Path(__file__).with_name("permission_rules.yaml")
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Letters = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{1,4}$")]


class WrongConditions(ValueError):
    """A file of conditions that cannot be read; each fault with its place."""


class Told(BaseModel):
    """What a source says when a class is open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    codes: tuple[Exchange, ...] = ()
    agreements: tuple[str, ...] = ()


class Class(BaseModel):
    """One class of products; ``funds`` in 元."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    exchange: Exchange
    products: tuple[Letters, ...] = ()
    of: Literal["futures", "options", "both"]
    rank: Count
    funds: Annotated[Decimal, Field(gt=0, lt=10**12, decimal_places=3)]
    opened_by: Told = Told()


class Tags(BaseModel):
    """The client's tags that tell the test's score, and who is a professional."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    knowledge: str
    investor: str
    professional: str


class Conditions(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Count
    since: date
    source: Source
    days: Annotated[int, Field(ge=1, le=60)]
    knowledge: Count
    orders: Count
    orders_years: Annotated[int, Field(ge=1, le=10)]
    traded_days: Count
    traded_years: Annotated[int, Field(ge=1, le=10)]
    level: Annotated[int, Field(ge=1, le=5)]
    tags: Tags
    exempts: Mapping[Literal["professional", "traded", "same"], frozenset[Condition]]
    classes: Annotated[Mapping[Code, Class], Field(min_length=1)]

    @property
    def rules(self) -> Rules:
        """What the evaluation needs of it."""
        return Rules(
            classes=[self._class(code, one) for code, one in self.classes.items()],
            exempts={who: frozenset(map(str, what)) for who, what in self.exempts.items()},
            **self.model_dump(include={"days", "knowledge", "orders", "traded_days", "level"}),
        )

    @staticmethod
    def _class(code: str, one: Class) -> ProductClass:
        said = one.model_dump(include={"name", "products", "of", "rank"})
        return ProductClass(code=code, exchange=one.exchange.value, funds=to_li(one.funds), **said)


@cache
def read_conditions(path: Path | None = None) -> Conditions:
    """Read the file, or the one that is shipped; raises ``WrongConditions``."""
    try:
        table = yaml.load((path or SHIPPED).read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506 text alone
        return Conditions.model_validate(table)
    except yaml.YAMLError as error:
        raise WrongConditions(" ".join(str(error).split())) from None
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
        places = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in faults)
        raise WrongConditions("; ".join(places)) from None

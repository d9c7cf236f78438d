"""What every answer is made of. Money is in 元 as a string, exact to 厘; lots are 手."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from shared.kernel.money import Money, from_li


def _yuan(value: object) -> object:
    return from_li(value) if isinstance(value, int) else value


Yuan = Annotated[Money, BeforeValidator(_yuan)]
"""A column of 厘 as money."""


Ratio = Annotated[Decimal, PlainSerializer(str, when_used="json")]


class View(BaseModel):
    """Read from a row: columns that it does not name are left out."""

    model_config = ConfigDict(extra="ignore", frozen=True)

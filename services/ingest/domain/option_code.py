"""期权代码 — what an option's code says: m2609-C-3000, SR609P5000, IO2609-C-4000."""

import re
from decimal import Decimal

from services.ingest.domain.dealt import OptionOf

_OPTION = re.compile(r"([A-Za-z]{1,2}\d{3,4})-?([CP])-?(\d{1,8}(?:\.\d{1,3})?)", re.ASCII)
_OF_AN_INDEX = re.compile(r"(IO|HO|MO)\d.*")


def of_an_index(instrument: str) -> bool:
    """Say whether it is a 股指期权: named by an index, not by a future that could be looked up."""
    return _OF_AN_INDEX.fullmatch(instrument) is not None


def option_of(instrument: str) -> OptionOf | None:
    """Return what an instrument's code says of an option; None: it is a future.

    >>> option_of("SR609C6000")
    OptionOf(kind='call', strike=Decimal('6000'), underlying='SR609')
    >>> option_of("m2609-P-3000.50").strike, option_of("IO2609-C-4000").underlying
    (Decimal('3000.5'), None)
    >>> option_of("rb2610")
    """
    found = _OPTION.fullmatch(instrument)
    if not found:
        return None
    underlying = None if of_an_index(instrument) else found[1]
    strike = Decimal(found[3]).normalize() + 0
    return OptionOf("call" if found[2] == "C" else "put", strike, underlying)

"""合约 — how an instrument is named: by its code, or as a combination of several.

DCE, CZCE and GFEX trade combinations under names of their own: ``SP m2601&m2605`` (跨期),
``SPC a2605&m2605`` (跨品种), ``SPD RM605&RM609``, ``IPS SF601&SM601``,
``STG SR703C5300&SR703P5200`` (宽跨式). CTP names one in its order, and in the holding that a
combination makes beside those of its legs; a trade is told leg by leg, under the legs' own codes.
"""

from typing import Annotated

from pydantic import StringConstraints

LONGEST_INSTRUMENT = 48
"""Two option legs with their kind have 40; an event's id holds an instrument among other names."""
INSTRUMENT = r"[A-Za-z0-9_.\-]+(?:[ &][A-Za-z0-9_.\-]+){0,4}"
"""A code, or up to five parted by one blank or ``&``: ASCII, and no slash, which parts names."""
Instrument = Annotated[
    str, StringConstraints(pattern=f"^{INSTRUMENT}$", min_length=1, max_length=LONGEST_INSTRUMENT)
]

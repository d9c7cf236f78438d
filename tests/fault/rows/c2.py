"""C2 · 时间不可能的事件 · an event far in the future or past is flagged and changes no account.

Flagged: it is in the dead letters with a reason, as a poisonous record is.
"""

from pathlib import Path
from typing import Any

from tests.fault.asked import Asked
from tests.fault.odd import KINDS, odd
from tests.fault.strewn import strewn

KILLS, PIECE = 60, 60  # events out of their time


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Send one of each kind in turn among good records, then compare the dead letters with them."""
    return await strewn(asked, folder, KINDS, odd)

"""``python -m tests.kit.wedged_mot``: mot whose fetching stops, without an error, after its first.

What aiokafka's stuck consumers look like: the group is kept, nothing is raised, nothing comes.
"""

import sys
from collections.abc import Set
from typing import Any

from services.mot.__main__ import main
from services.mot.adapters import batch_feed, records
from services.mot.partition import Fetched

_seen: list[Fetched] = []


def _once(fetcher: Any, wanted: Set[Any], most: int) -> list[Fetched]:
    if _seen:
        return []
    found = records.drain(fetcher, wanted, most)
    _seen.extend(found)
    return found


if __name__ == "__main__":
    batch_feed.drain = _once  # type: ignore[attr-defined]
    sys.exit(main())

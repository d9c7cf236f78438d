"""够得着 — whether the one who asks reaches a client through any account, as the tables say."""

from services.profile.adapters import clients
from services.profile.adapters.records import Records
from services.profile.reach import NOBODYS, sight
from shared.web.access import Access


async def reached(records: Records, access: Access, client: str) -> bool:
    """Say whether there is such a client within reach: the two are answered alike."""
    if await clients.client(records, client) is None:
        return False
    relations = await clients.relations(records, client) or [NOBODYS]
    return any(sight(access, row) is not None for row in relations)

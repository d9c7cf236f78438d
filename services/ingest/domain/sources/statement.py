"""交易结算单 — a file of one or more settlement statements, each of one account and trading day.

Named ``*statement*.txt``, ``*结算单*.txt`` or ``<account>_<yyyymmdd>.txt``; whose and which day it
is, the statement itself says.
"""

import re
from dataclasses import dataclass

from services.ingest.domain.rows import Bad, Good, Reading, Unreadable
from services.ingest.domain.source import Context, Source
from services.ingest.domain.statements.pages import cut
from services.ingest.domain.statements.statement import Statement, read
from services.ingest.domain.statements.text import text_lines
from shared.contracts.topics import ACCOUNT


@dataclass(frozen=True, kw_only=True)
class Text(Source[Statement]):
    """A text for people, in GBK, GB18030 or UTF-8."""

    def parse(self, data: bytes, context: Context) -> Reading[Statement]:
        """Read every statement; raises ``Unreadable`` when there is none."""
        drafts = cut(text_lines(data))
        if not drafts:
            raise Unreadable("no 交易结算单 is in the file")
        good: list[Good[Statement]] = []
        bad: list[Bad] = []
        for draft in drafts:
            statement, spoilt = read(draft, context)
            bad += spoilt
            if statement:
                line = draft.head.line
                good.append(Good(line.number, line.raw, statement))
        return Reading(tuple(good), tuple(bad))


source = Text(
    name="statement",
    order=5,
    topic=ACCOUNT,
    pattern=re.compile(
        r".*statement.*\.txt|.*结算单.*\.txt|[A-Za-z0-9]{1,32}_\d{8}\.txt", re.IGNORECASE
    ),
    personal=True,
)

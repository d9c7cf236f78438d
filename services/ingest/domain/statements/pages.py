"""翻页 — a text of statements is cut into drafts: head, 资金状况 and tables, line by line.

A page may break anywhere: the head, a table's title and its header may come again, and the rows
go on. A table ends with its total row (共 N条).
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from services.ingest.domain.statements.drafts import Draft, Head, Page
from services.ingest.domain.statements.layout import NOT_READ, SUMMARY, TABLES, Layout
from services.ingest.domain.statements.tables import fill
from services.ingest.domain.statements.text import Line, chinese, figure

_TITLE = re.compile(r"交易结算(单|月报)")
_LAYOUTS: dict[str, Layout] = {"盯市": "mtm", "逐笔": "tbt"}
_ACCOUNT = re.compile(r"客户(?:号|编号|代码)[^:]*:\s*([!-9;-~]*)", re.ASCII)
_DATE = re.compile(r"(?:^|\s)日\s*期\s*(?:Date)?\s*:\s*(\S*(?:\s*[-~至]\s*\d\S*)?)")
_PAIR = re.compile(r"([一-鿿][^:]*):([^:一-鿿]*)")
_CURRENCY = re.compile(r"Currency\s*:\s*([A-Za-z]{3})")
_TITLES = (*TABLES, *NOT_READ, SUMMARY)


def cut(lines: Iterable[Line]) -> list[Draft]:
    """Return the statements of a text; what stands before the first title is not read."""
    cutter = _Cutter()
    for line in lines:
        cutter.read(line)
    return cutter.end()


class _Cutter:
    """``head``: one that was begun, until the first table or 资金状况 below it."""

    def __init__(self) -> None:
        self.done: list[Draft] = []
        self.draft: Draft | None = None
        self.head: Head | None = None

    def read(self, line: Line) -> None:
        if _TITLE.search(line.text) and "|" not in line.text:
            self.head = Head(line, _layout(line.text))
        elif self.head and (told := _told(self.head, line)):
            self.head = told
            if self.draft and self.draft.head.same(told):
                self._turn()
        elif not self.head or _title(line.text) or "|" in line.text:
            self._turn()
            self._body(line)

    def end(self) -> list[Draft]:
        self._turn()
        self._finish()
        return self.done

    def _turn(self) -> None:
        """A head that came again only turned the page; another begins its statement."""
        if self.head and not (self.draft and self.draft.head.same(self.head)):
            self._finish()
            self.draft = Draft(self.head)
        self.head = None

    def _finish(self) -> None:
        if self.draft:
            for title, page in self.draft.tables.items():
                if not page.closed:
                    self.draft.spoil(title, page.line, f"{title}: no total row (共 N条): cut short")
            self.done.append(self.draft)
        self.draft = None

    def _body(self, line: Line) -> None:
        draft = self.draft
        if draft is None:
            return
        if line.fault:
            draft.spoil(draft.open, line, f"line: {line.fault}")
        elif "|" in line.text:
            fill(draft, line)
        elif title := _title(line.text):
            self._open(draft, title, line)
        elif draft.open == SUMMARY:
            _figures(draft, line)

    def _open(self, draft: Draft, title: str, line: Line) -> None:
        if title == SUMMARY:
            if draft.summary:  # the same account and day again, from its start
                self._finish()
                draft = self.draft = Draft(draft.head)
            found = _CURRENCY.search(line.text)
            draft.currency = found[1].upper() if found else "CNY"
        elif title in TABLES:
            draft.tables.setdefault(title, Page(TABLES[title], line))
        draft.open = title


def _layout(title: str) -> Layout | None:
    return next((kind for word, kind in _LAYOUTS.items() if word in title), None)


def _told(head: Head, line: Line) -> Head | None:
    """Return the head with what a line adds to it, or None when it adds nothing."""
    account, date = _ACCOUNT.search(line.text), _DATE.search(line.text)
    if not account and not date:
        return None
    return replace(
        head,
        account=account[1] if account else head.account,
        date=date[1].strip() if date else head.date,
    )


def _title(text: str) -> str | None:
    if "|" in text:
        return None
    letters = chinese(text)
    return next((title for title in _TITLES if letters.startswith(title)), None)


def _figures(draft: Draft, line: Line) -> None:
    for label, told in _PAIR.findall(line.text):
        if value := figure(told):
            draft.summary[chinese(label)] = (line, value)

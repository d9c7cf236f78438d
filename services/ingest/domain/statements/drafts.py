"""草稿 — a statement as it is cut out of the text: head, figures and rows, still as text."""

from dataclasses import dataclass, field

from services.ingest.domain.rows import Bad
from services.ingest.domain.statements.layout import Layout, Table
from services.ingest.domain.statements.text import Line


@dataclass
class Page:
    """One table: its rows by column name. ``lost``: rows that could not be cut into cells."""

    table: Table
    line: Line
    header: tuple[str, ...] = ()
    rows: list[tuple[Line, dict[str, str]]] = field(default_factory=list)
    lost: int = 0
    closed: bool = False
    whole: bool = True


@dataclass(frozen=True)
class Head:
    """Whose statement it is, of which day, and how it reckons; None or empty: not said."""

    line: Line
    layout: Layout | None
    account: str | None = None
    date: str | None = None

    def same(self, other: "Head") -> bool:
        """Say whether both head the same statement: then only the page was turned."""
        ours = (self.account, self.date, self.layout)
        return ours == (other.account, other.date, other.layout)


@dataclass
class Draft:
    """A statement. ``summary``: label → its line and figure."""

    head: Head
    currency: str = "CNY"
    summary: dict[str, tuple[Line, str]] = field(default_factory=dict)
    tables: dict[str, Page] = field(default_factory=dict)
    bad: list[Bad] = field(default_factory=list)
    open: str = ""

    def page(self) -> Page | None:
        """Return the table that is being read."""
        return self.tables.get(self.open)

    def spoil(self, title: str, line: Line, reason: str) -> None:
        """Note a bad line; the table it stands in is no longer whole."""
        self.bad.append(Bad(line.number, line.raw, reason))
        if page := self.tables.get(title):
            page.whole = False

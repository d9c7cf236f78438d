"""表 — what a table of facts holds, and which of two rows about the same thing holds.

A row is named by ``key``; of several with one key the highest ``order`` holds. So rows may come
late, twice or in any order, and the same ones are there in the end.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

Values = Mapping[str, Any]
NO_SEQUENCE = "0"


@dataclass(frozen=True, eq=False)
class Table:
    """Columns with PostgreSQL's types, in the words ``name type``; those of ``key`` come first.

    ``dated``: one partition a month of ``trading_day``, which is part of the key. ``members``: the
    table whose rows this one tells whole, each time anew: what it no longer names is removed.
    """

    name: str
    key: tuple[str, ...]
    said: tuple[str, ...]
    order: tuple[str, ...] = ("sequence bigint",)
    dated: bool = False
    members: tuple[str, ...] = ()

    @cached_property
    def types(self) -> Mapping[str, str]:
        """Column → its type, in the order of the table."""
        every = dict.fromkeys((*self.key, *self.said, *self.order))
        return {name: type_ for name, _, type_ in (one.partition(" ") for one in every)}

    @cached_property
    def named_by(self) -> tuple[str, ...]:
        """The columns of the key."""
        return tuple(_names(self.key))

    @cached_property
    def ordered_by(self) -> tuple[str, ...]:
        """The columns that say which row holds; none is ever null."""
        return tuple(_names(self.order))

    def row(self, **values: Any) -> "Row":
        """Return a row; a column that is not said is null, one that does not exist is an error."""
        if unknown := values.keys() - self.types.keys():
            raise ValueError(f"{self.name} has no {', '.join(sorted(unknown))}")
        return Row(self, {name: values.get(name) for name in self.types})


class Row(NamedTuple):
    """What one event says for one table."""

    table: Table
    values: Values

    @property
    def name(self) -> tuple[Any, ...]:
        """Return what the row is about."""
        return tuple(self.values[column] for column in self.table.named_by)

    @property
    def place(self) -> tuple[Any, ...]:
        """Return where it stands among the rows about the same."""
        return tuple(self.values[column] for column in self.table.ordered_by)


def newest(rows: Iterable[Row]) -> dict[Table, list[Values]]:
    """Return per table the rows that hold, in the order of their names: nobody waits in a circle.

    >>> staff = Table("staff", ("staff_id text",), ("role text",))
    >>> told = [staff.row(staff_id="m1", role=role, sequence=n) for n, role in enumerate("abc")]
    >>> newest([told[2], told[0], told[1]])[staff]
    [{'staff_id': 'm1', 'role': 'c', 'sequence': 2}]
    """
    held: dict[Table, dict[tuple[Any, ...], Row]] = {}
    for row in rows:
        of_table = held.setdefault(row.table, {})
        before = of_table.get(row.name)
        if before is None or before.place < row.place:
            of_table[row.name] = row
    return {
        table: [found[name].values for name in sorted(found, key=_sortable)]
        for table, found in held.items()
    }


def sequence_of(said: str | None) -> int:
    """Return an event's place in its stream; 0 for a state that was told outside of it."""
    return int(said or NO_SEQUENCE)


def _names(columns: Iterable[str]) -> Iterator[str]:
    return (column.partition(" ")[0] for column in columns)


def _sortable(name: tuple[Any, ...]) -> tuple[tuple[bool, Any], ...]:
    return tuple((part is not None, "" if part is None else part) for part in name)

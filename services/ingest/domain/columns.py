"""列 — the columns of the CFMMC files: data with versions, each in force on some trading days.

Those that come with a release stand in ``cfmmc_columns.yaml``; a broker's own file of the same form
(``INGEST_COLUMNS``) says the columns of the kinds that it names, and for those it says all.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from services.ingest.domain.positional import ColumnMap, Positional
from services.ingest.domain.source import Cells, Context
from shared.contracts.topics import ACCOUNT

R = TypeVar("R")
NEEDED, UNREAD = "!", "_"
"""What marks a column that a row cannot be read without, and one that nobody reads."""
_NAME = re.compile(r"[a-z_][a-z0-9_]*!?")


class WrongColumns(ValueError):
    """Columns cannot be used; says which file and version, and why."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Layout(_Part):
    """One kind of file in one version."""

    at_least: PositiveInt
    columns: str = Field(min_length=1)


class Edition(_Part):
    """A version of the format. A text instead of a layout names a version that is known."""

    version: Annotated[str, Field(min_length=1, max_length=60)]
    since: Annotated[date | None, Field(alias="from")] = None
    until: date | None = None
    files: dict[str, Layout | str]


class Columns(_Part):
    """A whole file of columns."""

    editions: list[Edition] = Field(min_length=1)


Maps = Mapping[str, tuple[ColumnMap, ...]]
"""Kind of file → its columns, the earliest first."""


@cache
def shipped() -> Maps:
    """Return the columns that come with this release."""
    text = files("services.ingest.domain").joinpath("cfmmc_columns.yaml").read_text("utf-8")
    return maps_of(yaml.safe_load(text))


def maps_of(told: Any, known: Maps | None = None) -> Maps:
    """Return the columns of a file; raises ``WrongColumns``. ``known``: what versions there are."""
    try:
        form = Columns.model_validate(told)
    except ValidationError as failure:
        first = failure.errors(include_url=False, include_input=False)[0]
        raise WrongColumns(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    found: dict[str, list[ColumnMap]] = {}
    for edition in form.editions:
        for name, layout in edition.files.items():
            found.setdefault(name, []).append(_map(name, layout, edition, known))
    return {name: _in_turn(name, maps) for name, maps in found.items()}


def _map(name: str, layout: Layout | str, edition: Edition, known: Maps | None) -> ColumnMap:
    days = edition.since, edition.until
    if known is not None and name not in known:
        raise WrongColumns(f"{name} is none of {', '.join(known)}")
    if isinstance(layout, str):
        versions = {one.version: one for one in (known or {}).get(name, ())}
        if layout not in versions:
            there = ", ".join(versions) or "none"
            raise WrongColumns(f"{name}: no version {layout} is known; known: {there}")
        return versions[layout]._replace(since=days[0], until=days[1])
    names = layout.columns.split()
    plain = tuple(one.removesuffix(NEEDED) for one in names)
    needed = frozenset(one.removesuffix(NEEDED) for one in names if one.endswith(NEEDED))
    made = ColumnMap(edition.version, plain, layout.at_least, needed, *days)
    for why in _complaints(names, made, known[name] if known else ()):
        raise WrongColumns(f"{name}, {edition.version}: {why}")
    return made


def _complaints(names: list[str], made: ColumnMap, known: Iterable[ColumnMap]) -> Iterable[str]:
    """Yield what is wrong; a name that nobody reads is a slip unless it begins with ``_``."""
    yield from (f"{one!r} is no name" for one in names if not _NAME.fullmatch(one))
    read = [one for one in made.names if one[:1] != UNREAD]
    yield from (f"{one} stands twice" for one in sorted(set(read)) if read.count(one) > 1)
    told = set(made.names[: made.at_least])
    needed = made.needed.union(*(one.needed for one in known))
    yield from (f"{one} must stand in the first {made.at_least}" for one in sorted(needed - told))
    every = {one for each in known for one in each.names}
    if every:
        yield from (f"nobody reads {one}: write _{one}" for one in read if one not in every)
    if made.since and made.until and made.since > made.until:
        yield f"from {made.since} is after until {made.until}"


def _in_turn(name: str, maps: list[ColumnMap]) -> tuple[ColumnMap, ...]:
    """Return the maps by their days; raises ``WrongColumns`` where two are in force at once."""
    ordered = sorted(maps, key=lambda one: one.since or date.min)
    for one, after in pairwise(ordered):
        if (one.until or date.max) >= (after.since or date.min):
            raise WrongColumns(f"{name}: {one.version} and {after.version} hold on the same days")
    return tuple(ordered)


def daily(name: str, order: int, read: Callable[[Cells, Context], R]) -> Positional[R]:
    """Return a CFMMC file of a trading day, which may have nothing to say."""
    return Positional(
        name=name,
        order=order,
        topic=ACCOUNT,
        pattern=re.compile(rf"\d*{name}(?P<day>\d{{8}})\.txt", re.IGNORECASE),
        read=read,
        dated=True,
        may_be_empty=True,
        columns=shipped()[name],
    )

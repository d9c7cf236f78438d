"""列的文件 — a broker's own columns of CFMMC files; its kinds are asked before the shipped."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AfterValidator

from services.ingest.domain.columns import WrongColumns, maps_of, shipped
from services.ingest.domain.positional import Positional
from services.ingest.domain.profiles.profile import Profile
from services.ingest.domain.profiles.source import sources_of
from services.ingest.domain.sources import AnySource, catalogue


def columns_at(path: Path | None) -> tuple[AnySource, ...]:
    """Return the kinds of files whose columns the file says; raises ``WrongColumns``."""
    if path is None:
        return ()
    try:
        told = yaml.safe_load(path.read_bytes())
    except OSError as failure:
        raise WrongColumns(f"{path}: {failure.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as failure:
        mark = getattr(failure, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark else "not UTF-8"
        raise WrongColumns(f"{path.name}: not YAML: {place}") from None
    found = maps_of(told, shipped()).items()
    kinds = [(catalogue()[name], maps) for name, maps in found]
    return tuple(
        replace(kind, columns=maps) for kind, maps in kinds if isinstance(kind, Positional)
    )


def own_sources(
    profiles: Iterable[Profile], columns: Path | None, broker: str
) -> tuple[AnySource, ...]:
    """Return every kind of file that is a broker's own, by columns or by profile."""
    return (*columns_at(columns), *sources_of(profiles, broker))


def _usable(path: Path | None) -> Path | None:
    columns_at(path)
    return path


ColumnsFile = Annotated[Path | None, AfterValidator(_usable)]
"""A setting: read when the settings are, so that a wrong one is named at the start."""

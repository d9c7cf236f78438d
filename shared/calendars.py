"""The trading calendar that a service is told to use: the shipped one, or with a file's changes.

One variable a service (``INGEST_CALENDAR``, ``MOT_CALENDAR``, …), the same file for all of them.
"""

from collections.abc import Hashable
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator

from shared.kernel.calendar_change import apply
from shared.kernel.calendar_form import WrongCalendar, change_of
from shared.kernel.trading_day import Calendar, china

LARGEST = 1024 * 1024  # bytes


def calendar_at(path: Path | None) -> Calendar:
    """Return the shipped calendar with the file's changes; raises ``WrongCalendar``."""
    return china() if path is None else apply(china(), change_of(_content(path)))


class _PlainLoader(yaml.BaseLoader):
    """Reads every scalar as text (``21:00`` is no number), and refuses a key that stands twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                line = node.start_mark.line + 1
                raise WrongCalendar(f"{key}", f"stands twice in the block from line {line}")
        return super().construct_mapping(node, deep)


def _content(path: Path) -> Any:
    """Read YAML, or JSON, which is YAML too."""
    try:
        raw = path.read_bytes()
        if len(raw) > LARGEST:
            raise WrongCalendar(path.name, f"more than {LARGEST} bytes")
        return yaml.load(raw.decode(), _PlainLoader)  # noqa: S506 it makes text and nothing else
    except OSError as error:
        raise WrongCalendar(str(path), f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise WrongCalendar(path.name, "not UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark else path.name
        raise WrongCalendar(place, f"not YAML: {getattr(error, 'problem', error)}") from None


def _usable(path: Path | None) -> Path | None:
    calendar_at(path)
    return path


CalendarFile = Annotated[Path | None, AfterValidator(_usable)]
"""A setting: a calendar file, read when the settings are, so that a wrong one is named at start."""

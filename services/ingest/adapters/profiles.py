"""配置目录 — the profiles of a folder, read and checked; a mistake names its file and its key."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from services.ingest.domain.profiles.profile import Profile

SHIPPED = Path(__file__).parents[1] / "profiles"
"""Examples that come with this release; copy one into the folder of your own."""

_STEPS = {"function-before", "constrained-str", "str", "int"}


class BadProfile(ValueError):
    """A profile cannot be used; says which file, which key, and why."""


def load(path: Path) -> Profile:
    """Return the profile in a file; raises ``BadProfile``."""
    try:
        told = yaml.safe_load(path.read_bytes())
    except OSError as failure:
        raise BadProfile(f"{path.name}: {failure.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as failure:
        raise BadProfile(f"{path.name}: not YAML: {_where(failure)}") from None
    if not isinstance(told, dict):
        raise BadProfile(f"{path.name}: not a YAML mapping of keys to values")
    try:
        return Profile.model_validate(told)
    except ValidationError as failure:
        errors = failure.errors(include_url=False, include_input=False)
        said = [_said(error["loc"], error["msg"]) for error in errors]
        raise BadProfile(f"{path.name}: {'; '.join(said)}") from None


def load_all(folder: Path | None) -> tuple[Profile, ...]:
    """Return the profiles of a folder in the order of their names; raises ``BadProfile``."""
    if folder is None:
        return ()
    if not folder.is_dir():
        raise BadProfile(f"{folder}: no such folder")
    found = [load(path) for path in sorted(folder.glob("*.yaml"))]
    names = [profile.name for profile in found]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise BadProfile(f"two profiles are named {doubled[0]}")
    return tuple(found)


def _said(place: tuple[int | str, ...], message: str) -> str:
    key = ".".join(str(step) for step in place if str(step) not in _STEPS)
    told = message.removeprefix("Value error, ")
    return f"{key}: {told}" if key else told


def _where(failure: Exception) -> str:
    mark = getattr(failure, "problem_mark", None)
    place = f"line {mark.line + 1}: " if mark else ""
    return f"{place}{getattr(failure, 'problem', None) or failure}"

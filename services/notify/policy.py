"""Reads ``policy.yaml`` and ``templates.yaml``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from services.notify.domain.policy import Policy
from services.notify.domain.templates import Templates

SHIPPED = Path(__file__).with_name("policy.yaml")
WORDED = Path(__file__).with_name("templates.yaml")


class WrongPolicy(ValueError):
    """The file cannot be read, is no YAML, or says something that is not known or too long."""


def read_policy(path: Path = SHIPPED, wording: Templates | None = None) -> Policy:
    """Return the policy; WrongPolicy names the file and the place in it."""
    words = read_templates() if wording is None else wording
    try:
        return Policy.model_validate(_table(path) | {"wording": words})
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise WrongPolicy(f"{path}: {error}") from None


def read_templates(path: Path = WORDED, signs: Sequence[str] = ("观潮",)) -> Templates:
    """Return the templates; WrongPolicy names the file and the place that is wrong or too long.

    ``signs``: the 短信签名 they go under.
    """
    try:
        templates = Templates.model_validate(_table(path))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise WrongPolicy(f"{path}: {error}") from None
    if long := list(templates.too_long(signs)):
        raise WrongPolicy(f"{path}: " + "\n".join(long))
    return templates


def _table(path: Path) -> dict[str, Any]:
    table = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(table, dict):
        raise ValueError("it is no table")
    return table

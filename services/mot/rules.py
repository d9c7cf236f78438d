"""One line of ``rules.yaml`` switches one detector on; a published version overrides its line."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from services.mot.domain.detectors import AnyDetector, catalogue
from services.mot.domain.watch import Rules
from shared.contracts.rules import Rule
from shared.kernel.trading_day import Calendar, china

SHIPPED = Path(__file__).with_name("rules.yaml")


class WrongRules(ValueError):
    """A rule or a threshold that no detector knows, or a value that is none; with its place."""


def read_rules(path: Path = SHIPPED, calendar: Calendar | None = None) -> Rules:
    """Read a rules file; an unknown rule or threshold is refused with its place."""
    try:
        lines = parse(path.read_text(encoding="utf-8"))
        detectors = {name: detector_of(name, given) for name, given in lines.items()}
    except WrongRules as error:
        raise WrongRules(f"{path.name}: {error}") from None
    return Rules(detectors, calendar or china())


def parse(text: str) -> dict[str, dict[str, Any]]:
    """Read the table of a rules file: rule → what its line says."""
    try:
        table: Any = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise WrongRules(str(error)) from None
    if not isinstance(table, dict):
        raise WrongRules("not a table of rules")
    for name, given in table.items():
        if not isinstance(given or {}, dict):
            raise WrongRules(f"{name}: not a table of thresholds")
    return {str(name): given or {} for name, given in table.items()}


def detector_of(name: str, given: Mapping[str, Any]) -> AnyDetector:
    """Return the detector with what a line, or a passport, gives it."""
    known = catalogue().get(name)
    if known is None:
        raise WrongRules(f"no such rule: {name}")
    try:
        return known.model_validate(dict(given))
    except ValidationError as error:
        raise WrongRules("; ".join(_places(name, error))) from None


def detector_told(rule: Rule) -> AnyDetector:
    """Return the detector as a published version tells it, all its thresholds as text."""
    given = {name: plain(text) for name, text in rule.thresholds.items()}
    for taken in sorted(given.keys() & {"version", "urgency"}):
        raise WrongRules(f"{rule.rule}: {taken} is no threshold")
    told = {**given, "version": rule.version, "urgency": rule.urgency}
    return detector_of(rule.rule, told)


def plain(text: str) -> Any:
    """Return a threshold's value from the text a passport has: a list or a table is JSON.

    >>> plain("0.5"), plain('["a", "b"]'), plain("null")
    ('0.5', ['a', 'b'], None)
    """
    if text != "null" and not text.startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _places(name: str, error: ValidationError) -> list[str]:
    found = error.errors(include_url=False, include_context=False)
    return [
        f"{'.'.join((name, *map(str, wrong['loc'])))}: {wrong['msg'].removeprefix('Value error, ')}"
        for wrong in found
    ]

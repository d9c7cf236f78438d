"""The versions of every rule, and which of them are in force: the file's and the published ones.

A *stamp* names the version of every rule that was in force, as canonical JSON. The checkpoint keeps
it, so that what is read again after a crash is watched by the versions that watched it before.
"""

import json
from dataclasses import dataclass
from typing import Protocol

from pydantic import ValidationError

from services.mot.domain.detectors import AnyDetector
from services.mot.domain.watch import Rules
from services.mot.rules import WrongRules, detector_told
from shared.contracts.rules import PUBLISHED, Rule, rule_key

FILE = "rules.yaml"


@dataclass(frozen=True)
class Version:
    """One version of a rule; ``detector`` None: switched off. ``author`` of the file: its name."""

    number: int
    detector: AnyDetector | None
    author: str
    told: Rule | None = None


@dataclass(frozen=True)
class InForce:
    """Rules, and the stamp that names their versions. ``missing`` were asked for and not found."""

    stamp: str
    rules: Rules
    missing: tuple[str, ...] = ()


class Book(Protocol):
    """Knows the rules that should be in force, and those that a stamp names."""

    @property
    def latest(self) -> InForce: ...

    def resolve(self, stamp: str | None) -> InForce: ...

    async def caught_up(self) -> None:
        """Return when everything that was published before this call is known."""


class Rulebook:
    """The file's versions from the start, and every valid one that was published since.

    Per rule the highest version is in force. A version that is not above the file's and not above
    those published before is refused; one that a newer file overtook is kept for replays.
    """

    def __init__(self, base: Rules) -> None:
        self.calendar = base.calendar
        self._base = {n: Version(d.version, d, FILE) for n, d in base.detectors.items()}
        self._published: dict[str, dict[int, Version]] = {}
        self._resolved: dict[str, InForce] = {}
        self.base = self.latest = self._now()

    def take(self, raw: bytes | None) -> Rule:
        """Learn a record of ``mot.rule.v1``; raise WrongRules, and nothing has changed."""
        try:
            rule = PUBLISHED.validate_json(raw or b"").data
        except ValidationError as error:
            raise WrongRules(f"no rule.published: {_first(error)}") from None
        self.check(rule)
        detector = detector_told(rule) if rule.enabled else None
        version = Version(rule.version, detector, rule.author, rule)
        self._published.setdefault(rule.rule, {})[rule.version] = version
        self._resolved.clear()
        self.latest = self._now()
        return rule

    def check(self, rule: Rule) -> None:
        """Raise WrongRules when the version is not above those before it, or says what is wrong."""
        detector_told(rule)
        above = max(self._published.get(rule.rule, {0: None}))
        base = self._base.get(rule.rule)
        if rule.version <= above or (base is not None and rule.version == base.number):
            now = max(above, base.number if base else 0)
            raise WrongRules(
                f"{rule_key(rule.rule, rule.version)}: the version must be above {now}"
            )

    def versions(self) -> dict[str, Version]:
        """Return rule → its version in force, the switched-off ones too."""
        return self._highest()

    def history(self, rule: str) -> list[Version]:
        """Return a rule's versions, the oldest first."""
        found = self._known(rule)
        return [found[number] for number in sorted(found)]

    def _known(self, rule: str) -> dict[int, Version]:
        """Return number → a rule's version."""
        found = dict(self._published.get(rule, {}))
        if rule in self._base:
            found[self._base[rule].number] = self._base[rule]
        return found

    def resolve(self, stamp: str | None) -> InForce:
        """Return the rules that a stamp names; without one, the latest.

        A rule that the stamp does not name came with this release and holds at once. A version that
        is nowhere (a file taken back) gives way to the one in force, and is ``missing``.
        """
        if not stamp:
            return self.latest
        if stamp not in self._resolved:
            latest = versions_of(self.latest.stamp)
            self._resolved[stamp] = self._in_force({**latest, **versions_of(stamp)})
        return self._resolved[stamp]

    def _now(self) -> InForce:
        return self._in_force({n: v.number for n, v in self._highest().items()})

    async def caught_up(self) -> None:
        """By itself a book knows all that it was told."""

    def _highest(self) -> dict[str, Version]:
        names = sorted(self._base.keys() | self._published.keys())
        known = {name: self._known(name) for name in names}
        return {name: found[max(found)] for name, found in known.items()}

    def _in_force(self, numbers: dict[str, int]) -> InForce:
        detectors: dict[str, AnyDetector] = {}
        stamp: dict[str, int] = {}
        missing = []
        for name in sorted(numbers):
            known = self._known(name)
            if not known:
                continue  # a rule that this release no longer has
            version = known.get(numbers[name])
            if version is None:
                missing.append(rule_key(name, numbers[name]))
                version = known[max(known)]
            stamp[name] = version.number
            if version.detector is not None:
                detectors[name] = version.detector
        ordered = {name: detectors[name] for name in self._order(detectors)}
        return InForce(stamp_of(stamp), Rules(ordered, self.calendar), tuple(missing))

    def _order(self, detectors: dict[str, AnyDetector]) -> list[str]:
        """The file's order, then the others: several alerts of one event come in one order."""
        first = [name for name in self._base if name in detectors]
        return first + sorted(detectors.keys() - set(first))


def stamp_of(versions: dict[str, int]) -> str:
    """Return the stamp of rule → version.

    >>> stamp_of({"b": 2, "a": 1})
    '{"a":1,"b":2}'
    """
    return json.dumps(versions, sort_keys=True, separators=(",", ":"))


def versions_of(stamp: str) -> dict[str, int]:
    """Return rule → version of a stamp; an empty one names none."""
    return dict(json.loads(stamp)) if stamp else {}


def _first(error: ValidationError) -> str:
    wrong = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}"

"""What is answered about batches of return visits, and the rules they follow."""

from datetime import date, datetime
from typing import Any, Literal

from services.profile.pages import Page
from services.profile.view import View

Status = Literal["queued", "running", "done", "failed"]


class TallyView(View):
    """How many clients a rule met, and of how many it is 未知."""

    met: int
    unknown: int


class BatchView(View):
    """批次 — ``seen`` of ``total`` clients are judged; the counts are there when it is done.

    ``opened``: new tasks; ``joined``: open ones with a new reason; of a preview, what they would
    be. ``wrong``: what ended the last attempt.
    """

    batch: str
    status: Status
    preview: bool
    seen: int
    total: int | None
    year: int
    trading_day: date
    seed: str
    rules: dict[str, Any]
    clients: int | None
    tallies: dict[str, TallyView] | None
    selected: int | None
    opened: int | None
    joined: int | None
    generated_by: str
    generated_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    wrong: str | None


class RulesView(View):
    """规则的参数 — ``parameters``: what one batch may change; ``tags``: of the directory."""

    version: int
    source: dict[str, Any]
    parameters: dict[str, Any]
    tags: dict[str, Any]


class Batches(Page):
    """Which page of the batches."""


class FaultView(View):
    """What is wrong with a row; ``column`` by its English name, or its number when unknown."""

    row: int
    column: str
    wrong: str


class ImportView(View):
    """导入 — ``new`` rows written (or that would be), ``held``: there already; or what is wrong.

    ``wrong``: how many faults there are; the first of them are told.
    """

    written: bool
    new: int
    held: int
    batch: str | None
    wrong: int
    faults: list[FaultView]

"""The generated pages, one function each: its name is the page's, its lines are paragraphs."""

import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

from prometheus_client import Counter, Gauge, Histogram
from pydantic import BaseModel
from pydantic_settings import BaseSettings

from shared.contracts.alerts import AlertEvent
from shared.contracts.callbacks import CardClicked
from shared.contracts.customers import CustomerChanged
from shared.contracts.deliveries import DeliveryEvent
from shared.contracts.event import Event
from shared.contracts.replies import ReplyGiven
from shared.contracts.rules import RulePublished
from shared.contracts.staff import StaffChanged
from shared.contracts.states import StateEvent
from shared.contracts.stream import StreamEvent
from shared.contracts.topics import (
    ACCOUNT,
    ALERT,
    CALLBACK,
    CUSTOMER,
    DELIVERY,
    REPLY,
    RULE,
    STAFF,
    STATE,
    TOPICS,
    Topic,
)
from shared.observability import metrics as declared
from tools.fields import rows
from tools.markdown import Paragraphs, first_sentence, said, table
from tools.seen import templates
from tools.told import messages, rules

ROOT = Path(__file__).parents[1]
CONTRACTS: dict[Topic, Any] = {
    ACCOUNT: StreamEvent,
    CUSTOMER: CustomerChanged,
    STAFF: StaffChanged,
    ALERT: AlertEvent,
    RULE: RulePublished,
    STATE: StateEvent,
    DELIVERY: DeliveryEvent,
    REPLY: ReplyGiven,
    CALLBACK: CardClicked,
}


def topics() -> Paragraphs:
    """The topic table."""
    yield "# 主题 Topics"
    yield "不自动建主题；分区数不变，要变就是 `.v2` · no auto-creation; partitions never change."
    head = ("主题 topic", "所有者 owner", "键 key", "分区 partitions", "保留 kept", "类型 types")
    yield table(
        head, ((f"`{t.name}`", t.owner, t.key, str(t.partitions), *_kept(t)) for t in TOPICS)
    )


def events() -> Paragraphs:
    """Every public event: the envelope once, then each topic's types and bodies."""
    yield "# 事件 Events"
    yield f"## 信封 Envelope\n\n{said(inspect.getmodule(Event))}\n\n{said(Event)}"
    yield _fields(Event)
    for topic, union in CONTRACTS.items():
        types = {_tag(member): member for member in _members(union)}
        yield f"## `{topic.name}`\n\n{said(inspect.getmodule(types[topic.types[0]]))}"
        schema = f"../../shared/contracts/schemas/{topic.name}.json"
        yield f"JSON Schema：[{topic.name}.json]({schema})"
        head = ("类型 type", "含义 meaning", "体 data", "样例 golden message")
        yield table(head, (_type(tag, types[tag]) for tag in topic.types))
        for body in dict.fromkeys(b for tag in topic.types for b in _bodies(types[tag])):
            yield f"### `{body.__name__}`\n\n{said(body)}"
            yield _fields(body)


def settings() -> Paragraphs:
    """Every variable that a service reads."""
    yield "# 配置 Settings"
    yield "每个服务启动时读一次自己前缀的环境变量；嵌套名写错（如 `MOT_KAFKA__BROKR`）就不启动。"
    yield "Each service reads its own prefix once, at its start; an unknown nested name is refused."
    for path in sorted(ROOT.glob("services/*/settings.py")):
        model: type[BaseSettings] = import_module(f"services.{path.parent.name}.settings").Settings
        yield f"## {path.parent.name}"
        head = ("变量 variable", "类型 type", "缺省 default", "密钥 secret", "含义 meaning")
        yield table(head, _variables(model, str(model.model_config.get("env_prefix", ""))))


def metrics() -> Paragraphs:
    """Every metric, as the code declares it."""
    yield "# 指标 Metrics"
    yield "在每个服务的 `/metrics`；标签里没有客户 · at `/metrics`; no client in a label."
    found = (m for m in vars(declared).values() if isinstance(m, Counter | Gauge | Histogram))
    head = ("指标 metric", "类型 type", "标签 labels", "含义 meaning")
    yield table(head, map(_metric, found))


PAGES: tuple[Callable[[], Paragraphs], ...] = (
    topics,
    events,
    messages,
    templates,
    rules,
    settings,
    metrics,
)


def _kept(topic: Topic) -> tuple[str, str]:
    days = f"{topic.retention_days} 天 days" if topic.retention_days else "永久 for ever"
    types = ", ".join(f"`{type_}`" for type_ in topic.types)
    return ("压缩 compacted" if topic.compacted else days, types or "原样 as it came")


def _members(union: Any) -> list[type[Event]]:
    """Return a union's event types; an ``Annotated`` one's own metadata is none."""
    if isinstance(union, type):
        return [union]
    return [member for part in get_args(union) for member in _members(part)]


def _tag(event: type[Event]) -> str:
    return str(event.model_fields["type"].default)


def _type(tag: str, event: type[Event]) -> tuple[str, ...]:
    example = f"[{tag}.json](../../shared/contracts/examples/{tag}.json)"
    return (f"`{tag}`", first_sentence(event), f"`{_bodies(event)[0].__name__}`", example)


def _bodies(model: type[BaseModel]) -> list[type[BaseModel]]:
    """Return the models that a model's fields hold, outermost first."""
    found: list[type[BaseModel]] = []
    for field in model.model_fields.values():
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                found += [inner, *_bodies(inner)]
    return found


def _fields(model: type[BaseModel]) -> str:
    head = ("字段 field", "类型 type", "必填 required", "缺省 default", "含义 meaning")
    told = (
        (f"`{r.name}`", r.type, "" if r.optional else "是 yes", r.default, r.meaning)
        for r in rows(model)
    )
    return table(head, told)


def _variables(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, ...]]:
    for row in rows(model):
        name, default = (
            f"{prefix}{row.name.upper()}",
            row.default if row.optional else "必填 required",
        )
        inner = _bodies_of(model, row.name)
        if inner is None:
            yield f"`{name}`", row.type, default, "是 yes" if row.secret else "", row.meaning
        else:
            yield from _variables(inner, f"{name}__")


def _bodies_of(model: type[BaseModel], field: str) -> type[BaseModel] | None:
    annotation = model.model_fields[field].annotation
    for inner in (annotation, *get_args(annotation)):
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return inner
    return None


def _metric(metric: Counter | Gauge | Histogram) -> tuple[str, str, str, str]:
    (described,) = metric.describe()
    suffix = "_total" if described.type == "counter" else ""
    labels = ", ".join(f"`{label}`" for label in metric._labelnames)
    return f"`{described.name}{suffix}`", described.type, labels, described.documentation

"""The generated pages of what the product tells: the types of message, and mot's rules."""

import inspect
from collections.abc import Iterable, Iterator

from services.mot.domain.detectors import AnyDetector
from services.mot.rules import read_rules
from shared.contracts.alerts import Module
from shared.contracts.messages import SOURCES, MessageType, of_rule
from shared.contracts.messages import messages as catalogue
from tools.fields import rows
from tools.markdown import Paragraphs, said, table
from tools.runbooks import Example, examples


def messages() -> Paragraphs:
    """Every type of message, by module."""
    every = catalogue()
    now = sum(message.produced for message in every)
    yield "# 消息 Messages"
    yield (
        f"{len(every)} 种消息，三个模块；现在发出 {now} 种，其余等它们的服务 · "
        f"{len(every)} types of message in three modules; {now} are told now, the others wait for "
        "the services that own their facts."
    )
    yield (
        "一行一种，在 `shared/contracts/messages.yaml`；缺省通道由紧急度决定 · "
        "one line each in `shared/contracts/messages.yaml`; channels follow from the urgency."
    )
    yield "来源 named by：" + "；".join(f"{name} {text}" for name, text in SOURCES.items())
    for module in Module:
        own = [message for message in every if message.module is module]
        yield f"## {module.value} · {len(own)}"
        head = (
            "消息 message",
            "紧急度 urgency",
            "缺省通道 channels",
            "事实 fact",
            "要素 fields",
            "来源 named by",
            "现在 now",
        )
        yield table(head, map(_message, own))


def rules() -> Paragraphs:
    """Every rule in force: what it hears, what it says, at which thresholds, with examples."""
    yield "# 规则 Rules"
    yield "阈值在 `services/mot/rules.yaml`，一行一条规则 · thresholds: one line a rule."
    yield "准确的定义在[定义](../definitions.md) · exact [definitions](../definitions.md)."
    for name, rule in read_rules().detectors.items():
        yield f"## `{name}` · {rule.message_type}\n\n{said(inspect.getmodule(type(rule)))}"
        yield said(type(rule))
        yield table(("项 item", "值 value"), _rule(name, rule))
        if own := rule.thresholds():
            known = {row.name: row for row in rows(type(rule))}
            head = ("阈值 threshold", "类型 type", "代码缺省 default", "现值 in force")
            yield table(
                head, ((f"`{n}`", known[n].type, known[n].default or "", v) for n, v in own.items())
            )
        yield table(("例 example", "发生了什么 happened", "告知 told"), _examples(examples(name)))


def _message(message: MessageType) -> tuple[str, ...]:
    rule, fact = message.rule, message.fact
    made = f"{fact.owner}：`{fact.type}` {fact.which}"
    return (
        f"{message.name} {message.english}",
        f"`{message.urgency.value}`",
        ", ".join(f"`{channel}`" for channel in message.channels),
        f"[`{rule}`](../runbooks/{rule}.md)" if rule else made,
        " · ".join(message.fields),
        ", ".join(message.named_by) or "我们 ours",
        "发出 told" if message.produced else "还没有 not yet",
    )


def _rule(name: str, rule: AnyDetector) -> Iterator[tuple[str, str]]:
    yield "模块 module", rule.module.value
    yield "紧急度 urgency", f"`{rule.urgency.value}`"
    yield "版本 version", str(rule.version)
    heard = (type_.__struct_config__.tag for type_ in rule.listens_to)
    yield "听 listens to", ", ".join(f"`{tag}`" for tag in heard)
    yield "要素 facts", " · ".join(of_rule(name).fields)
    yield "处置 action", rule.action
    yield "手册 runbook", f"[{name}.md](../runbooks/{name}.md)"


def _examples(found: Iterable[Example]) -> Iterator[tuple[str, str, str]]:
    for example in found:
        yield "正 speaks" if example.positive else "反 silent", example.happened, example.told

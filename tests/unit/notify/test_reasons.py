"""Every reason that the code can give is said in words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.notify.adapters import transport
from services.notify.domain.reasons import FAMILIES, REASONS, in_words, sentence

NOTIFY = Path(transport.__file__).parents[1]
PLACE = {  # a call → which of its arguments is the reason
    "Suppress": 0,
    "Defer": 1,
    "Route": 1,
    "Retry": 0,
    "Rejected": 0,
    "TokenRefused": 0,
    "Send": 2,
    "sends": 1,
    "sends_to": 2,
    "_told": 2,
    "ignore": 1,
    "Ended": 1,
}
RETURNS = {"untold", "lacks", "overtaken", "_enter"}  # these return a reason, or None
FATES = {"unknown-alert", "unknown-person"}  # what an answer meets: never in the ledger
REASON = re.compile(r"[a-z]+(-[a-z]+)*-?")


def literals(node: ast.AST) -> Iterator[str]:
    """Yield the texts in an expression; of an f-string what it begins with."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
            yield text
        case ast.JoinedStr() | ast.Call() | ast.Compare() | ast.Attribute():
            return
        case ast.IfExp(body=body, orelse=orelse):
            yield from literals(body)
            yield from literals(orelse)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from literals(child)


def given(node: ast.AST) -> Iterator[str]:
    """Yield the reasons that stand at one place of some code."""
    match node:
        case ast.Call(func=ast.Name(id="named"), args=[ast.Constant(value=str(family)), _]):
            yield f"{family}-"
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args):
            place = PLACE.get(name, len(args))
            yield from (text for arg in args[place : place + 1] for text in literals(arg))
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if name in RETURNS:
            yield from (text for inner in ast.walk(node) for text in answered(inner))
        case ast.Dict(keys=keys, values=values):
            pairs = zip(keys, values, strict=True)
            named = (v for k, v in pairs if isinstance(k, ast.Constant) and k.value == "reason")
            yield from (text for value in named for text in literals(value))


def answered(node: ast.AST) -> Iterator[str]:
    """Yield the reasons with which a function answers, or which it files under a number."""
    match node:
        case ast.Return(value=ast.expr() as value):
            yield from literals(value)
        case ast.Assign(targets=[ast.Subscript()], value=value):
            yield from literals(value)
        case ast.Call(func=ast.Attribute(attr="fromkeys"), args=[_, value]):
            yield from literals(value)


def every() -> set[str]:
    files = [p for p in NOTIFY.rglob("*.py") if "migrations" not in p.parts]
    nodes = (n for f in files for n in ast.walk(ast.parse(f.read_text(encoding="utf-8"))))
    found = {reason for node in nodes for reason in given(node)}
    return {r for r in found if REASON.fullmatch(r)} - FATES


def test_the_code_is_understood() -> None:
    known = {"manager", "quiet-hours", "no-mobile", "superseded", "budget", "lease-expired"}
    assert known | {"handed-over", "unsure-", "gave-up-", "desk-", "http-", "errcode-"} <= every()


@pytest.mark.parametrize("reason", sorted(every()))
def test_a_reason_of_the_code_has_a_line_in_domain_reasons(reason: str) -> None:
    assert reason in REASONS or reason in FAMILIES


def test_whatever_httpx_raises_is_said_in_words() -> None:
    raised = {
        kind.__name__
        for kind in vars(httpx).values()
        if isinstance(kind, type)
        and issubclass(kind, httpx.HTTPError)
        and not kind.__subclasses__()
    }
    raised |= {httpx.InvalidURL.__name__, TimeoutError.__name__}
    never = {httpx.HTTPStatusError.__name__}  # only raise_for_status raises it
    assert {name for name in raised - never if sentence(name) is None} == set()


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("gave-up-unsure-http-502", "太久没有成功，不再发：可能已到，再发会重复：网关回 HTTP 502"),
        ("token-errcode-40013", "企业微信不给令牌，错误码 40013"),
        ("token-ConnectTimeout", "取不到令牌：连接网关超时，没有发出"),
        ("escalated-team-lead-silenced", "无人应答，逐级上报：组长，被静音"),
        ("escalated-on-call-nobody-reachable", "无人应答，逐级上报：值班，谁也联系不上"),
        ("escalated-branch-head", "无人应答，逐级上报：营业部负责人"),
        ("passed-over-team-lead", "过了点才走到，走了更高一级，不再告知：组长"),
        ("errcode--1", "网关错误码 -1"),
        ("code-isv.MOBILE_NUMBER_ILLEGAL", "网关返回 isv.MOBILE_NUMBER_ILLEGAL"),
    ],
)
def test_a_family_says_the_rest_too(reason: str, said: str) -> None:
    found = sentence(reason)
    assert found is not None
    assert found.chinese == said
    assert "{}" not in str(found)


def test_what_nobody_knows_is_shown_as_it_is() -> None:
    assert sentence("http-") is None
    assert in_words("who-knows") == "who-knows"


def test_each_line_is_in_both_languages() -> None:
    for name, line in {**REASONS, **FAMILIES}.items():
        assert re.search(r"[\u4e00-\u9fff]", line.chinese), name
        assert line.english.isascii(), name

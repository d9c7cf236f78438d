"""M1_INGEST · 坏数据到 ingest · pushes, rows and files that are none, each among good ones.

Each is refused at its place and kept as a dead letter; every good one beside it is in the log.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from services.ingest.domain.fact import digest
from shared.contracts.topics import ACCOUNT
from tests.fault.asked import Asked
from tests.fault.ingesting import Site, ingesting, judged
from tests.kit.ingest import DAY, cusfund, file, fundchg, posted, withdrew
from tests.kit.topic import read_all

KILLS, PIECE = 300, 300  # bad things
DEEP = 20_000
Event = dict[str, Any]

WHOLE = "very deep"  # no event of such a body can be read: all of it is refused
PUSHES: dict[str, Any] = {
    "amount a float": {"data": {"amount": 12.5}},
    "amount no number": {"data": {"amount": "x"}},
    "amount NaN": {"data": {"amount": "NaN"}},
    "amount too fine": {"data": {"amount": "0.0001"}},
    "amount too large": {"data": {"amount": "9" * 40}},
    "amount below zero": {"data": {"amount": "-1"}},
    "another broker": {"data": {"broker": "other"}},
    "another account": {"data": {"account": "1"}},
    "no trading day": {"data": {"trading_day": "2026-05-30"}},
    "outside the calendar": {"data": {"trading_day": "2019-06-03"}},
    "no such day": {"data": {"trading_day": "2026-02-30"}},
    "no zone": {"data": {"happened_at": "2026-06-01T10:00:00"}},
    "a control character": {"data": {"serial": "a\x00b"}},
    "another type": {"type": "funds.vanished"},
    "our own source": {"source": "guanchao/day"},
    "no id": {"id": ""},
    "a number that is none": {"sequence": "x"},
    "300 KB": {"data": {"serial": "x" * 300_000}},
    WHOLE: {"data": {"note": "@deep@"}},
    "no body": {"data": None},
}
ROWS: dict[str, str] = {
    "cut short": "2026-06-01@80000001",
    "amount no number": fundchg("80000001", "x"),
    "no money": fundchg("80000001", "0"),
    "another day": fundchg("80000001", "-5", date="2026-06-02"),
    "no account": fundchg("", "-5"),
    "not GB18030": "\udcff",
}
FILES: dict[str, tuple[str, bytes]] = {
    "empty": ("0137cusfund20260602.txt", b""),
    "no trading day": ("0137cusfund20260530.txt", b"x"),
    "no name": ("notes.txt", b"x"),
    "no workbook": ("relations.xlsx", b"PK\x03\x04 not really"),
    "no header": ("staff.csv", b"a,b\n1,2\n"),
    "only bad rows": ("0137trddata20260601.txt", b"1@2\r\n"),
}


async def run(asked: Asked, folder: Path) -> dict[str, Any]:
    """Push and drop bad things in turn until there were as many as asked for."""
    wanted: dict[str, list[str]] = {}
    sent: Counter[str] = Counter()
    complaints: list[str] = []
    async with ingesting(folder) as site:
        number = 0
        fixed = len(ROWS) + len(FILES)
        while len(sent) + fixed < max(asked.kills, fixed) and not asked.over():
            complaints += await _push(site, number, wanted, sent)
            number += 1
        await _drop(site, wanted)
        await site.drained()
        found = judged(await site.log(), wanted)
        letters = await read_all(site.chain.stores.kafka, ACCOUNT.dead_letters.name)
        complaints += _files(site)
    complaints += _letters(letters, sent)
    return {**found, "kills": len(sent) + fixed, "letters": len(letters), "complaints": complaints}


async def _push(
    site: Site, number: int, wanted: dict[str, list[str]], sent: Counter[str]
) -> list[str]:
    """Push one bad event between two good ones, of an account of its own."""
    kind = list(PUSHES)[number % len(PUSHES)]
    account = f"8{number:07}"
    good = [withdrew("1", f"{number}-{n}", account=account) for n in range(2)]
    good = [{**event, "data": {**event["data"], "trading_day": "2026-05-29"}} for event in good]
    bad = _spoilt(posted("funds.withdrawn", account, id=f"bad-{number}"), PUSHES[kind])
    body = f"[{json.dumps(good[0])},{bad},{json.dumps(good[1])}]".encode()
    answer = await site.post(body)
    sent[f"bad-{number}"] += 1
    if kind == WHOLE:
        refused = answer is not None and answer.status_code == 400
        return [] if refused else [f"{kind}: {answer and answer.text[:100]}"]
    wanted[f"demo:{account}"] = [event["id"] for event in good]
    if answer is None or answer.status_code != 202:
        return [f"{kind}: {answer.text[:100] if answer else 'nobody there'}"]
    told = answer.json()
    ok = told["accepted"] == 2 and [r["index"] for r in told["refused"]] == [1]
    return [] if ok else [f"{kind}: {told}"]


def _spoilt(event: Event, fault: Event) -> str:
    money = {"amount": "1", "serial": "s", "happened_at": event["time"], **event["data"]}
    changed = fault.get("data", {})
    data = None if changed is None else {**money, **changed}
    text = json.dumps({**event, **fault, "data": data})
    return text.replace('"@deep@"', "[" * DEEP + "]" * DEEP)


async def _drop(site: Site, wanted: dict[str, list[str]]) -> None:
    """Drop a file with every bad row among good ones, and every bad file."""
    accounts = [f"9{n:07}" for n in range(100)]
    for name, data in FILES.values():
        site.drop(name, data)
    bad = b"".join(row.encode("gb18030", "surrogateescape") + b"\r\n" for row in ROWS.values())
    site.drop("0137fundchg20260601.txt", bad + file(*(fundchg(a, "-5") for a in accounts)))
    site.drop("0137cusfund20260601.txt", file(*(cusfund(a, "3") for a in accounts), "x"))
    for account in accounts:
        moved = digest([account, DAY, "withdrawal", 5000, "CNY"])[:16]
        wanted[f"demo:{account}"] = [f"{DAY}/1/{moved}/0", f"{DAY}/1/{account}"]
    for partition in range(12):
        wanted[f"clock/{partition}"] = [str(DAY)]


def _files(site: Site) -> list[str]:
    """Every bad file is put aside; the good ones are in."""
    refused, done = site.kept("refused"), site.kept("done")
    names = sorted(name for name, _ in FILES.values())
    wrong = [] if refused == names else [f"refused: {refused}"]
    taken = ["0137cusfund20260601.txt", "0137fundchg20260601.txt"]
    return wrong if done == taken else [*wrong, f"done: {done}"]


def _letters(letters: list[Any], sent: Counter[str]) -> list[str]:
    """Each bad thing left one letter, with its reason."""
    headers = [{name: value.decode() for name, value in letter.headers} for letter in letters]
    unexplained = sum("reason" not in told for told in headers)
    pushed = sum(told.get("origin") == "http" for told in headers)
    lines = sum(told.get("origin-file") == "0137fundchg20260601.txt" for told in headers)
    files = {told["origin-file"] for told in headers if "origin-sha256" in told}
    found = []
    if unexplained or pushed != len(sent) or lines != len(ROWS) or len(files) != len(FILES):
        found = [f"letters: {pushed} pushed, {lines} rows, {len(files)} files, {unexplained} mute"]
    return found

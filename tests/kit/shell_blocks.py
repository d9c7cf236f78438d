"""The shell commands in the documents, as words; and what those with ``curl`` ask, without curl."""

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

import httpx

BLOCK = re.compile(r"^```bash( run)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FORM = "application/x-www-form-urlencoded"  # what curl says of a body unless told otherwise


def blocks(text: str) -> list[tuple[bool, str]]:
    """Return the shell blocks of a page, each with whether it is to be run."""
    return [(bool(run), body) for run, body in BLOCK.findall(text)]


def commands(body: str) -> Iterator[list[str]]:
    """Yield the simple commands of a block as words, without variables set before them."""
    pending = ""
    for line in body.splitlines():
        pending += line if not pending.endswith("\\") else f"\n{line}"
        try:
            lexer = shlex.shlex(pending.replace("\\\n", " "), posix=True, punctuation_chars="|&;")
            lexer.whitespace_split = True
            words = list(lexer)
        except ValueError:  # a quote goes on in the next line
            pending += "\n"
            continue
        if pending.endswith("\\"):
            continue
        pending = ""
        yield from _simple(words)


def _simple(words: list[str]) -> Iterator[list[str]]:
    command: list[str] = []
    for word in [*words, ";"]:
        if set(word) <= set("|&;"):
            if command:
                yield command
            command = []
        elif command or not re.match(r"[A-Z_]+=", word):
            command.append(word)


def asked(page: Path, url: str, given: Mapping[str, str]) -> list[httpx.Request]:
    """Return what a page's ``curl`` commands ask, at another place, with the variables given."""
    found = [
        words for _, body in blocks(page.read_text(encoding="utf-8")) for words in commands(body)
    ]
    return [_request(words[1:], url, given) for words in found if words[0] == "curl"]


def _request(words: list[str], url: str, given: Mapping[str, str]) -> httpx.Request:
    told = iter([Template(word).substitute(given) for word in words])
    method, body, target = None, None, ""
    headers: dict[str, str] = {}
    for word in told:
        match word:
            case "-X":
                method = next(told)
            case "-H":
                name, _, value = next(told).partition(":")
                headers[name] = value.strip()
            case "-d":
                body = next(told)
            case "-o":
                next(told)
            case "-N" | "-sS":
                continue
            case _ if word.startswith("http"):
                target = word
            case _:
                raise ValueError(f"curl {word}: not understood here")
    headers = {"Content-Type": FORM} | headers if body else headers
    asked_for = urlsplit(target)
    place = f"{url}{asked_for.path}" + (f"?{asked_for.query}" if asked_for.query else "")
    method = method or ("POST" if body else "GET")
    return httpx.Request(method, place, headers=headers, content=body)

"""The shell commands in the documents, as words."""

import re
import shlex
from collections.abc import Iterator

BLOCK = re.compile(r"^```bash( run)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


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

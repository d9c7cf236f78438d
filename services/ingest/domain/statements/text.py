"""The text of a statement: decoded, numbered, and with its two widths of punctuation made one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SAME = str.maketrans("：｜（）　％／－，\t", ":|() %/-, ")
_CHINESE = re.compile(r"[一-鿿]+")
_FIGURE = re.compile(r"[+-]?[\d,]+(\.\d*)?", re.ASCII)
_RULE = re.compile(r"[-=_\s|+]*")
_BOM = b"\xef\xbb\xbf"
ENCODINGS = ("utf-8", "gb18030")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: as it came, and as text; ``fault`` says why it is none."""

    number: int
    raw: bytes
    text: str
    fault: str = ""


def text_lines(data: bytes) -> Iterator[Line]:
    """Yield the lines that say something: no rules, no blanks, no page breaks.

    GB18030 unless every line is UTF-8: a statement of few Chinese letters may be both.
    """
    numbered = list(_numbered(data.removeprefix(_BOM)))
    encoding = next((name for name in ENCODINGS if _all_decode(numbered, name)), "gb18030")
    for number, raw in numbered:
        try:
            text = plain(raw.decode(encoding))
        except UnicodeDecodeError as failure:
            yield Line(number, raw, "", f"byte {failure.start + 1} is not {encoding.upper()}")
            continue
        if not _RULE.fullmatch(text):
            yield Line(number, raw, text)


def _numbered(data: bytes) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(data.split(b"\n"), 1):
        raw = line.strip(b"\r\x1a\x0c")
        if raw.strip():
            yield number, raw


def _all_decode(numbered: list[tuple[int, bytes]], encoding: str) -> bool:
    try:
        b"\n".join(raw for _, raw in numbered).decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def plain(text: str) -> str:
    """Return a text with the punctuation of both widths as one.

    >>> plain("日期　Date：20260601")
    '日期 Date:20260601'
    """
    return text.translate(_SAME).replace("\f", " ")


def chinese(text: str) -> str:
    """Return a label's Chinese, which names it: the English beside it and blanks inside do not.

    >>> chinese(" 出 入 金 Deposit/Withdrawal"), chinese("Fund Avail.")
    ('出入金', '')
    """
    return "".join(_CHINESE.findall(text))


def cells(text: str) -> tuple[str, ...]:
    """Return the cells of a table's line.

    >>> cells("|共   1条|        | 5.00|")
    ('共   1条', '', '5.00')
    """
    return tuple(cell.strip() for cell in text.strip().strip("|").split("|"))


def figure(text: str) -> str:
    """Return a number without what makes it easier to read; any other text as it is.

    >>> figure(" 1,234.50 "), figure("1,x")
    ('1234.50', '1,x')
    """
    bare = text.strip()
    return bare.replace(",", "") if _FIGURE.fullmatch(bare) else bare

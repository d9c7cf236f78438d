"""The rows of evidence, their bytes, and the PDF around them."""

import re
import zlib
from base64 import a85decode
from urllib.parse import quote

import pytest

from services.notify.commands.evidence_pdf import as_pdf
from services.notify.domain.evidence import HEADINGS, Row, as_csv, digest, legible

ROW = Row("2026-06-01 10:31:05", "7BB8F537", "1", "消息", "sent", "m001", "wecom_app", "ok", "正文")


@pytest.mark.parametrize("evil", ["=1+1", "@SUM(A1)", "+1", "-1", "\t=1"])
def test_no_cell_is_a_formula(evil: str) -> None:
    cells = as_csv([ROW._replace(content=evil)]).decode("utf-8-sig").splitlines()[1]
    assert f",'{evil}" in cells or f"\"'{evil}" in cells


def test_the_file_is_the_content_that_is_digested() -> None:
    one, other = as_csv([ROW]), as_csv([ROW._replace(reason="ko")])
    assert one.startswith("\ufeff时间,".encode())
    assert digest(one) != digest(other)
    assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_form_is_legible_too_and_its_number_is_masked() -> None:
    title = quote('{"title":"出金"}')
    body = f"OutId=1&PhoneNumbers=13812345678&TemplateParam={title}"
    assert legible(body) == "1 · 138****5678 · 出金"


def drawn(pdf: bytes) -> str:
    """Return the texts of all pages: a CID font's are UTF-16, as our PDFs write them."""
    found = []
    for raw in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        page = zlib.decompress(a85decode(b"<~" + raw.strip(), adobe=True))
        for text in re.findall(rb"\(((?:\\.|[^\\()])*)\) Tj", page, re.DOTALL):
            plain = re.sub(rb"\\([0-7]{3}|.)", _unescaped, text, flags=re.DOTALL)
            found.append(plain.decode("utf-16-be", errors="replace"))
    return "\n".join(found)


def _unescaped(found: "re.Match[bytes]") -> bytes:
    said = found[1]
    plain = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
    return bytes([int(said, 8)]) if len(said) == 3 else plain.get(said, said)


def test_every_page_of_the_pdf_names_the_digest_and_long_texts_are_laid_out() -> None:
    told = [ROW._replace(content="长文" * 3000)] + [replace_number(n) for n in range(80)]
    content = digest(as_csv(told))
    made = as_pdf("告知证据 demo:80012345 <&>", told, content)
    assert made == as_pdf("告知证据 demo:80012345 <&>", told, content)
    shown = drawn(made)
    pages = len(re.findall(rb"/Type /Page\b", made))
    assert pages > 3
    assert shown.count(content) == pages
    assert "告知证据 demo:80012345 <&>" in shown.replace("\n", "")
    assert shown.count(HEADINGS.alert) == pages
    assert "全文见 CSV" in shown.replace("\n", "")


def replace_number(n: int) -> Row:
    return ROW._replace(alert=f"{n:08X}", content="今日累计出金500万元，达到警戒线500万元")

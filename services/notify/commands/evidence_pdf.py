"""证据 as a PDF: the rows as a table, the digest of the content in every page's footer.

The Chinese font is one that every reader of PDF brings (Adobe-GB1): no font is shipped. The same
rows always give the same bytes.
"""

import io
from collections.abc import Sequence
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from services.notify.domain.evidence import HEADINGS, Row

FONT = "STSong-Light"
WIDTHS = [w * mm for w in (20, 17, 9, 11, 45, 17, 19, 39, 96)]
LONGEST = 1500  # characters of a cell: a row must fit on a page, and the CSV file has all of it
STYLE = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.25, colors.grey),
        ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
    ]
)


def as_pdf(title: str, told: Sequence[Row], digest: str) -> bytes:
    """Return the file's bytes. ``digest``: of the CSV file, which holds the same rows."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    cell = ParagraphStyle("cell", fontName=FONT, fontSize=7, leading=8.5, wordWrap="CJK")
    head = ParagraphStyle("head", fontName=FONT, fontSize=13, leading=18)
    lines = [[_cell(text, cell) for text in row] for row in (HEADINGS, *told)]
    table = LongTable(lines, colWidths=WIDTHS, repeatRows=1, style=STYLE, splitInRow=1)
    out = io.BytesIO()
    margins: Any = dict.fromkeys(("leftMargin", "rightMargin", "topMargin"), 12 * mm)
    document = SimpleDocTemplate(
        out, pagesize=landscape(A4), bottomMargin=16 * mm, title=title, invariant=1, **margins
    )
    foot = partial(_foot, digest=digest)
    story = [Paragraph(escape(title), head), Spacer(0, 3 * mm), table]
    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _cell(text: str, style: ParagraphStyle) -> Paragraph:
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}……（全文见 CSV）"
    return Paragraph(escape(shown), style)


def _foot(canvas: Any, document: Any, digest: str) -> None:
    canvas.saveState()
    canvas.setFont(FONT, 7)
    canvas.drawString(12 * mm, 8 * mm, f"内容（CSV 文件）SHA-256 {digest}")
    canvas.drawRightString(landscape(A4)[0] - 12 * mm, 8 * mm, f"第 {document.page} 页")
    canvas.restoreState()

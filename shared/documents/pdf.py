"""A table as a PDF that everybody can open, in Chinese; the same rows always give the same bytes.

The Chinese font is one that every reader of PDF brings (Adobe-GB1): no font is shipped.
"""

import io
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

FONT = "STSong-Light"
STYLE = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.25, colors.grey),
        ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
    ]
)


class Paper(NamedTuple):
    """What stands around the table. ``widths``: of the columns, mm; ``right``: columns of numbers.

    ``longest``: characters of a cell, whose rest is said by ``cut``: a row must fit on a page.
    """

    title: str
    foot: str
    widths: Sequence[float]
    right: frozenset[int] = frozenset()
    below: Sequence[str] = ()
    longest: int = 1500
    cut: str = "……"


def as_pdf(paper: Paper, lines: Sequence[Sequence[str]]) -> bytes:
    """Return the file's bytes; the first line is the heading and stands on every page."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    cell = ParagraphStyle("cell", fontName=FONT, fontSize=7, leading=8.5, wordWrap="CJK")
    number = ParagraphStyle("number", parent=cell, alignment=2)
    head = ParagraphStyle("head", fontName=FONT, fontSize=13, leading=18)
    styles = [number if n in paper.right else cell for n in range(len(paper.widths))]
    shown = [[_cell(t, s, paper) for t, s in zip(row, styles, strict=True)] for row in lines]
    widths = [width * mm for width in paper.widths]
    table = LongTable(shown, colWidths=widths, repeatRows=1, style=STYLE, splitInRow=1)
    out = io.BytesIO()
    margins: Any = dict.fromkeys(("leftMargin", "rightMargin", "topMargin"), 12 * mm)
    document = SimpleDocTemplate(
        out, pagesize=landscape(A4), bottomMargin=16 * mm, title=paper.title, invariant=1, **margins
    )
    foot = partial(_foot, text=paper.foot)
    story = [Paragraph(escape(paper.title), head), Spacer(0, 3 * mm), table]
    below = [Paragraph(escape(line), cell) for line in paper.below]
    document.build([*story, Spacer(0, 3 * mm), *below], onFirstPage=foot, onLaterPages=foot)
    return out.getvalue()


def _cell(text: str, style: ParagraphStyle, paper: Paper) -> Paragraph:
    shown = text if len(text) <= paper.longest else f"{text[: paper.longest]}{paper.cut}"
    return Paragraph(escape(shown), style)


def _foot(canvas: Any, document: Any, text: str) -> None:
    canvas.saveState()
    canvas.setFont(FONT, 7)
    canvas.drawString(12 * mm, 8 * mm, text)
    canvas.drawRightString(landscape(A4)[0] - 12 * mm, 8 * mm, f"第 {document.page} 页")
    canvas.restoreState()

"""证据 as a PDF: the rows as a table, the digest of the content in every page's footer."""

from collections.abc import Sequence

from services.notify.domain.evidence import HEADINGS, Row
from shared.documents import pdf
from shared.documents.pdf import Paper

WIDTHS = (20, 17, 9, 11, 45, 17, 19, 39, 96)


def as_pdf(title: str, told: Sequence[Row], digest: str) -> bytes:
    """Return the file's bytes. ``digest``: of the CSV file, which holds the same rows."""
    foot = f"内容（CSV 文件）SHA-256 {digest}"
    return pdf.as_pdf(Paper(title, foot, WIDTHS, cut="……（全文见 CSV）"), (HEADINGS, *told))

"""单元格 — a text that a spreadsheet shows and never works out."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula when a cell begins with it."""


def harmless(cell: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    >>> harmless("=1+1"), harmless("张**")
    ("'=1+1", '张**')
    """
    return f"'{cell}" if cell.startswith(FORMULA) else cell

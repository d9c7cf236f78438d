"""HTML whose text is escaped because it was never written as HTML."""

from html import escape
from urllib.parse import urlencode


class Html(str):
    """Text that is HTML already: only `el`, `group` and `icon` make it."""

    __slots__ = ()


Child = str | Html | None


def group(*children: Child) -> Html:
    """Return the children side by side; what is not `Html` is escaped, None is nothing.

    >>> group("<b>", el("i", "x"))
    '&lt;b&gt;<i>x</i>'
    """
    return Html(
        "".join(
            child if isinstance(child, Html) else escape(child)
            for child in children
            if child is not None
        )
    )


def el(name: str, *children: Child, **attributes: object) -> Html:
    """Return an element; ``class_`` is class, ``data_n`` data-n; a None attribute is left out.

    >>> el("a", "去", href='"><script>', class_="jump")
    '<a href="&quot;&gt;&lt;script&gt;" class="jump">去</a>'
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{said}>{group(*children)}</{name}>")


def icon(name: str) -> Html:
    """Return one of the page's drawings (``<symbol>`` of page.html)."""
    return Html(f'<svg class="icon" aria-hidden="true"><use href="#{escape(name)}"></use></svg>')


def address(**parameters: object) -> str:
    """Return a link to this page; a None parameter is left out.

    >>> address(view="operator", before=None)
    '/?view=operator'
    """
    query = urlencode({key: value for key, value in parameters.items() if value is not None})
    return f"/?{query}" if query else "/"


def safe_link(url: str) -> str | None:
    """Return an address that may be followed from the page, or None.

    >>> safe_link("javascript:alert(1)"), safe_link("http://127.0.0.1/c")
    (None, 'http://127.0.0.1/c')
    """
    return url if url.startswith(("http://", "https://")) else None

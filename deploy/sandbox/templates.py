"""短信模板 — the approved texts that the sandbox's account may send."""

import re
from collections.abc import Mapping
from importlib.resources import files

import msgspec

from deploy.sandbox.entries import Refused

PARAMETER = re.compile(r"\$\{(\w+)\}")
LONGEST = 500  # characters with the signature; a variable's own limit of 35 is lifted on request


class Template(msgspec.Struct, frozen=True):
    """A text with ``${names}``, and the signatures (短信签名) it may go under."""

    text: str
    signs: tuple[str, ...]

    def render(self, sign: str, values: Mapping[str, str]) -> str:
        """Return what the phone shows; raise `Refused` for a missing variable or a long text.

        >>> Template("余额${sum}元", ("观潮",)).render("观潮", {"sum": "5"})
        '【观潮】余额5元'
        """
        missing = [name for name in PARAMETER.findall(self.text) if name not in values]
        if missing:
            raise Refused("isv.TEMPLATE_MISSING_PARAMETERS", f"模板变量未赋值: {missing[0]}")
        text = f"【{sign}】{PARAMETER.sub(lambda found: values[found[1]], self.text)}"
        if len(text) > LONGEST:
            raise Refused("isv.PARAM_LENGTH_LIMIT")
        return text


def approved() -> dict[str, Template]:
    """Return template code → template."""
    raw = files("deploy.sandbox").joinpath("templates.json").read_bytes()
    return msgspec.json.decode(raw, type=dict[str, Template])

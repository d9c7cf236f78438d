"""The one line that a person reads when the launcher cannot go on."""


class Refusal(RuntimeError):
    """What is wrong and what to do about it, Chinese first, English beside, in one line."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(" ".join(f"✗ {chinese} | {english}".split()))

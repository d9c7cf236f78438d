"""敏感词 — words for which an operator stops a message: looked for before it is written.

What is found is never named: neither the word nor the text may stand in a log.
"""

from dataclasses import dataclass, field, replace

from services.notify.domain.channel import Notification

SCREENED = frozenset({"aliyun_sms", "tencent_sms", "aliyun_voice"})
"""The channels that go over the operators' networks."""
PLAIN_SUMMARY, PLAIN_ACTION = "有一条提醒", "请打开企业微信查看。"


@dataclass(frozen=True)
class Words:
    """The words, as a file lists them: one a line, # begins a comment."""

    words: frozenset[str] = field(repr=False)

    def stop(self, text: str) -> bool:
        """Say whether a text holds one of them, whatever spaces and case stand between."""
        bare = "".join(text.split()).casefold()
        return any(word in bare for word in self.words)


def read(text: str) -> Words:
    r"""Return the words of a file's text.

    >>> read("# words\n 配 资 \n\n").stop("场外配资")
    True
    """
    lines = (line.partition("#")[0] for line in text.splitlines())
    bare = ("".join(line.split()).casefold() for line in lines)
    return Words(frozenset(word for word in bare if word))


def in_plain_words(said: Notification, words: Words) -> tuple[Notification, bool]:
    """Return the notification and whether it was reworded.

    What an operator would stop says no more than that there is an alert, of which kind and with
    which code; the same alert in 企业微信, and its page, say all of it.
    """
    texts = (said.client, said.summary, said.action, *(t for fact in said.facts for t in fact))
    if not any(words.stop(text) for text in texts):
        return said, False
    client = "" if words.stop(said.client) else said.client
    plain = replace(said, client=client, facts=(), summary=PLAIN_SUMMARY, action=PLAIN_ACTION)
    return plain, True

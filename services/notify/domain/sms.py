"""短信变量 — the words that an approved template (模板) is filled with, each within its length."""

from services.notify.domain.channel import Notification, cut, titled

TITLE, CLIENT, SENTENCE = 26, 40, 150  # of a message's 500 characters


def variables(said: Notification) -> dict[str, str]:
    """Return the template's variables in its order; a notice is no client's and names none."""
    tail = said.account.lstrip("*")  # 尾号: the template says so, in two characters
    client = {"client": cut(said.client, CLIENT), "account": tail} if said.account else {}
    return {
        "title": titled(said, TITLE),
        **client,
        "summary": cut(said.summary, SENTENCE),
        "action": cut(said.action, SENTENCE),
        "code": said.code,
    }

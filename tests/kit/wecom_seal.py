"""企业微信 as it calls back: seals and signs a message, for the tests that receive it."""

import base64
from hashlib import sha1

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

TOKEN, AES_KEY, CORP = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7"


def seal(message: str, corp: str = CORP, pad: int | None = None) -> str:
    """Return the ciphertext of a message."""
    key = base64.b64decode(f"{AES_KEY}=")
    plain = b"0" * 16 + len(message.encode()).to_bytes(4, "big") + message.encode() + corp.encode()
    size = 32 - len(plain) % 32
    padded = plain + bytes([size if pad is None else pad]) * size
    sealing = Cipher(AES256(key), CBC(key[:16])).encryptor()
    return base64.b64encode(sealing.update(padded) + sealing.finalize()).decode()


def signed(encrypted: str, timestamp: int, nonce: str = "n1") -> dict[str, str]:
    """Return the query of a callback."""
    parts = sorted((TOKEN, str(timestamp), nonce, encrypted))
    digest = sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()
    return {"msg_signature": digest, "timestamp": str(timestamp), "nonce": nonce}


def tap(task: str, key: str, userid: str = "m001", at: int = 1780281065, choice: str = "") -> str:
    """Return the message of a tap on a card; ``choice``: what is chosen in its list."""
    item = (
        "<SelectedItem><QuestionKey><![CDATA[later]]></QuestionKey><OptionIds>"
        f"<OptionId><![CDATA[{choice}]]></OptionId></OptionIds></SelectedItem>"
    )
    chosen = f"<SelectedItems>{item}</SelectedItems>" if choice else ""
    return (
        f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName>"
        f"<FromUserName><![CDATA[{userid}]]></FromUserName><MsgType><![CDATA[event]]></MsgType>"
        f"<Event><![CDATA[template_card_event]]></Event><CreateTime>{at}</CreateTime>"
        f"<EventKey><![CDATA[{key}]]></EventKey><TaskId><![CDATA[{task}]]></TaskId>"
        f"<CardType><![CDATA[button_interaction]]></CardType>{chosen}"
        "<ResponseCode><![CDATA[rc-1]]></ResponseCode><AgentID>1</AgentID></xml>"
    )


def posted(message: str, corp: str = CORP) -> str:
    """Return the body around a message."""
    sealed = f"<Encrypt><![CDATA[{seal(message, corp)}]]></Encrypt>"
    return f"<xml><ToUserName><![CDATA[{CORP}]]></ToUserName>{sealed}</xml>"


def encrypted(body: str) -> str:
    """Return the ciphertext within a body."""
    return body.partition("<Encrypt><![CDATA[")[2].partition("]]>")[0]

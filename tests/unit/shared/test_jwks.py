"""Where a provider's keys come from: an address that is not followed elsewhere, or a file."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.clock import DrivenClock
from shared.settings import TokenSettings
from shared.web.directory import tokens
from shared.web.jwks import LARGEST, Jwks, KeysAway, from_file, from_url
from tests.kit.issuer import AUDIENCE, ISSUER, NOW, Issuer


@contextlib.asynccontextmanager
async def provider(*answers: bytes) -> AsyncIterator[str]:
    """Answer each request with the next of these; yield the address."""
    left = list(answers)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(left.pop(0))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/keys"


def ok(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def test_keys_are_read_from_an_address() -> None:
    async with provider(ok(Issuer("a").document())) as url:
        found = await Jwks(from_url(url)).find("a")
    assert found is not None
    assert found.kid == "a"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
        ok(b"no json"),
        ok(b"[]"),
        ok(b'{"keys": []}'),
        ok(b'{"keys": "text"}'),
        ok(b" " * (LARGEST + 1)),
        b"nonsense\r\n\r\n",
    ],
    ids=["redirect", "error", "text", "list", "empty", "no-list", "huge", "no-http"],
)
async def test_an_answer_that_is_no_key_set_leaves_nobody_known(answer: bytes) -> None:
    async with provider(answer) as url:
        with pytest.raises(KeysAway):
            await Jwks(from_url(url)).find("a")


async def test_an_address_where_nobody_answers_leaves_nobody_known() -> None:
    async with provider() as url:
        pass
    with pytest.raises(KeysAway):
        await Jwks(from_url(url)).find("a")


def test_an_address_beyond_this_machine_is_https() -> None:
    with pytest.raises(ValueError, match="https"):
        from_url("http://login.broker.example/keys")
    assert callable(from_url("https://login.broker.example/keys"))


async def test_keys_are_read_from_a_file_and_again_when_a_new_one_signs(tmp_path: Path) -> None:
    issuer, seconds = Issuer("a"), [0.0]
    file = tmp_path / "keys.json"
    file.write_bytes(issuer.document())
    jwks = Jwks(from_file(file), lambda: seconds[0])
    assert await jwks.find("a")
    issuer.kids.append("b")
    file.write_bytes(issuer.document())
    assert await jwks.find("b") is None
    seconds[0] = 31
    assert await jwks.find("b")
    file.unlink()
    seconds[0] = 601
    assert await jwks.find("b")  # a day without the file is outlived
    assert await jwks.find(None) is None  # of two, none is the only one


async def test_the_settings_name_the_place(tmp_path: Path) -> None:
    issuer = Issuer("a")
    file = tmp_path / "keys.json"
    file.write_bytes(issuer.document())
    told = {"issuer": ISSUER, "audience": AUDIENCE}
    clock = DrivenClock(NOW)
    async with provider(ok(issuer.document())) as url:
        for place in ({"jwks_file": file}, {"jwks_url": url}):
            settings = TokenSettings.model_validate(told | place)
            known = await tokens(settings, clock).identify(issuer.token())
            assert known is not None
            assert known.name == "m001"

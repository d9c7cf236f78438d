"""A busy port is named; a free stretch is free."""

import socket

import pytest

from deploy.embedded.ports import Ports, busy
from deploy.embedded.refusal import Refusal


def test_every_program_has_a_port_of_its_own() -> None:
    ports = [port for _, port in Ports.at(20000)]
    assert len(set(ports)) == len(ports)


def test_a_busy_port_is_named_with_its_program_and_a_remedy() -> None:
    ports = Ports.free()
    with socket.create_server(("127.0.0.1", ports.valkey)):
        assert busy(ports.valkey)
        with pytest.raises(Refusal, match=rf"{ports.valkey}（valkey）.*PORT_BASE"):
            ports.refuse_busy()
    ports.refuse_busy()

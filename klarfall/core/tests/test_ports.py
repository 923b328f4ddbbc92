"""Two copies never share a port, even before either listens."""

import socket

import pytest

from klarfall.core.ports import PortTaken, reserve


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_reserved_port_is_refused_to_the_next_copy_until_it_is_given_back():
    first = reserve("127.0.0.1", free_port())
    with pytest.raises(PortTaken, match=str(first.port)):
        reserve("127.0.0.1", first.port)
    first.close()
    reserve("127.0.0.1", first.port).close()


def test_a_port_on_which_somebody_listens_is_refused_although_it_could_be_shared():
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(PortTaken):
            reserve("127.0.0.1", other.getsockname()[1])


def test_without_a_wish_the_next_free_port_is_taken():
    first, second = reserve("127.0.0.1", None), reserve("127.0.0.1", None)
    assert 8000 <= first.port < second.port
    first.close()
    second.close()


def test_a_reserved_port_can_be_listened_on_by_our_server():
    mine = reserve("127.0.0.1", free_port())
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server.bind(("127.0.0.1", mine.port))
        server.listen()
    mine.close()

"""Addresses inside a network are refused when the connection is made, however they are written."""

import asyncio
import socket
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx
import pytest

from studio.webhooks import addresses
from studio.webhooks.addresses import Transport, check_url, is_public
from studio.webhooks.errors import AddressInvalid, AddressPrivate
from studio.webhooks.sending import Letter, send

T = TypeVar("T")


def in_a_loop(work: Coroutine[Any, Any, T]) -> T:
    """The result, computed in a thread of its own: a browser of another test may hold this one's loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


PRIVATE = [
    "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "224.0.0.1",
    "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:0:0::1",
    "168.63.129.16", "192.0.0.192", "192.88.99.1", "fec0::1", "::ffff:168.63.129.16", "64:ff9b::c000:c0",
]  # fmt: skip
#: Ways to write loopback that a parser of addresses may read otherwise than the resolver does.
WRITTEN = [
    "127.0.0.1",
    "2130706433",
    "0x7f.1",
    "017700000001",
    "127.1",
    "[::1]",
    "[::ffff:7f00:1]",
    "localhost",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_inside_a_network_is_told(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_an_address_of_the_internet_is_told(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", WRITTEN)
def test_no_connection_is_made_to_loopback(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        port = listener.getsockname()[1]

        answer = in_a_loop(send(Letter(f"http://{host}:{port}/", {}, b"{}")))

        assert answer.status is None
        assert "not a public address" in answer.error or "Name or service" in answer.error
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_name_is_looked_at_when_it_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name answers with a public address first and with loopback at the connection: rebinding."""
    looked: list[str] = []

    async def getaddrinfo(_loop: Any, host: str, port: int, **_: Any) -> list[Any]:
        looked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", port))]

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", getaddrinfo)

    answer = in_a_loop(send(Letter("https://rebinding.example/", {}, b"{}")))

    assert answer.error.startswith("rebinding.example leads to 10.0.0.7")
    assert looked == ["rebinding.example"]


@pytest.mark.parametrize(
    "url",
    ["", "hooks.example.com", "ftp://example.com/", "http://", "http://user:pw@example.com/", "https://ex ample.com/",
     "https://example.com:0/", "https://example.com:99999/", "https://example.com/" + "x" * 2000, "http://[::1", "file:///etc/passwd"],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(AddressInvalid):
        check_url(url)


def test_a_unix_socket_is_never_connected_to() -> None:
    async def connect() -> None:
        await addresses.Guarded().connect_unix_socket("/tmp/socket")

    with pytest.raises(Exception, match="unix sockets"):
        in_a_loop(connect())


def test_the_guard_is_in_the_client_that_sends() -> None:
    async def ask() -> None:
        async with httpx.AsyncClient(transport=Transport()) as client:
            await client.get("http://127.0.0.1:1/")

    with pytest.raises(AddressPrivate):
        in_a_loop(ask())

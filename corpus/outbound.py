"""Connections to an address that a user named: never inside a network, unless the operator or the house says so.

What a name leads to is looked at when the connection is made, and the connection goes to the very address that was looked
at: a name that answers otherwise a moment later gains nothing. Redirects are not followed; no proxy of the environment is used.
"""

import socket
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from corpus.errors import EndpointPrivate
from protocol.addresses import is_public


def resolve(host: str, port: int) -> str:
    """An address of a host. Raises EndpointPrivate when any of them is inside a network, OSError when there is none."""
    addresses = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in addresses:
        if not is_public(address):
            raise EndpointPrivate(host=host, address=address)
    return addresses[0]


class Guarded(httpcore.SyncBackend):
    """Connects to the address that was looked at; TLS still asks for the name in the URL."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to a host of the internet. Raises EndpointPrivate, httpcore.ConnectError."""
        try:
            address = resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        return super().connect_tcp(address, port, timeout, local_address, socket_options)

    def connect_unix_socket(self, *_args: Any, **_options: Any) -> httpcore.NetworkStream:
        """Never: no URL leads there."""
        raise httpcore.UnsupportedProtocol("unix sockets are not sent to")


def client(*, allow_private: bool, timeout_s: float) -> httpx.Client:
    """A client that is guarded unless it may go inside a network."""
    transport = httpx.HTTPTransport(trust_env=False, retries=0)
    if not allow_private:
        transport._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False), network_backend=Guarded()
        )
    return httpx.Client(transport=transport, timeout=timeout_s, follow_redirects=False, trust_env=False)

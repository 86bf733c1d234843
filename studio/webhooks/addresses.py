"""Which addresses may be sent to: none inside a network, unless the operator allows it.

What a name leads to is looked at when the connection is made, and the connection goes to the very address that was
looked at: a name that answers otherwise a moment later (DNS rebinding) gains nothing. A redirect is not followed.
"""

import asyncio
import socket
from typing import Any

import httpcore
import httpx
from django.conf import settings

from protocol.addresses import is_public, url_fault
from studio.webhooks.errors import AddressInvalid, AddressPrivate


def check_url(url: str) -> None:
    """Raises AddressInvalid unless it is a whole http or https address without a name and password in it."""
    fault = url_fault(url)
    if fault is not None:
        raise AddressInvalid(reason=fault)
    try:
        httpx.URL(url)
    except httpx.InvalidURL as error:
        raise AddressInvalid(reason=str(error)) from error


async def resolve(host: str, port: int) -> str:
    """An address of a host. Raises AddressPrivate when any of them may not be sent to, OSError when there is none."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(each[4][0]) for each in found]
    if not settings.WEBHOOKS_PRIVATE:
        for address in addresses:
            if not is_public(address):
                raise AddressPrivate(host=host, address=address)
    return addresses[0]


class Guarded(httpcore.AnyIOBackend):
    """Connects to the address that was looked at; TLS still asks for the name in the URL."""

    async def connect_tcp(
        self, host: str, port: int, *args: Any, **options: Any
    ) -> httpcore.AsyncNetworkStream:
        """A connection to a host that may be sent to. Raises AddressPrivate, httpcore.ConnectError."""
        try:
            address = await resolve(host, port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        return await super().connect_tcp(address, port, *args, **options)

    async def connect_unix_socket(self, *_args: Any, **_options: Any) -> httpcore.AsyncNetworkStream:
        """Never: no URL leads there."""
        raise httpcore.UnsupportedProtocol("unix sockets are not sent to")


class Transport(httpx.AsyncHTTPTransport):
    """httpx over guarded connections, each used once."""

    def __init__(self) -> None:
        super().__init__(trust_env=False, retries=0)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_keepalive_connections=0,
            network_backend=Guarded(),
        )

"""Which addresses may be sent to: none inside a network, unless the operator allows it.

What a name leads to is looked at when the connection is made, and the connection goes to the very address that was
looked at: a name that answers otherwise a moment later (DNS rebinding) gains nothing. A redirect is not followed.
"""

import asyncio
import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx
from django.conf import settings

from studio.webhooks.errors import AddressInvalid, AddressPrivate

MAX_URL_CHARS = 2000
#: IPv6 that carries an IPv4 address to the IPv4 network (RFC 6052).
NAT64 = ipaddress.ip_network("64:ff9b::/96")
#: Not of the internet, though Python's table calls them global: the block where Oracle's metadata answer, relays of
#: 6to4, IPv6's old site-local range, and the address at which Azure's machines talk to their platform.
INSIDE = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "168.63.129.16/32")))


def check_url(url: str) -> None:
    """Raises AddressInvalid unless it is a whole http or https address without a name and password in it."""
    if len(url) > MAX_URL_CHARS:
        raise AddressInvalid(reason=f"it is longer than {MAX_URL_CHARS} characters")
    if not url.isprintable() or " " in url:
        raise AddressInvalid(reason="it holds a space or a control character")
    try:
        parts = urlsplit(url)
        port = parts.port
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL) as error:
        raise AddressInvalid(reason=str(error)) from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AddressInvalid(reason="it must begin with https:// or http:// and name a host")
    if parts.username or parts.password:
        raise AddressInvalid(reason="it holds a user name or a password")
    if port == 0:
        raise AddressInvalid(reason="port 0 is none")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet's, seen through every way of writing an IPv4 address in IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
        if ip.teredo is not None:
            return False
        if inner is not None:
            ip = inner
    is_special = ip.is_multicast or ip.is_reserved or any(ip in network for network in INSIDE)
    return ip.is_global and not is_special


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

"""Which IP addresses are of the internet: what a job or the web may be sent to on a user's word.

Only the table stands here. Who connects looks at the address when the connection is made, and connects to the very one
that was looked at (`studio.webhooks.addresses`, `corpus.outbound`).
"""

import ipaddress
from urllib.parse import urlsplit

MAX_URL_CHARS = 2000
#: IPv6 that carries an IPv4 address to the IPv4 network (RFC 6052).
NAT64 = ipaddress.ip_network("64:ff9b::/96")
#: Not of the internet, though Python's table calls them global: the block where Oracle's metadata answer, relays of
#: 6to4, IPv6's old site-local range, and the address at which Azure's machines talk to their platform.
INSIDE = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "168.63.129.16/32")))


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


def url_fault(url: str) -> str | None:
    """Why a text is no whole http or https address without a name and password in it, or nothing."""
    if len(url) > MAX_URL_CHARS:
        return f"it is longer than {MAX_URL_CHARS} characters"
    if not url.isprintable() or " " in url:
        return "it holds a space or a control character"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return str(error)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "it must begin with https:// or http:// and name a host"
    if parts.username or parts.password:
        return "it holds a user name or a password"
    return "port 0 is none" if port == 0 else None

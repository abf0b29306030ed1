"""Which addresses of machines are public. What is not named here as public is not."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# https://www.iana.org/assignments/iana-ipv4-special-registry, and what clouds answer by themselves.
_NOT_PUBLIC_4 = tuple(
    ip_network(one)
    for one in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # between a provider and its customers
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's own, public by its number alone
        "169.254.0.0/16",  # link-local: the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",  # multicast and reserved, broadcast among them
    )
)
_GLOBAL_6 = ip_network("2000::/3")  # all that is given out; ::1, fc00::/7, fe80::/10 lie outside
_NOT_PUBLIC_6 = tuple(
    ip_network(one)
    for one in (
        "2001::/23",  # of protocols: Teredo, which carries an IPv4 address, and others
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries an IPv4 address
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_NAT64 = ip_network("64:ff9b::/96")  # an IPv4 address, written so where there is IPv6 alone


def is_public(address: str) -> bool:
    """An address as the resolver gives it; what cannot be read is not public."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return _is_public_4(found) if isinstance(found, IPv4Address) else _is_public_6(found)


def is_loopback(address: str) -> bool:
    """This machine itself, as IPv4 or IPv6 write it."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return found.is_loopback


def _is_public_4(found: IPv4Address) -> bool:
    return not any(found in network for network in _NOT_PUBLIC_4)


def _is_public_6(found: IPv6Address) -> bool:
    if found.scope_id:  # of one cable
        return False
    if found.ipv4_mapped:
        return _is_public_4(found.ipv4_mapped)
    if found in _NAT64:
        return _is_public_4(IPv4Address(found.packed[-4:]))
    return found in _GLOBAL_6 and not any(found in network for network in _NOT_PUBLIC_6)

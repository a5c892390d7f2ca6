"""Network addresses as limits count them."""

from ipaddress import IPv6Address, ip_address, ip_network

LONGEST = 64
ONE_CUSTOMER = 64  # bits; the least that a provider gives to one customer, who may use all of them (RFC 6177)


def counted_as(address: str) -> str:
    """What stands for an address where attempts are counted: an IPv6 address counts as its /64, all else as itself."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:LONGEST]
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ip_network((found, ONE_CUSTOMER), strict=False))

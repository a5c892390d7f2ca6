"""Addresses are counted so that whoever holds many of them counts once."""

import pytest

from lib.kit.addresses import counted_as


@pytest.mark.parametrize(
    ("address", "as_what"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unknown", "unknown"),
        ("own session", "own session"),
        ("x" * 100, "x" * 64),
    ],
)
def test_an_ipv6_address_counts_as_its_network_and_all_else_as_itself(address: str, as_what: str) -> None:
    assert counted_as(address) == as_what

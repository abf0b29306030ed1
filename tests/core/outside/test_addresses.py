"""Which addresses may be called: the table, with what attackers try."""

import pytest

from clinic.core.outside.addresses import is_loopback, is_public

PUBLIC = (
    "93.184.216.34", "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.1",
    "168.63.129.15", "223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4009::200e",
    "::ffff:93.184.216.34", "64:ff9b::5db8:d822",
)  # fmt: skip
NOT_PUBLIC = (
    "127.0.0.1", "127.255.255.254", "0.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255",
    "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192",
    "168.63.129.16", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "192.88.99.1",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "2606:4700::1%eth0", "fc00::1", "fd00:ec2::254",
    "fec0::1", "ff02::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1",
    "2002:7f00:1::", "2002:5db8:d822::1", "2001::1", "2001:db8::1", "3fff::1", "100::1",
    "4000::1", "5f00::1",
    "0.255.0.0", "", "localhost", "127.1", "0x7f000001", "2130706433", "1.1.1.1 ", "1.1.1",
)  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert is_public(address) and not is_loopback(address)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine(address: str) -> None:
    assert is_loopback(address)


@pytest.mark.parametrize("address", ["0.0.0.1", "10.0.0.1", "::", "localhost"])
def test_not_this_machine(address: str) -> None:
    assert not is_loopback(address)

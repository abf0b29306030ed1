"""Which names hold an address, and which only look a little like one."""

import pytest

from clinic.core.fields.addresses import holds_address, without_address

NAMES = [
    "Asha Rao",
    "Dr. A.B. Smith",
    "J.R.R. Tolkien",
    "St. John",
    "St.John",
    "Amir.Rao",
    "Dr.Li",
    "Prof.Ng",
    "A.Li",
    "J.Su",
    "Mrs.Ma",
    "Dr. med. M\u00fcller",
    "Dr.med. M\u00fcller",
    "M.Sc. Ines",
    "Ines, B.Sc",
    "O'Neil-Smith Jr.",
    "Mary Anne (Ann)",
    "Anna / Maria",
    "\u674e\u96f7",
    "\u0639\u0644\u064a",
    "=1+1",
    "=HYPERLINK(1)",
    "Smith & Co. KG",
    "Meyer & Co.KG",
    "No. 1",
    "St.Mary/St.John",
    "Harbour Clinic Ltd.",
    "Praxis 24/7",
    "10:30 Group",
    "@Noor",
    "Ph.D. Rao",
    "...",
]
ADDRESSES = [
    "your account is locked: https://clinic-verify.example/login",
    "HTTP://X",
    "ftp://a",
    "Visit www.evil",
    "WWW.Evil",
    "evil.com",
    "Evil.Com",
    "Dr Evil.com",
    "see evil.co.uk now",
    "clinic-verify.example",
    "bit.ly/2x",
    "t.co/abc",
    "x.ai/y",
    "a@b",
    "Care@Home",
    "evil.health",
    "evil\uff0ecom",
    "evil\u3002com",
    "evil.com/login",
    "\u043a\u043b\u0438\u043d\u0438\u043a\u0430.\u0440\u0444",
    '=HYPERLINK("http://evil")',
    "evil.xn--p1ai",
    "a\uff20b",
    "10.0.0.1/x",
    "go to 8.8.8.8",
    "(evil.org)",
    "evil.de.",
    "my-site.info,",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_are_names(name):
    assert not holds_address(name)
    assert without_address(name) == name


@pytest.mark.parametrize("name", ADDRESSES)
def test_addresses_are_found_and_come_apart(name):
    assert holds_address(name)
    apart = without_address(name)
    assert not holds_address(apart), apart
    assert "://" not in apart

"""Names, addresses and zones as people write them, and as they are kept."""

import pytest

from clinic.core import clock, emails
from clinic.core.text import clean_line


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Asha Rao", "Asha Rao"),
        ("  Asha \t Rao ", "Asha Rao"),
        ("Asha\n\nYour account is closed.\r\nCall us", "Asha Your account is closed. Call us"),
        ("Asha\u2028Rao\u2029", "Asha Rao"),
        ("Asha \u202eoaR", "Asha oaR"),
        ("\u2067Asha\u2069\u200f Rao\u061c", "Asha Rao"),
        ("\u202e \u202c", ""),
        ("\u0928\u0915\u094d\u200d\u0937", "\u0928\u0915\u094d\u200d\u0937"),  # joiners are letters
    ],
)
def test_a_name_is_one_line_in_one_direction(written, kept):
    assert clean_line(written) == kept


@pytest.mark.parametrize("written", ["Asha\x00", "Asha\x1b[1m", "\ud800"])
def test_what_cannot_be_stored_is_refused(written):
    with pytest.raises(ValueError, match="cannot be stored"):
        clean_line(written)


@pytest.mark.parametrize(
    "written",
    [
        "zed@b\u00fccher.example",
        "ZED@B\u00dcCHER.example",
        " zed@xn--bcher-kva.example ",
        "zed@\uff42\u00fccher.example",  # a full-width b
        "zed@bu\u0308cher.example",  # u with dots in two characters
    ],
)
def test_a_mailbox_is_written_in_one_way(written):
    assert emails.normalise(written) == "zed@xn--bcher-kva.example"
    assert emails.as_typed(written) == "zed@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "written",
    ["", "zed", "z <zed@cast.example>", "zed@", "zed@cast..example",
     "zed@" + ".".join(["x" * 60] * 5)],
)  # fmt: skip
def test_what_is_no_address_is_refused_or_nobodys(written):
    with pytest.raises(ValueError, match="Enter an address such as name"):
        emails.normalise(written)
    assert emails.as_typed(f" {written.upper()} ") == written


@pytest.mark.parametrize("name", ["UTC", "Europe/London", "Etc/GMT+5", "Asia/Kathmandu"])
def test_zones_are_known(name):
    assert clock.zone(name).key == name


@pytest.mark.parametrize(
    "name",
    ["", "Mars/Base", "localtime", "Factory", "posixrules", "right/UTC", "posix/Europe/London",
     "../../etc/passwd", "Europe", "tzdata.zi", "UTC\x00"],
)  # fmt: skip
def test_files_beside_the_zones_are_none(name):
    with pytest.raises(ValueError, match="unknown time zone"):
        clock.zone(name)

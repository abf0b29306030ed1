"""What may stand in an address, and what goes over the line of it."""

import pytest

from clinic.core.errors import Wrong
from clinic.core.outside.urls import Place, read


@pytest.mark.parametrize(
    ("url", "place", "names"),
    [
        ("https://example.org", Place(True, "example.org", 443, "/"), "example.org"),
        ("HTTPS://Example.ORG/a?b=c#d", Place(True, "example.org", 443, "/a?b=c"), "example.org"),
        ("https://example.org:8443/x", Place(True, "example.org", 8443, "/x"), "example.org:8443"),
        ("https://example.org:443/", Place(True, "example.org", 443, "/"), "example.org"),
        ("https://münchen.example/ä", Place(True, "xn--mnchen-3ya.example", 443, "/%C3%A4"),
         "xn--mnchen-3ya.example"),
        ("https://example.org/a%20b?c=%26", Place(True, "example.org", 443, "/a%20b?c=%26"),
         "example.org"),
        ("https://[2606:4700::1]:8443/", Place(True, "2606:4700::1", 8443, "/"),
         "[2606:4700::1]:8443"),
        ("https://93.184.216.34/", Place(True, "93.184.216.34", 443, "/"), "93.184.216.34"),
    ],
)  # fmt: skip
def test_taken_apart(url: str, place: Place, names: str) -> None:
    assert read(url) == place
    assert place.names == names


@pytest.mark.parametrize(
    "url",
    [
        "", "example.org", "//example.org/", "http://example.org/", "ftp://example.org/",
        "file:///etc/passwd", "gopher://example.org/", "javascript:alert(1)", "https://",
        "https:///path", "https://user@example.org/", "https://user:pass@example.org/",
        "https://@example.org/", "https://example.org:22/", "https://example.org:80/",
        "https://example.org:1024/", "https://example.org:0/", "https://example.org:65536/",
        "https://example.org:x/", "https://[::1/", "https://[fe80::1%25eth0]/",
        "https://exa mple.org/", "https://example.org/a b", "https://example.org\\@evil.example/",
        "https://example.org/\r\nX: y", "https://example.org/\x00", "https://exam\x7fple.org/",
        "https://example.org/\ud800", "https://.example.org/", "https://a..b/", "https://-a.b/",
        "https://ex%61mple.org/", "https://" + "a" * 64 + ".org/",
        "https://example.org/" + "a" * 500, "http://localhost:8000/", "http://127.0.0.1:8000/",
    ],
)  # fmt: skip
def test_refused(url: str) -> None:
    with pytest.raises(Wrong):
        read(url)


def test_without_encryption_only_to_this_machine() -> None:
    assert read("http://localhost:8000/x", allows_loopback=True).port == 8000
    assert read("http://[::1]:8000/x", allows_loopback=True).names == "[::1]:8000"
    for url in ("http://example.org:8000/", "http://127.0.0.1.example.org:8000/"):
        with pytest.raises(Wrong):
            read(url, allows_loopback=True)

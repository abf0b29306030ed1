"""The samples of docs/proxy say what they must; `make attack` tries them with the real programs."""

import re

import pytest

from clinic.config import ROOT
from clinic.config.settings import Settings

PROXY = ROOT / "docs/proxy"
CADDY = (PROXY / "Caddyfile").read_text(encoding="utf-8")
NGINX = (PROXY / "nginx.conf").read_text(encoding="utf-8")


def without_comments(text: str) -> str:
    return re.sub(r"#.*", "", text)


@pytest.mark.parametrize("text", [CADDY, NGINX], ids=["Caddy", "nginx"])
def test_its_blocks_are_closed(text):
    said = without_comments(text)
    assert said.count("{") == said.count("}") > 0


@pytest.mark.parametrize("text", [CADDY, NGINX], ids=["Caddy", "nginx"])
def test_the_largest_upload_passes_and_no_more(text):
    (limit,) = re.findall(r"(?:max_size |client_max_body_size )(\d+)", without_comments(text))
    largest = Settings.model_fields["max_upload_size_mb"].default
    assert largest < int(limit) <= largest + 1  # with the form around it


def test_caddy_keeps_its_own_word_about_visitors():
    """It drops what they say of themselves, unless it is told to trust them."""
    said = without_comments(CADDY)
    assert "trusted_proxies" not in said
    assert "header_up" not in said
    assert re.search(r"read_header\s+10s", said)
    assert re.search(r"read_body\s+2m", said)  # ten megabytes by a slow line


def test_nginx_writes_what_it_says_of_visitors():
    said = without_comments(NGINX)
    headers = dict(re.findall(r"proxy_set_header (\S+) (\S+);", said))
    assert headers["X-Forwarded-For"] == "$remote_addr"
    assert headers["X-Forwarded-Proto"] == "$scheme"
    assert headers["Host"] == "$host"
    assert headers["Forwarded"] == headers["X-Real-IP"] == headers["X-Forwarded-Host"] == '""'
    assert "proxy_add_x_forwarded_for" not in said
    # In a location of its own a header would drop all of these.
    assert "proxy_set_header" not in said.partition("location")[2]


def test_nginx_counts_pages_of_an_address_and_not_its_live_pages():
    said = without_comments(NGINX)
    locations = dict(re.findall(r"location (\S+) \{([^}]*)\}", said))
    (most,) = re.findall(r"limit_conn clinic (\d+);", locations["/"])
    assert int(most) >= 100  # a hospital is one address
    assert "limit_conn" not in locations["/live/"]
    for name in ("client_header_timeout 10s", "client_body_timeout", "send_timeout"):
        assert name in said

"""A new password forgives what strangers tried; not what was tried at somebody else's log-in."""

import pytest

from clinic.accounts.proof import limits
from clinic.accounts.proof.keys import Purpose
from clinic.accounts.recovery import service as recovery
from clinic.core.data.db import transactional
from tests.accounts.account_words import NEW, link_for
from tests.patients.joining.joining_words import PHONE, proves, signs_up

MOST = 30  # of a log-in in an hour
OWN, OTHER = "own@cast.example", "other@cast.example"


@transactional
def guess(name: str) -> None:
    """Wrong passwords, until it is locked."""
    for _ in range(MOST):
        limits.count_try("login", "192.0.2.1", name)


def chooses_anew(app, person) -> None:
    token = link_for(app, person).rsplit("/", 1)[-1]
    recovery.set_password(token, Purpose.RESET, NEW)


def left(name: str) -> int:
    return limits.counted("login", "192.0.2.1", name).account


@pytest.mark.parametrize(
    ("is_proven", "is_shared", "stays"),
    [(True, False, 0), (True, True, MOST), (False, False, MOST), (False, True, MOST)],
)
def test_a_number_is_forgiven_to_who_alone_has_proven_it(
    app, monkeypatch, is_proven, is_shared, stays
) -> None:
    """Else whoever claims or shares it would guess its other owner's password for ever."""
    monkeypatch.setitem(limits.LIMITS, "login", (limits.Limit("account", MOST, limits.HOUR),))
    with app.app_context():
        if is_shared:
            proves(app, signs_up(email=OTHER))
        own = signs_up(email=OWN)
        proves(app, own, "email", OWN)
        if is_proven:
            proves(app, own)
        for name in (PHONE, OWN):
            guess(name)
        chooses_anew(app, own)
        assert (left(OWN), left(PHONE)) == (0, stays)

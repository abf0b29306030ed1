"""Photos are kept, replaced and removed, and seen by whom they concern."""

import pytest
from PIL import Image

from clinic.access.actor import THE_SYSTEM
from clinic.accounts import errors as accounts_errors
from clinic.accounts.models import User
from clinic.accounts.own import photo
from clinic.core.data import storage
from clinic.core.data.db import db, transactional
from clinic.core.errors import NotFound, TooMany, Unavailable
from tests.accounts.own.pictures import (
    BLUE,
    RED,
    bytes_of,
    colours,
    files,
    in_app,
    key_of,
    saved,
    two_halves,
    updates_of,
)
from tests.cast import NOW

__all__ = ["in_app"]


def test_saving_is_recorded_and_names_are_random(in_app, cast):
    saved(cast.dr_chandra, bytes_of(two_halves()))
    saved(cast.asha, bytes_of(two_halves()))
    (event,) = updates_of(cast.dr_chandra)
    assert (event.actor_id, event.organisation_id) == (cast.dr_chandra.user_id, cast.harbour)
    assert event.at >= NOW
    assert key_of(cast.asha) != key_of(cast.dr_chandra)
    assert str(cast.asha.user_id) not in key_of(cast.asha)


def test_a_new_photo_replaces_the_old_one(in_app, cast):
    saved(cast.asha, bytes_of(Image.new("RGB", (600, 600), RED)))
    kept = saved(cast.asha, bytes_of(Image.new("RGB", (600, 600), BLUE)))
    assert colours(kept) == [BLUE] * 4
    assert [path.name for path in files(in_app)] == [key_of(cast.asha).removeprefix("photos/")]


def test_a_command_that_fails_keeps_the_old_photo_and_leaves_no_new_file(in_app, cast):
    saved(cast.asha, bytes_of(two_halves()))
    before = key_of(cast.asha), files(in_app)
    with pytest.raises(RuntimeError):
        fail_after_naming(cast.asha)
    assert (key_of(cast.asha), files(in_app)) == before


@transactional
def fail_after_naming(person):
    photo._name_photo(person.user_id, "photos/other.jpg", person.actor)
    raise RuntimeError


def test_nobodys_photo_is_not_kept(in_app, cast):
    with pytest.raises(NotFound):
        photo.save_photo(cast.harbour, bytes_of(two_halves()), THE_SYSTEM)
    assert files(in_app) == []


def test_while_storage_is_away_everything_stays_as_it_was(in_app, cast, monkeypatch):
    def away(*_):
        raise Unavailable

    saved(cast.asha, bytes_of(two_halves()))
    before = key_of(cast.asha)
    for name in ("put", "delete"):
        monkeypatch.setattr(storage, name, away)
    with pytest.raises(Unavailable):
        photo.save_photo(cast.asha.user_id, bytes_of(two_halves()), cast.asha.actor)
    with pytest.raises(Unavailable):
        photo.remove_photo(cast.asha.user_id, cast.asha.actor)
    assert key_of(cast.asha) == before
    assert len(updates_of(cast.asha)) == 1


def test_an_old_file_that_cannot_be_cleared_away_does_not_undo_the_new_one(
    in_app, cast, monkeypatch
):
    def away(_key):
        raise Unavailable

    saved(cast.asha, bytes_of(Image.new("RGB", (600, 600), RED)))
    monkeypatch.setattr(storage, "delete", away)
    assert colours(saved(cast.asha, bytes_of(Image.new("RGB", (600, 600), BLUE)))) == [BLUE] * 4


def test_a_removed_photo_is_gone(in_app, cast):
    saved(cast.asha, bytes_of(two_halves()))
    photo.remove_photo(cast.asha.user_id, cast.asha.actor)
    assert (key_of(cast.asha), files(in_app), len(updates_of(cast.asha))) == (None, [], 2)
    with pytest.raises(NotFound):
        photo.photo_of(cast.asha.user_id)
    photo.remove_photo(cast.asha.user_id, cast.asha.actor)
    assert len(updates_of(cast.asha)) == 2


def test_a_photo_that_came_while_the_old_one_was_removed_stays(in_app, cast, monkeypatch):
    saved(cast.asha, bytes_of(Image.new("RGB", (600, 600), RED)))
    delete = storage.delete

    def and_meanwhile(key):
        monkeypatch.setattr(storage, "delete", delete)
        saved(cast.asha, bytes_of(Image.new("RGB", (600, 600), BLUE)))
        delete(key)

    monkeypatch.setattr(storage, "delete", and_meanwhile)
    photo.remove_photo(cast.asha.user_id, cast.asha.actor)
    assert storage.get(key_of(cast.asha)) == photo.photo_of(cast.asha.user_id)


def test_the_file_may_be_lost_and_the_page_stands(in_app, cast):
    saved(cast.asha, bytes_of(two_halves()))
    storage.delete(key_of(cast.asha))
    with pytest.raises(NotFound):
        photo.photo_of(cast.asha.user_id)
    photo.remove_photo(cast.asha.user_id, cast.asha.actor)
    assert key_of(cast.asha) is None


@pytest.mark.parametrize(
    ("whose", "viewer", "seen"),
    [
        ("asha", "asha", True),
        *(("asha", other, False) for other in ("bela", "dr_chandra", "esha", "amir", "gita", None)),
        ("esha", "esha", True),
        *(("esha", other, False) for other in ("asha", "dr_chandra", "amir", "farid", None)),
        *(("dr_chandra", other, True) for other in ("dr_chandra", "asha", "farid", "gita", None)),
    ],
)
def test_who_sees_whose_photo(in_app, cast, whose, viewer, seen):
    person = getattr(cast, whose)
    saved(person, bytes_of(two_halves()))
    actor = getattr(cast, viewer).actor if viewer else None
    if seen:
        assert photo.visible_photo(actor, person.user_id) == photo.photo_of(person.user_id)
    else:
        with pytest.raises(NotFound):
            photo.visible_photo(actor, person.user_id)


def test_a_doctor_who_has_left_is_no_longer_shown(in_app, cast):
    saved(cast.dr_chandra, bytes_of(two_halves()))
    leave(cast.dr_chandra)
    with pytest.raises(NotFound):
        photo.visible_photo(cast.asha.actor, cast.dr_chandra.user_id)


@transactional
def leave(person):
    db.session.get(User, person.user_id).is_active = False


def test_the_system_sees_no_photo_of_a_patient(in_app, cast):
    saved(cast.asha, bytes_of(two_halves()))
    with pytest.raises(NotFound):
        photo.visible_photo(THE_SYSTEM, cast.asha.user_id)


def test_both_databases_keep_photos(both, tmp_path, monkeypatch):
    settings = both.app.config["SETTINGS"].model_copy(update={"upload_dir": tmp_path})
    monkeypatch.setitem(both.app.config, "SETTINGS", settings)
    with both.app.app_context():
        asha = both.cast.asha
        saved(asha, bytes_of(two_halves()))
        saved(asha, bytes_of(two_halves()))
        assert len(files(both.app)) == 1
        photo.remove_photo(asha.user_id, asha.actor)
        assert (key_of(asha), files(both.app), len(updates_of(asha))) == (None, [], 3)


def test_photos_wait_for_their_turn_but_not_for_long(in_app, cast, monkeypatch):
    monkeypatch.setattr(photo._turns, "wait_s", 0.01)
    with photo._turns.one(), pytest.raises(Unavailable):
        photo.save_photo(cast.asha.user_id, bytes_of(two_halves()), cast.asha.actor)
    assert key_of(cast.asha) is None
    assert saved(cast.asha, bytes_of(two_halves())).size == (512, 512)


def test_nobody_sends_photo_after_photo(in_app, cast):
    for _ in range(10):
        with pytest.raises(accounts_errors.BadPhoto):
            photo.save_photo(cast.asha.user_id, b"not a picture", cast.asha.actor)
    with pytest.raises(TooMany) as refused:
        photo.save_photo(cast.asha.user_id, bytes_of(two_halves()), cast.asha.actor)
    assert 0 < refused.value.retry_after_s <= 3601
    assert saved(cast.bela, bytes_of(two_halves())).size == (512, 512)

"""A person's own profile, photo and addresses."""

import io

import pytest
import sqlalchemy as sa
from PIL import Image

from clinic.accounts.own import photo
from clinic.accounts.own.picture import SIDE
from clinic.accounts.own.profile import update_own
from clinic.accounts.proof.keys import Purpose
from clinic.core import clock, phones
from clinic.core.data.db import db
from clinic.core.errors import ClinicError
from clinic.core.languages import LANGUAGES
from clinic.events.models import EventRow
from clinic.messaging.models import Message
from tests.accounts.account_words import code_sent, user_of
from tests.cast import PASSWORD
from tests.factories import unproven
from tests.pages import HTMX, fields, soup, text_of

PROFILE = {"full_name": "Asha Rao-Smith", "language": "hi", "timezone": "Asia/Kolkata"}
NEW_EMAIL, NEW_PHONE = "asha.new@cast.example", "+447400123456"


def written(target: str) -> str:
    """As somebody in Britain reads it."""
    return phones.as_dialled(target, "GB")


def _in_one_piece(target: str) -> str:
    return written(target).replace(" ", "\N{NO-BREAK SPACE}")


def events(app, name):
    with app.app_context():
        return db.session.scalars(sa.select(EventRow).filter_by(name=name)).all()


def picture(kind="JPEG", size=(60, 40)):
    made = io.BytesIO()
    Image.new("RGB", size, "teal").save(made, kind)
    return made.getvalue()


def upload(client, data):
    """By hand, because the test client's own way leaves a file open."""
    head = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="me.jpg"\r\n\r\n'
    body = head + data + b"\r\n--x--\r\n"
    return client.post("/account/photo", data=body, content_type="multipart/form-data; boundary=x")


@pytest.mark.parametrize("name", ["asha", "dr_chandra", "esha", "amir", "gita"])
def test_everybody_sees_the_own_account(signed_in, cast, name):
    person = cast.people[name]
    page = signed_in(person).get("/account/")
    assert page.status_code == 200
    assert person.email in text_of(page)
    assert fields(page, "/account/profile")["full_name"] == person.name


def test_the_profile_is_saved(app, signed_in, cast):
    client = signed_in(cast.asha)
    answer = client.post("/account/profile", data=PROFILE)
    assert (answer.status_code, answer.location) == (303, "/account/")
    page = client.get("/account/")
    assert "Your profile is saved" in text_of(page)
    assert fields(page, "/account/profile") == {**PROFILE, "csrf_token": ""} | {
        "csrf_token": fields(page, "/account/profile")["csrf_token"]
    }
    assert len(events(app, "user.updated")) == 1
    client.post("/account/profile", data=PROFILE)
    assert len(events(app, "user.updated")) == 1


def test_htmx_is_led_to_the_page(signed_in, cast):
    answer = signed_in(cast.asha).post("/account/profile", data=PROFILE, headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/account/")


def test_a_doctor_with_a_new_name_is_found_by_it(signed_in, cast):
    client = signed_in(cast.dr_chandra)
    client.post("/account/profile", data={**PROFILE, "full_name": "Chandra Iyer-Bose"})
    assert "Chandra Iyer-Bose" in text_of(client.get(f"/doctors/{cast.dr_chandra.doctor_id}"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", ""),
        ("full_name", "x" * 121),
        ("full_name", "a\x00b"),
        ("language", "xx"),
        ("timezone", "Europe/Atlantis"),
        ("timezone", "../../etc/passwd"),
        ("timezone", "x" * 41),
    ],
)
def test_what_cannot_be_comes_back(app, signed_in, cast, field, value):
    answer = signed_in(cast.asha).post("/account/profile", data={**PROFILE, field: value})
    assert answer.status_code == 422
    assert soup(answer).select_one(f"#{field}[aria-invalid=true]")
    assert user_of(app, cast.asha).full_name == "Asha Rao"


def test_without_a_zone_the_clinics_own_counts(app, signed_in, cast):
    client = signed_in(cast.esha)
    client.post("/account/profile", data={**PROFILE, "timezone": "Asia/Kolkata"})
    assert user_of(app, cast.esha).timezone == "Asia/Kolkata"
    client.post("/account/profile", data={**PROFILE, "timezone": ""})
    assert user_of(app, cast.esha).timezone is None


@pytest.mark.parametrize(
    "changes",
    [{"role": "admin"}, {"email": "x@cast.example"}, {"full_name": None}, {"language": None},
     {"timezone": "nowhere"}, {"timezone": "UTC" * 20}, {"full_name": "\x00"}],
)  # fmt: skip
def test_the_command_checks_for_itself(in_app, cast, changes):
    with pytest.raises(ClinicError) as refused:
        update_own(cast.asha.user_id, changes, cast.asha.actor)
    assert refused.value.status == 400
    assert refused.value.errors[0].field == next(iter(changes))


def test_every_language_and_zone_of_the_lists_can_be_stored():
    assert all(len(key) <= 8 for key in LANGUAGES)
    assert len(clock.usual_zones()) > 300
    assert {"UTC", "Europe/London", "Asia/Kolkata"} <= set(clock.usual_zones())
    assert all(len(name) <= 40 and clock.zone(name) for name in clock.usual_zones())


def test_only_what_everybody_sees_is_kept_by_browsers(signed_in, cast):
    client = signed_in(cast.dr_chandra)
    upload(client, picture())
    answer = client.get(f"/account/photo/{cast.dr_chandra.user_id}")
    assert answer.headers["Cache-Control"] == "private, max-age=3600"


def test_a_photo_is_saved_shown_and_removed(app, signed_in, cast):
    client = signed_in(cast.asha)
    assert soup(client.get("/account/")).find("img") is None
    assert upload(client, picture()).location == "/account/"
    page = soup(client.get("/account/"))
    source = page.select_one("#account-menu img")["src"]
    answer = client.get(source)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert Image.open(io.BytesIO(answer.data)).size == (SIDE, SIDE)
    assert answer.headers["Cache-Control"] == "no-store"
    again = client.get(source, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.post("/account/photo/remove").location == "/account/"
    assert client.get(source).status_code == 404
    assert soup(client.get("/account/")).find("img") is None


def test_another_photo_has_another_address(app, signed_in, cast):
    client = signed_in(cast.asha)
    found = set()
    for _ in range(2):
        upload(client, picture())
        found.add(soup(client.get("/account/")).select_one("#account-menu img")["src"])
    assert len(found) == 2


def test_the_photo_of_a_patient_is_seen_by_nobody_else(client, signed_in, cast):
    upload(signed_in(cast.asha), picture())
    address = f"/account/photo/{cast.asha.user_id}"
    assert signed_in(cast.asha).get(address).status_code == 200
    for other in (client, signed_in(cast.bela), signed_in(cast.esha), signed_in(cast.gita)):
        assert other.get(address).status_code == 404


def test_the_photo_of_a_doctor_is_seen_by_everybody(client, signed_in, cast):
    upload(signed_in(cast.dr_chandra), picture("PNG"))
    address = f"/account/photo/{cast.dr_chandra.user_id}"
    assert client.get(address).status_code == 200
    for page in ("/", f"/doctors/{cast.dr_chandra.doctor_id}"):
        assert soup(client.get(page)).select_one("img.avatar")["src"].startswith(f"{address}?v=")


@pytest.mark.parametrize(
    "data", [b"", b"GIF89a", b"<svg/>", b"x" * (photo.MOST_BYTES + 1)], ids=["empty", "gif", "svg",
    "large"],
)  # fmt: skip
def test_what_is_no_photo_comes_back(signed_in, cast, data):
    answer = upload(signed_in(cast.asha), data)
    assert answer.status_code == 422
    assert soup(answer).select_one("#photo[aria-invalid=true]")
    assert fields(answer, "/account/profile")["full_name"] == "Asha Rao"


def test_a_photo_of_two_megabytes_is_let_in_and_no_form_is(signed_in, cast):
    client = signed_in(cast.asha)
    noise = picture() + b"\0" * (photo.MOST_BYTES - 5000)
    assert upload(client, noise).status_code == 303
    assert upload(client, b"x" * (photo.MOST_BYTES + 200_000)).status_code == 413
    large = {"full_name": "x" * 1_200_000}
    assert client.post("/account/profile", data=large).status_code == 413


def test_no_photo_chosen(signed_in, cast):
    answer = signed_in(cast.asha).post("/account/photo", data={})
    assert answer.status_code == 422
    assert "Choose a photo" in text_of(answer)


@pytest.mark.parametrize(
    ("kind", "target", "purpose", "channel"),
    [("email", NEW_EMAIL, Purpose.EMAIL, "email"), ("phone", NEW_PHONE, Purpose.PHONE, "sms")],
)
def test_a_new_address_counts_once_its_code_came_back(
    app, signed_in, cast, kind, target, purpose, channel
):
    client = signed_in(cast.asha)
    before = getattr(user_of(app, cast.asha), kind)
    form = {"target": target, "password": PASSWORD}
    answer = client.post(f"/account/{kind}", data=form)
    assert (answer.status_code, answer.location) == (303, f"/account/{kind}/code")
    assert getattr(user_of(app, cast.asha), kind) == before
    with app.app_context():
        message = db.session.scalars(sa.select(Message)).one()
    assert (message.address, message.channel) == (target, channel)
    assert written(target) in text_of(client.get(answer.location))
    done = client.post(answer.location, data={"code": code_sent(app, purpose)})
    assert (done.status_code, done.location) == (303, "/account/")
    user = user_of(app, cast.asha)
    assert getattr(user, kind) == target
    assert getattr(user, f"{kind}_verified_at") is not None
    page = client.get("/account/")
    assert written(target) in text_of(page)
    assert "Confirmed" in text_of(page)
    with app.app_context():
        told = db.session.scalars(sa.select(Message).filter_by(template="contact_changed")).all()
    assert [one.address for one in told] == [before]


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_the_present_address_is_confirmed_without_a_password(app, signed_in, cast, kind):
    with app.app_context():
        unproven(cast.asha)
    client = signed_in(cast.asha)
    assert "Not confirmed" in text_of(client.get("/account/"))
    answer = client.post(f"/account/{kind}/verify")
    assert answer.location == f"/account/{kind}/code"
    purpose = Purpose(kind)
    client.post(answer.location, data={"code": code_sent(app, purpose)})
    assert getattr(user_of(app, cast.asha), f"{kind}_verified_at") is not None
    assert len(events(app, "user.contact_verified")) == 1


@pytest.mark.parametrize("kind", ["email", "phone"])
@pytest.mark.parametrize("password", ["", "a wrong one"])
def test_a_new_address_needs_the_password(app, signed_in, cast, kind, password):
    target = NEW_EMAIL if kind == "email" else NEW_PHONE
    form = {"target": target, "password": password}
    answer = signed_in(cast.asha).post(f"/account/{kind}", data=form)
    assert answer.status_code == 422
    assert soup(answer).select_one("#password[aria-invalid=true]")
    assert soup(answer).select_one("#target")["value"] == target
    with app.app_context():
        assert db.session.scalars(sa.select(Message)).all() == []


@pytest.mark.parametrize(
    ("kind", "target"),
    [("email", ""), ("email", "nonsense"), ("email", "x" * 250 + "@cast.example"), ("phone", ""),
     ("phone", "12"), ("phone", "call me")],
)  # fmt: skip
def test_an_address_nobody_can_have_comes_back(signed_in, cast, kind, target):
    form = {"target": target, "password": PASSWORD}
    answer = signed_in(cast.asha).post(f"/account/{kind}", data=form)
    assert answer.status_code == 422
    assert soup(answer).select_one("#target[aria-invalid=true]")


@pytest.mark.parametrize(
    ("kind", "known", "unknown"),
    [("email", "bela@cast.example", NEW_EMAIL), ("phone", "+447700900001", NEW_PHONE)],
)
def test_whether_somebody_has_it_is_told_to_its_holder_alone(
    app, signed_in, cast, kind, known, unknown
):
    """Before the code the two cannot be told apart."""
    client, pages = signed_in(cast.asha), []
    for target in (unknown, known):
        answer = client.post(f"/account/{kind}", data={"target": target, "password": PASSWORD})
        assert answer.status_code == 303
        pages.append(client.get(answer.location).text.replace(_in_one_piece(target), "TARGET"))
    assert pages[0] == pages[1]
    wrong = client.post(f"/account/{kind}/code", data={"code": "000000"})
    assert "not right" in text_of(wrong)
    code = {"code": code_sent(app, Purpose(kind))}
    right = client.post(f"/account/{kind}/code", data=code)
    if kind == "phone":  # a family shares one
        assert right.status_code == 303
        return
    assert right.status_code == 422
    assert "already belongs to an account" in text_of(right)


def test_a_code_is_tried_five_times(app, signed_in, cast):
    client = signed_in(cast.asha)
    client.post("/account/email/verify")
    for _ in range(5):
        assert client.post("/account/email/code", data={"code": "000000"}).status_code == 422
    code = {"code": code_sent(app, Purpose.EMAIL)}
    assert client.post("/account/email/code", data=code).status_code == 429


def test_codes_are_not_sent_without_end(signed_in, cast):
    client = signed_in(cast.asha)
    for _ in range(6):
        assert client.post("/account/email/verify").status_code == 303
    assert client.post("/account/email/verify").status_code == 429


def test_without_a_code_on_its_way_there_is_nothing_to_enter(signed_in, cast):
    answer = signed_in(cast.asha).get("/account/email/code")
    assert answer.location == "/account/email"


def test_there_is_no_third_kind(signed_in, cast):
    assert signed_in(cast.asha).get("/account/fax").status_code == 404


def test_a_zone_is_chosen_from_a_list(signed_in, cast):
    client = signed_in(cast.asha)
    client.post("/account/profile", data={**PROFILE, "timezone": "Asia/Kolkata"})
    zones = soup(client.get("/account/")).select("select#timezone option")
    assert [zone["value"] for zone in zones[:2]] == ["", "UTC"]
    assert [zone["value"] for zone in zones if zone.has_attr("selected")] == ["Asia/Kolkata"]

"""A person's own photo, on the page."""

import io

import pytest
from PIL import Image

from clinic.accounts.own import photo
from clinic.accounts.own.picture import SIDE
from tests.pages import fields, soup, text_of


def picture(kind="JPEG", size=(60, 40)):
    made = io.BytesIO()
    Image.new("RGB", size, "teal").save(made, kind)
    return made.getvalue()


def upload(client, data):
    """By hand, because the test client's own way leaves a file open."""
    head = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="me.jpg"\r\n\r\n'
    body = head + data + b"\r\n--x--\r\n"
    return client.post("/account/photo", data=body, content_type="multipart/form-data; boundary=x")


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

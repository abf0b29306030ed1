"""Files: the same promises from a folder and from a server that speaks S3."""

import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest
from flask import Flask
from moto.server import ThreadedMotoServer

from clinic.config import Settings
from clinic.core.data import storage
from clinic.core.errors import NotFound, Unavailable
from tests.ops.processes import free_port

JPEG = "image/jpeg"
KEY = "photos/0a1b.jpg"
BUCKET = "clinic-files"


def bucket_settings(address: str, **more: str) -> dict[str, str]:
    return {
        "s3_bucket": BUCKET,
        "s3_endpoint_url": address,
        "s3_region": "eu-west-2",
        "s3_access_key_id": "tests",
        "s3_secret_access_key": "a secret of the tests",
        **more,
    }


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a server that speaks S3."""
    port = free_port()
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


def ask(address: str) -> boto3.client:
    """The server as its owner sees it."""
    return boto3.client(
        "s3",
        endpoint_url=address,
        region_name="eu-west-2",
        aws_access_key_id="owner",
        aws_secret_access_key="owner",
    )


@pytest.fixture
def s3_owner(s3: str) -> Iterator[boto3.client]:
    owner = ask(s3)
    place = {"LocationConstraint": "eu-west-2"}
    owner.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    yield owner
    for kept in owner.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        owner.delete_object(Bucket=BUCKET, Key=kept["Key"])
    owner.delete_bucket(Bucket=BUCKET)
    owner.close()


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Enter an app with these settings of storage."""
    app = Flask("storage")

    def enter(**settings: str) -> Flask:
        app.config["SETTINGS"] = Settings(clinic_data_dir=tmp_path / "data", **settings)
        return app

    with app.app_context():
        yield enter


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, at: Callable[..., Flask]) -> str:
    """Each of the two in turn."""
    if request.param == "bucket":
        request.getfixturevalue("s3_owner")
        at(**bucket_settings(request.getfixturevalue("s3"), s3_prefix="/harbour/"))
    else:
        at()
    return request.param


@pytest.fixture(params=["folder", "bucket", "no such bucket"])
def broken_place(request: pytest.FixtureRequest, at: Callable[..., Flask], tmp_path: Path) -> str:
    if request.param == "folder":
        in_the_way = tmp_path / "file"
        in_the_way.touch()
        at(upload_dir=str(in_the_way))
    elif request.param == "bucket":
        at(**bucket_settings(f"http://127.0.0.1:{free_port()}"))
    else:
        at(**bucket_settings(request.getfixturevalue("s3")))
    return request.param


@pytest.mark.parametrize("data", [b"", b"a photo", bytes(range(256)) * 8192])
def test_what_is_put_can_be_got(place: str, data: bytes) -> None:
    storage.put(KEY, data, JPEG)
    assert storage.get(KEY) == storage.Stored(data, JPEG)


def test_keys_do_not_disturb_each_other(place: str) -> None:
    storage.put("photos/1.jpg", b"one", JPEG)
    storage.put("photos/2.png", b"two", "image/png")
    storage.put("1.csv", b"three", "text/csv")
    assert storage.get("photos/1.jpg") == storage.Stored(b"one", JPEG)
    assert storage.get("photos/2.png") == storage.Stored(b"two", "image/png")
    assert storage.get("1.csv") == storage.Stored(b"three", "text/csv")


def test_a_second_put_replaces_the_first(place: str) -> None:
    storage.put(KEY, b"a long first one", JPEG)
    storage.put(KEY, b"second", JPEG)
    assert storage.get(KEY).data == b"second"


def test_what_was_deleted_is_gone(place: str) -> None:
    storage.put(KEY, b"a photo", JPEG)
    storage.delete(KEY)
    with pytest.raises(NotFound):
        storage.get(KEY)


def test_absent_files_are_not_found_and_deleting_them_is_harmless(place: str) -> None:
    with pytest.raises(NotFound):
        storage.get(KEY)
    storage.delete(KEY)


@pytest.mark.parametrize(
    "key",
    [
        *("", ".", "..", "/", "photos", "photos/", ".jpg", "photos/.jpg", "photos//1.jpg"),
        *("/etc/1.jpg", "../1.jpg", "photos/../../1.jpg", "a..jpg", "Photos/1.jpg"),
        *("1.jpg\n", "1\0.jpg", "a b.jpg", "a\\b.jpg", "ä.jpg", "1.exe", f"{'a' * 200}.jpg"),
    ],
)
def test_a_wrong_key_is_refused(place: str, key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        storage.put(key, b"a photo", JPEG)
    with pytest.raises(ValueError, match="key"):
        storage.get(key)
    with pytest.raises(ValueError, match="key"):
        storage.delete(key)


def test_a_type_that_the_ending_does_not_say_is_refused(place: str) -> None:
    with pytest.raises(ValueError, match="ending"):
        storage.put(KEY, b"<script>", "text/html")


def test_a_place_that_cannot_be_reached_is_unavailable(broken_place: str) -> None:
    with pytest.raises(Unavailable):
        storage.put(KEY, b"a photo", JPEG)
    with pytest.raises(Unavailable):
        storage.get(KEY)
    with pytest.raises(Unavailable):
        storage.delete(KEY)


def test_files_in_the_folder_are_for_their_owner_only(at, tmp_path: Path) -> None:
    at()
    storage.put(KEY, b"a photo", JPEG)
    uploads = tmp_path / "data/uploads"
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (uploads, *uploads.rglob("*"))}
    assert modes == {uploads: 0o700, uploads / "photos": 0o700, uploads / KEY: 0o600}


def test_a_put_that_fails_leaves_the_old_file_and_no_draft(at, tmp_path, monkeypatch) -> None:
    at()
    storage.put(KEY, b"old", JPEG)

    def full(_number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    with pytest.raises(Unavailable):
        storage.put(KEY, b"new", JPEG)
    assert storage.get(KEY).data == b"old"
    assert [path.name for path in (tmp_path / "data/uploads/photos").iterdir()] == ["0a1b.jpg"]


def test_readers_see_the_old_file_or_the_new_one_never_a_part(at) -> None:
    app = at()
    wholes = {bytes([letter]) * 200_000 for letter in b"ab"}
    storage.put(KEY, min(wholes), JPEG)
    stop = threading.Event()

    def write() -> None:
        with app.app_context():
            while not stop.is_set():
                for whole in wholes:
                    storage.put(KEY, whole, JPEG)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        seen = {storage.get(KEY).data for _ in range(200)}
    finally:
        stop.set()
        writer.join()
    assert seen <= wholes


def test_the_bucket_keeps_type_and_prefix(at, s3: str, s3_owner: boto3.client) -> None:
    at(**bucket_settings(s3, s3_prefix="/harbour/"))
    storage.put(KEY, b"a photo", JPEG)
    kept = s3_owner.get_object(Bucket=BUCKET, Key=f"harbour/{KEY}")
    assert (kept["Body"].read(), kept["ContentType"]) == (b"a photo", JPEG)
    at(**bucket_settings(s3))
    storage.put("1.jpg", b"without", JPEG)
    assert s3_owner.head_object(Bucket=BUCKET, Key="1.jpg")["ContentLength"] == 7

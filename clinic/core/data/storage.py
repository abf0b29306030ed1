"""Files that people upload: in a folder, or in a bucket that speaks S3."""

import contextlib
import functools
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from clinic.core import running
from clinic.core.errors import N_, NotFound, Unavailable

log = structlog.get_logger()

KEY = re.compile(r"[a-z0-9_-][a-z0-9._-]*(/[a-z0-9_-][a-z0-9._-]*)*")
LONGEST_KEY = 200
ENDINGS = {  # a folder keeps no types beside its files, so a key's ending tells its type
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".pdf": "application/pdf",
    ".csv": "text/csv",
    ".json": "application/json",
    ".bin": "application/octet-stream",
}
CONNECT_SECONDS, READ_SECONDS, TRIES = 5, 15, 2


@dataclass(frozen=True, slots=True)
class Stored:
    data: bytes
    content_type: str


def put(key: str, data: bytes, content_type: str) -> None:
    """Keep `data`, whole or not at all, in place of what the key held. Raises Unavailable."""
    if _type_of(key) != content_type:
        raise ValueError(f"the ending of {key!r} does not say {content_type}")
    _place().put(key, data, content_type)


def get(key: str) -> Stored:
    """Raises NotFound or Unavailable."""
    content_type = _type_of(key)
    return Stored(_place().get(key), content_type)


def delete(key: str) -> None:
    """Harmless when there is none. Raises Unavailable."""
    _type_of(key)
    _place().delete(key)


def _type_of(key: str) -> str:
    """Raises ValueError for a key that could lead out of the folder or has no known ending."""
    content_type = ENDINGS.get(key[key.rfind(".") :])
    if content_type is None or ".." in key or len(key) > LONGEST_KEY or not KEY.fullmatch(key):
        raise ValueError(f"{key!r} cannot be the key of a file")
    return content_type


def _place() -> "Folder | Bucket":
    settings = running.settings()
    if not settings.s3_bucket:
        return Folder(settings.uploads)
    client = _client(
        settings.s3_endpoint_url,
        settings.s3_region,
        settings.s3_access_key_id,
        settings.s3_secret_access_key,
    )
    return Bucket(client, settings.s3_bucket, settings.s3_prefix.strip("/"))


@dataclass(frozen=True, slots=True)
class Folder:
    """For its owner's eyes only."""

    root: Path

    def put(self, key: str, data: bytes, content_type: str) -> None:
        path = self.root / key
        draft = path.with_name(f".{secrets.token_hex(8)}")  # no key begins with a dot
        with _or_unavailable(OSError):
            self._make_folders(path)
            try:
                _write(draft, data)
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)

    def get(self, key: str) -> bytes:
        with _or_unavailable(OSError):
            try:
                return (self.root / key).read_bytes()
            except FileNotFoundError:
                raise NotFound from None

    def delete(self, key: str) -> None:
        with _or_unavailable(OSError):
            (self.root / key).unlink(missing_ok=True)

    def _make_folders(self, path: Path) -> None:
        self.root.parent.mkdir(parents=True, exist_ok=True)
        inner = [folder for folder in path.parents if folder.is_relative_to(self.root)]
        for folder in reversed(inner):
            folder.mkdir(mode=0o700, exist_ok=True)


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())  # a row will name this file: it must survive a power cut, too


@dataclass(frozen=True, slots=True)
class Bucket:
    client: Any
    name: str
    prefix: str

    def put(self, key: str, data: bytes, content_type: str) -> None:
        with self._asked():
            self.client.put_object(**self._object(key), Body=data, ContentType=content_type)

    def get(self, key: str) -> bytes:
        with self._asked():
            try:
                return self.client.get_object(**self._object(key))["Body"].read()
            except self.client.exceptions.NoSuchKey:
                raise NotFound from None

    def delete(self, key: str) -> None:
        with self._asked():
            self.client.delete_object(**self._object(key))

    def _object(self, key: str) -> dict[str, str]:
        return {"Bucket": self.name, "Key": f"{self.prefix}/{key}" if self.prefix else key}

    def _asked(self) -> contextlib.AbstractContextManager[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        return _or_unavailable(BotoCoreError, ClientError)


@functools.cache
def _client(endpoint: str, region: str, key_id: str, secret: str) -> Any:
    import boto3  # takes half a second: only clinics with a bucket wait for it, and once
    from botocore.config import Config

    return boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region or None,
        aws_access_key_id=key_id or None,  # none: the machine's own role
        aws_secret_access_key=secret or None,
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"mode": "standard", "total_max_attempts": TRIES},
            s3={"addressing_style": "path" if endpoint else "auto"},
            # Amazon's newer checksums are unknown to much storage of other makers.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@contextlib.contextmanager
def _or_unavailable(*faults: type[Exception]) -> Iterator[None]:
    try:
        yield
    except faults as fault:
        log.error("storage_unavailable", error=_name_of(fault))
        words = N_("Files cannot be reached now. Please try again in a moment.")
        raise Unavailable(words) from fault


def _name_of(fault: Exception) -> str:
    """The provider's own word for it, where it has one: AccessDenied, NoSuchBucket."""
    answer = getattr(fault, "response", None) or {}
    return answer.get("Error", {}).get("Code") or type(fault).__name__

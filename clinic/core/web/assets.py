"""Static files under an address that changes with their content, so that browsers keep them."""

import hashlib
import shutil
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

FOR_EVER = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    folder = Path(app.root_path) / "static"
    build = _build_of(folder)
    prefix = f"static/{build}"
    server = WhiteNoise(
        app.wsgi_app, max_age=FOR_EVER, immutable_file_test=lambda _path, _url: True
    )
    kept = app.config["SETTINGS"].clinic_data_dir / "static" / build
    server.add_files(str(_with_gzip(folder, kept)), prefix=prefix)
    app.wsgi_app = server  # type: ignore[method-assign]
    app.jinja_env.globals["static_url"] = lambda name: f"/{prefix}/{name}"


def _build_of(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _with_gzip(folder: Path, kept: Path) -> Path:
    """A copy of the files with a `.gz` beside each; the folder itself if nothing can be written."""
    if (kept / ".complete").exists():
        return kept
    try:
        compressor = Compressor(use_brotli=False, quiet=True)
        for path in folder.rglob("*"):
            if path.is_file():
                _copy(path, kept / path.relative_to(folder), compressor)
        (kept / ".complete").touch()
    except OSError:
        return folder
    return kept


def _copy(source: Path, target: Path, compressor: Compressor) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    if compressor.should_compress(target.name):
        compressor.compress(str(target))

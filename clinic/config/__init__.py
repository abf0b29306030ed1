"""Typed settings from the environment, and the checks that stop a wrong start."""

import os
from pathlib import Path

from clinic.config.checks import check
from clinic.config.secrets import with_local_secrets
from clinic.config.settings import ROOT, Settings

SECRET_FILES = Path("/run/secrets")

__all__ = ["ROOT", "Settings", "WrongSetting", "load_settings", "setting_files"]


class WrongSetting(Exception):
    """The product must not start: `problems` name each wrong setting and say why."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Wrong settings:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = problems


def setting_files() -> tuple[Path, ...]:
    """The later one wins over the earlier."""
    environment = os.environ.get("ENVIRONMENT") or os.environ.get("ENV") or "development"
    return ROOT / ".env", ROOT / f".env.{environment}"


def load_settings() -> Settings:
    """Read the environment, then `.env.<ENVIRONMENT>`, then `.env`, then files named like settings
    in SECRET_FILES, as containers are given secrets. Raises WrongSetting.
    """
    files = SECRET_FILES if SECRET_FILES.is_dir() else None
    try:
        settings = Settings(  # type: ignore[call-arg]
            _env_file=setting_files(), _env_file_encoding="utf-8", _secrets_dir=files
        )
    except ValueError as error:
        raise WrongSetting(_explain(error)) from None
    problems = check(settings)
    if problems:
        raise WrongSetting(problems)
    return with_local_secrets(settings)


def _explain(error: ValueError) -> list[str]:
    details = getattr(error, "errors", None)
    if details is None:
        return [str(error)]
    return [
        f"{str(item['loc'][0]).upper()}: {item['msg']}" for item in details(include_input=False)
    ]

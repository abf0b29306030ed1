"""Templates of WhatsApp as the stand-in's account keeps them, and WhatsApp's word on each."""

import json
import re
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

INVALID_SID, INVALID_VARIABLES, UNFIT_VALUE, MISSING_VALUE = 21655, 21656, 63021, 63028
_VARIABLE = re.compile(r"\{\{(\d+)\}\}")
_NAME = re.compile(r"[a-z0-9_]{1,512}")
_UNFIT = re.compile(r"[\n\t]| {4}")
LONGEST_BODY, LONGEST_TITLE, LONGEST_VALUE = 1024, 20, 1024
CATEGORIES = {"UTILITY", "MARKETING", "AUTHENTICATION"}


@dataclass(slots=True)
class Content:
    """One template."""

    sid: str
    name: str
    language: str
    variables: dict[str, str]
    types: dict[str, Any]
    category: str = ""
    status: str = "unsubmitted"
    reason: str = ""

    @property
    def body(self) -> str:
        (kind,) = self.types.values()
        return kind.get("body", "{{1}} is your verification code.")

    def shown(self) -> dict[str, Any]:
        at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        url = f"https://content.twilio.com/v1/Content/{self.sid}"
        return {
            "account_sid": "AC",
            "date_created": at,
            "date_updated": at,
            "friendly_name": self.name,
            "language": self.language,
            "links": {},
            "sid": self.sid,
            "types": self.types,
            "url": url,
            "variables": self.variables,
        }

    def approval(self) -> dict[str, Any]:
        return {
            "allow_category_change": True,
            "category": self.category,
            "content_type": next(iter(self.types)),
            "name": self.name,
            "rejection_reason": self.reason,
            "status": self.status,
        }

    def fault(self) -> str:
        """Why WhatsApp would refuse it."""
        parts = _VARIABLE.split(self.body)[::2]
        if "whatsapp/authentication" in self.types:
            return "" if self.category == "AUTHENTICATION" else "INCORRECT_CATEGORY"
        if not parts[0].strip() or not parts[-1].strip():
            return "Variables can't be at the start or end of the template."
        if not all(part.strip() for part in parts):
            return "Two variables stand side by side."
        used = set(_VARIABLE.findall(json.dumps(self.types)))
        if used != set(self.variables) or not all(self.variables.values()):
            return "Each variable needs a sample."
        return "TOO_LONG" if len(self.body) > LONGEST_BODY else ""


@dataclass(slots=True)
class Contents:
    """Those of an account. Thread safe."""

    known: dict[str, Content] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def decide(self, status: str, name: str = "", reason: str = "") -> None:
        """What WhatsApp says of those that wait, or of those whose name begins so."""
        with self._lock:
            for one in self.known.values():
                waits = one.status in ("received", "pending")
                if one.name.startswith(name) if name else waits:
                    fault = one.fault() if status == "approved" else ""
                    one.status = "rejected" if fault else status
                    one.reason = fault or reason

    def named(self, beginning: str) -> Content:
        (found,) = [one for one in self.known.values() if one.name.startswith(beginning)]
        return found

    def is_approved(self, sid: str) -> bool:
        return sid in self.known and self.known[sid].status == "approved"

    def told(self, path: str) -> dict[str, Any] | None:
        """What a GET of this path tells; None for what there is not."""
        _, _, rest = path.partition("/v1/Content")
        if not rest:
            shown = [one.shown() for one in self.known.values()]
            return {"contents": shown, "meta": {"key": "contents", "next_page_url": None}}
        sid, _, what = rest.removeprefix("/").partition("/")
        if sid not in self.known:
            return None
        one = self.known[sid]
        approval = {"sid": sid, "account_sid": "AC", "whatsapp": one.approval(), "url": path}
        return approval if what == "ApprovalRequests" else one.shown()

    def take(self, path: str, said: Mapping[str, Any]) -> tuple[int, dict[str, Any] | int]:
        """The status and the answer of a POST; a number is the code of a complaint."""
        _, _, rest = path.partition("/v1/Content")
        with self._lock:
            return self._create(said) if not rest else self._hand_in(rest.split("/")[1], said)

    def _create(self, said: Mapping[str, Any]) -> tuple[int, dict[str, Any] | int]:
        types = said.get("types") or {}
        if len(types) != 1 or None in types.values() or not said.get("language"):
            return 400, 20001
        one = Content(
            f"HX{uuid.uuid4().hex}",
            said["friendly_name"],
            said["language"],
            said["variables"],
            types,
        )
        (kind,) = types.values()
        if any(len(act.get("title", "")) > LONGEST_TITLE for act in kind.get("actions", ())):
            return 400, 20001
        self.known[one.sid] = one
        return 201, one.shown()

    def _hand_in(self, sid: str, said: Mapping[str, Any]) -> tuple[int, dict[str, Any] | int]:
        one = self.known.get(sid)
        if one is None:
            return 404, 20404
        is_fit = _NAME.fullmatch(said["name"]) and said["category"] in CATEGORIES
        if not is_fit or one.status != "unsubmitted":
            return 400, 20001
        one.category, one.status = said["category"], "received"
        return 201, one.approval()

    def complaint(self, form: Mapping[str, str]) -> int | None:
        """What is said to a message of a template."""
        sid = form.get("ContentSid")
        if not sid:
            return None
        if sid not in self.known:
            return INVALID_SID
        values = json.loads(form.get("ContentVariables") or "{}")
        if not all(isinstance(one, str) for one in values.values()):
            return INVALID_VARIABLES
        wanted = _VARIABLE.findall(json.dumps(self.known[sid].types)) or ["1"]
        if not all(values.get(one, "").strip() for one in wanted):
            return MISSING_VALUE
        long = any(len(one) > LONGEST_VALUE for one in values.values())
        return UNFIT_VALUE if long or any(map(_UNFIT.search, values.values())) else None

    def filled(self, form: Mapping[str, str]) -> str:
        values = json.loads(form["ContentVariables"])
        return _VARIABLE.sub(lambda found: values[found[1]], self.known[form["ContentSid"]].body)

"""What lies in the stand-in's account besides messages: numbers, services, registrations.

Each is told by the path and in the fields of the real API, as far as the SDK reads them. A service
exists once `account.services` has it; the rest is told of what stands here.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.twilio_account import Account

SENDERS = "whatsapp:"


def sid(prefix: str, of: str) -> str:
    return prefix + hashlib.md5(of.encode(), usedforsecurity=False).hexdigest()


@dataclass
class Holdings:
    """Steered by its fields; `change` is what a POST does to them."""

    account: Account
    # By number: `sms` (can text), `sms_url`, `sms_method`, `sms_application_sid`.
    numbers: dict[str, dict[str, Any]] = field(default_factory=dict)
    # By service: `friendly_name`, `inbound_request_url`, `inbound_method`,
    # `use_inbound_webhook_on_number`.
    services: dict[str, dict[str, Any]] = field(default_factory=dict)
    campaigns: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # by service
    brands: dict[str, dict[str, Any]] = field(default_factory=dict)  # by id
    toll_free: dict[str, dict[str, Any]] = field(default_factory=dict)  # by number
    whatsapp: dict[str, dict[str, Any]] = field(default_factory=dict)  # by number

    def take(self, given: Mapping[str, Mapping[str, Any]]) -> None:
        for name, more in given.items():
            getattr(self, name).update(more)

    @staticmethod
    def is_of(path: str) -> bool:
        return path.startswith(("/v1/", "/v2/")) or "/SMS/" in path or "/IncomingPhone" in path

    def told(self, path: str, query: Mapping[str, str]) -> dict[str, Any] | None:
        for pattern, tell in self._places():
            if found := re.fullmatch(pattern, path):
                return tell(*found.groups(), query)
        return None

    def change(self, path: str, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """Point something at another address."""
        if found := re.fullmatch(r"/v1/Services/(\w+)", path):
            return self._change_service(found[1], given)
        if found := re.fullmatch(r".*/IncomingPhoneNumbers/(\w+)\.json", path):
            return self._change_number(found[1], given)
        if found := re.fullmatch(r"/v2/Channels/Senders/(\w+)", path):
            return self._change_sender(found[1], given)
        return None

    def _places(self) -> Iterable[tuple[str, Any]]:
        service = r"/v1/Services/(\w+)"
        return (
            (r".*/SMS/ShortCodes\.json", self._short_codes),
            (r".*/IncomingPhoneNumbers\.json", self._numbers),
            (r".*/IncomingPhoneNumbers/(\w+)\.json", self._number_of),
            (r"/v2/Channels/Senders/(\w+)", self._sender_of),
            (service, self._service),
            (f"{service}/AlphaSenders", self._names),
            (f"{service}/PhoneNumbers", self._numbers_of_service),
            (f"{service}/ShortCodes", lambda of, _: self._list(of, "short_codes", ())),
            (f"{service}/Compliance/Usa2p", self._campaigns),
            (r"/v1/a2p/BrandRegistrations/(\w+)", lambda of, _: self.brands.get(of)),
            (r"/v1/Tollfree/Verifications", self._verifications),
            (r"/v2/Channels/Senders", self._whatsapp),
        )

    def _short_codes(self, query: Mapping[str, str]) -> dict[str, Any]:
        known = [{"short_code": one} for one in self.account.short_codes]
        wanted = query.get("ShortCode")
        return {"short_codes": [one for one in known if one["short_code"] == wanted]}

    def _numbers(self, query: Mapping[str, str]) -> dict[str, Any]:
        found = [
            self._number(value)
            for value in self.numbers
            if query.get("PhoneNumber", value).strip() == value
        ]
        return {"incoming_phone_numbers": found}

    def _number(self, value: str) -> dict[str, Any]:
        known = self.numbers[value]
        return {
            "sid": sid("PN", value),
            "phone_number": value,
            "capabilities": {"voice": True, "sms": known.get("sms", True), "mms": False},
            **{key: known.get(key, "") for key in ("sms_url", "sms_application_sid")},
            "sms_method": known.get("sms_method", "POST"),
        }

    def _number_of(self, of: str, _: object) -> dict[str, Any] | None:
        value = next((one for one in self.numbers if sid("PN", one) == of), None)
        return self._number(value) if value else None

    def _sender_of(self, of: str, _: object) -> dict[str, Any] | None:
        value = next((one for one in self.whatsapp if sid("XE", one) == of), None)
        return self._sender(value) if value else None

    def _service(self, of: str, _: object) -> dict[str, Any] | None:
        if of not in self.account.services:
            return None
        given = self.services.get(of, {})
        return {"sid": of, "account_sid": self.account.sid, "friendly_name": "Clinic", **given}

    def _list(self, of: str, key: str, found: Iterable[Any]) -> dict[str, Any] | None:
        """One page; of what is not there, nothing."""
        if of and of not in self.account.services:
            return None
        return {key: list(found), "meta": {"key": key, "next_page_url": None}}

    def _names(self, of: str, _: object) -> dict[str, Any] | None:
        names = self.account.names.get(of, [])
        return self._list(of, "alpha_senders", ({"alpha_sender": one} for one in names))

    def _numbers_of_service(self, of: str, _: object) -> dict[str, Any] | None:
        number = self.account.services.get(of)
        found = [{"sid": sid("PN", number), "phone_number": number}] if number else []
        return self._list(of, "phone_numbers", found)

    def _campaigns(self, of: str, _: object) -> dict[str, Any] | None:
        return self._list(of, "compliance", self.campaigns.get(of, []))

    def _verifications(self, query: Mapping[str, str]) -> dict[str, Any] | None:
        wanted = query.get("TollfreePhoneNumberSid")
        found = [
            {"sid": sid("HH", value), "tollfree_phone_number_sid": sid("PN", value), **known}
            for value, known in self.toll_free.items()
            if sid("PN", value) == wanted
        ]
        return self._list("", "verifications", found)

    def _whatsapp(self, _: object) -> dict[str, Any] | None:
        return self._list("", "senders", map(self._sender, self.whatsapp))

    def _sender(self, value: str) -> dict[str, Any]:
        return {
            "sid": sid("XE", value),
            "sender_id": f"{SENDERS}{value}",
            "status": "ONLINE",
            **self.whatsapp[value],
        }

    def _change_service(self, of: str, given: Mapping[str, Any]) -> dict[str, Any] | None:
        if of not in self.account.services:
            return None
        known = self.services.setdefault(of, {})
        for name, key in (
            ("InboundRequestUrl", "inbound_request_url"),
            ("InboundMethod", "inbound_method"),
        ):
            if name in given:
                known[key] = given[name]
        if "UseInboundWebhookOnNumber" in given:
            is_on = str(given["UseInboundWebhookOnNumber"]).lower() == "true"
            known["use_inbound_webhook_on_number"] = is_on
        return self._service(of, None)

    def _change_number(self, of: str, given: Mapping[str, Any]) -> dict[str, Any] | None:
        value = next((one for one in self.numbers if sid("PN", one) == of), None)
        if value is None:
            return None
        known = self.numbers[value]
        known |= {
            key: given[name]
            for name, key in (("SmsUrl", "sms_url"), ("SmsMethod", "sms_method"))
            if name in given
        }
        return self._number(value)

    def _change_sender(self, of: str, given: Mapping[str, Any]) -> dict[str, Any] | None:
        value = next((one for one in self.whatsapp if sid("XE", one) == of), None)
        if value is None:
            return None
        hook = {key: one for key, one in (given.get("webhook") or {}).items() if one is not None}
        self.whatsapp[value].setdefault("webhook", {}).update(hook)
        return self._sender(value)

"""Where Twilio must bring what people text, and whether it does."""

from clinic.config import Settings
from clinic.core.errors import N_
from clinic.messaging.channels.account import Number, Pointed, Service, WhatsAppSender
from clinic.messaging.proving.checks import Check, Fix, State

WEBHOOK_PATH = "/api/v1/twilio/webhook"
NAME = "inbound_address"


def ours(settings: Settings) -> str:
    """Empty where nobody has said how the product is reached."""
    base = settings.public_base_url.rstrip("/")
    return f"{base}{WEBHOOK_PATH}" if base else ""


def of_us(settings: Settings, channel: str) -> Check:
    """Whether reports and answers can find the way at all."""
    base = settings.public_base_url
    if not base:
        return Check(
            "public_address",
            channel,
            State.DANGER,
            N_("Twilio is not told where we are: no report and no answer can come."),
            remedy=N_("Set PUBLIC_BASE_URL to the address people reach the product by."),
        )
    if not base.startswith("https://"):
        return Check(
            "public_address",
            channel,
            State.WARNING,
            N_("Reports and answers come to %(address)s, which is not encrypted."),
            {"address": base},
            N_("Set PUBLIC_BASE_URL to an https:// address; on a laptop to that of a tunnel."),
        )
    return Check(
        "public_address",
        channel,
        State.OK,
        N_("Each message asks for its report at %(address)s."),
        {"address": base},
    )


def of_service(settings: Settings, service: Service) -> Check:
    fix = Fix("service", service.sid, service.inbound.url, ours(settings))
    return _judged(settings, "sms", service.name, service.inbound, fix)


def of_number(settings: Settings, number: Number) -> Check:
    fix = Fix("number", number.sid, number.inbound.url, ours(settings))
    return _judged(settings, "sms", number.value, number.inbound, fix)


def of_whatsapp(settings: Settings, value: str, sender: WhatsAppSender) -> Check:
    fix = Fix("whatsapp", sender.sid, sender.inbound.url, ours(settings))
    return _judged(settings, "whatsapp", value, sender.inbound, fix)


def _judged(settings: Settings, channel: str, about: str, now: Pointed, fix: Fix) -> Check:
    if now.instead:
        return Check(
            NAME,
            channel,
            State.DANGER,
            N_(
                "What people text to %(sender)s goes to an application (%(application)s), not here."
            ),
            {"sender": about, "application": now.instead},
            N_("Take the application off the number in Twilio's console, then check again."),
            about,
        )
    if not fix.after:
        return Check(
            NAME,
            channel,
            State.DANGER,
            N_("What people text to %(sender)s cannot come here: nobody knows where we are."),
            {"sender": about},
            N_("Set PUBLIC_BASE_URL to the address people reach the product by."),
            about,
        )
    values = {"sender": about, "address": now.url, "method": now.method}
    if not now.url:
        return _wrong(
            N_("What people text to %(sender)s is brought nowhere."), values, fix, channel
        )
    if now.url.rstrip("/") != fix.after:
        words = N_("What people text to %(sender)s goes to %(address)s, not here.")
        return _wrong(words, values, fix, channel)
    if now.method.upper() != "POST":
        words = N_("What people text to %(sender)s comes by %(method)s, which is not understood.")
        return _wrong(words, values, fix, channel)
    said = N_("What people text to %(sender)s comes here.")
    return Check(NAME, channel, State.OK, said, values, about=about)


def _wrong(words: str, values: dict[str, str], fix: Fix, channel: str) -> Check:
    remedy = N_("Until it is pointed here nobody's answer arrives.")
    return Check(NAME, channel, State.DANGER, words, values, remedy, values["sender"], fix=fix)

"""What belongs to our account at Twilio, asked there."""

from clinic.config import Settings
from clinic.core.errors import N_, Unavailable
from clinic.messaging.channels import twilio

MOST = 100


def is_in_account(settings: Settings, kind: str, value: str) -> bool:
    """Raises Unavailable."""
    import requests
    from twilio.base.exceptions import TwilioException, TwilioRestException

    try:
        return _ASK[kind](settings, value)
    except TwilioRestException as error:
        if error.status == 404:
            return False
        raise Unavailable(N_("The provider cannot be asked now. Try again later.")) from error
    except (TwilioException, requests.RequestException, ValueError) as error:
        raise Unavailable(N_("The provider cannot be asked now. Try again later.")) from error


def _service(settings: Settings, value: str) -> bool:
    return twilio.client(settings).messaging.v1.services(value).fetch().sid == value


def has_short_code(settings: Settings, value: str) -> bool:
    return bool(twilio.client(settings).short_codes.list(short_code=value, limit=1))


def _name(settings: Settings, value: str) -> bool:
    """Names are registered with a messaging service: nobody may text in the name of a stranger."""
    service = settings.twilio_messaging_service_sid
    if not service or not _service(settings, service):  # of none, a list is only a fault
        return False
    names = twilio.client(settings).messaging.v1.services(service).alpha_senders.list(limit=MOST)
    return any(str(one.alpha_sender).casefold() == value.casefold() for one in names)


_ASK = {"messaging_service": _service, "short_code": has_short_code, "alphanumeric": _name}

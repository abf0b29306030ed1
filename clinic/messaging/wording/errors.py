"""What can be wrong with words."""

from clinic.core.errors import N_, FieldError
from clinic.messaging.words.own.substitution import Fault

_WORDS = {
    "first": N_("Begin with {%(name)s}: people want to know who writes."),
    "missing": N_("Say {%(name)s}, too: without it the message is of no use."),
    "unknown": N_("There is no {%(name)s}. The list below has all that can be named."),
    "brace": N_("A brace stands alone. Variables look like {organisation}."),
}
TOO_LONG = N_("That is too long.")
TWO_TEXTS = N_("That is more than one text, even with short names. Use fewer words.")
ADDRESS = N_("Leave addresses out: {link} is the only link that people can trust.")


def of(field: str, fault: Fault) -> FieldError:
    return FieldError(field, fault.why, _WORDS[fault.why], {"name": fault.name[:40]})

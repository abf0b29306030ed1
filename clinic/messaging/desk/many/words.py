"""What is said of many messages at once."""

from collections import Counter

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.messaging.desk.many.service import Done, Refused


def sent(done: Done) -> str:
    many = len(done.sent)
    if not many:
        return _("None of them was sent again")
    return ngettext("%(num)s message goes out again", "%(num)s messages go out again", many)


def refused(done: Done) -> list[tuple[int, str]]:
    """How many did not go, by the reason, the most first."""
    counted = Counter(reason(one) for one in done.refused)
    return [(many, words) for words, many in counted.most_common()]


def reason(one: Refused) -> str:
    return _(one.words)


def columns() -> list[str]:
    return [
        _("Written"), _("Due"), _("Direction"), _("Channel"), _("Message"), _("Who"),
        _("Number or address"), _("Status"), _("Reason"), _("Tries"), _("Sent"), _("Settled"),
    ]  # fmt: skip

"""By which channel somebody is reached: one rule for what is sent and for what is promised."""

from collections.abc import Collection
from dataclasses import dataclass

from clinic.messaging.channels import CHANNELS, HEEDING, USUAL

OPTED_OUT, UNREACHABLE, OPTED_IN = "opted_out", "unreachable", "opted_in"


def why_stopped(said: str | None, channel: str | None = None) -> str | None:
    """Why no texts go by that channel, or by any: `opted_out` before `unreachable`.

    `said` is what `queries.stop_of` found, `sms:opted_out,whatsapp:unreachable`; a kind without its
    channel is of all. What one organisation may (`opted_in`) ends what was said to all.
    """
    found: dict[str, set[str]] = {name: set() for name in HEEDING}
    for one in said.split(",") if said else ():
        name, _, kind = one.rpartition(":")
        for each in (name,) if name else HEEDING:
            found.setdefault(each, set()).add(kind)
    kinds = [kind for name in found if channel in (None, name) for kind in _in_force(found[name])]
    return min(kinds, default=None)


def _in_force(kinds: set[str]) -> set[str]:
    return kinds - {OPTED_IN, OPTED_OUT} if OPTED_IN in kinds else kinds


@dataclass(frozen=True, slots=True)
class Reach:
    """Where somebody is reached: by which number and address, and whether texts may go there."""

    phone: str | None
    email: str | None
    stop: str | None = None
    order: str | None = None  # the organisation's own, as its settings have it

    def by(self, channel: str) -> str | None:
        """The address, if something may go there."""
        how = CHANNELS[channel]
        if self.why(channel):
            return None
        return self.phone if how.address == "phone" else self.email

    def in_order(self, able: Collection[str]) -> list[str]:
        """As the organisation wants them to be tried."""
        order = self.order.split(",") if self.order else CHANNELS
        return [name for name in order if name in able]

    def why(self, channel: str) -> str | None:
        """Why nothing goes there by this channel, although there is an address."""
        return why_stopped(self.stop, channel) if CHANNELS[channel].heeds_refusals else None

    def instead(self, channel: str) -> str | None:
        """The address, if something may go there in place of another channel.

        Who wants no SMS did not ask for WhatsApp: one text does not stand in for another then.
        """
        is_text = CHANNELS[channel].heeds_refusals
        return None if is_text and why_stopped(self.stop) == OPTED_OUT else self.by(channel)

    def way(self, wanted: str, able: Collection[str]) -> tuple[str, str]:
        """The wanted channel if it can be, else the first that can, in the organisation's order.

        Where none can: the wanted one all the same, or the one there is an address for. There the
        message ends, and says why.
        """
        if wanted in able and (there := self.by(wanted)):
            return wanted, there
        for name in self.in_order(able):
            if there := self.instead(name):
                return name, there
        kind = CHANNELS[wanted].address
        if there := self._any(kind):
            return wanted, there
        other = "email" if kind == "phone" else "phone"
        return USUAL[other], self._any(other) or ""

    def _any(self, kind: str) -> str | None:
        return self.phone if kind == "phone" else self.email

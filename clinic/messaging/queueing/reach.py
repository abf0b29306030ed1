"""By which channel somebody is reached: one rule for what is sent and for what is promised."""

from collections.abc import Collection
from dataclasses import dataclass

from clinic.messaging.channels import CHANNELS, USUAL


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
        if self.stop and how.heeds_refusals:
            return None
        return self.phone if how.address == "phone" else self.email

    def in_order(self, able: Collection[str]) -> list[str]:
        """As the organisation wants them to be tried."""
        order = self.order.split(",") if self.order else CHANNELS
        return [name for name in order if name in able]

    def way(self, wanted: str, able: Collection[str]) -> tuple[str, str]:
        """The wanted channel if it can be, else the first that can, in the organisation's order.

        Where none can: the wanted one all the same, or the one there is an address for. There the
        message ends, and says why.
        """
        for name in (wanted, *self.in_order(able)):
            if name in able and (there := self.by(name)):
                return name, there
        kind = CHANNELS[wanted].address
        if there := self._any(kind):
            return wanted, there
        other = "email" if kind == "phone" else "phone"
        return USUAL[other], self._any(other) or ""

    def _any(self, kind: str) -> str | None:
        return self.phone if kind == "phone" else self.email

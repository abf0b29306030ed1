"""What the provider says wins over the words of a text: an opt-out it heard, a tapped button."""

import re

from clinic.messaging.heard import meaning
from clinic.messaging.heard.meaning import NOTHING, Meaning, Word
from clinic.messaging.heard.vocabulary import CODE_LENGTH, CODE_LETTERS, folded, plain

# As the buttons of templates carry it: `confirm:K7P4Q`.
_PAYLOAD = re.compile(rf"([a-z_]+):([{CODE_LETTERS}]{{{CODE_LENGTH}}})", re.IGNORECASE)
_ACTS = {
    "confirm": Word.CONFIRM,
    "cancel": Word.CANCEL,
    "other": Word.OTHER_TIME,
    "other_time": Word.OTHER_TIME,
}
_OPT_OUTS = {"STOP": Word.STOP, "START": Word.START, "HELP": Word.HELP}
# What the provider takes for one of its words may say more to us.
_SAYS_MORE = {Word.STOP: (Word.STOP, Word.CARRIER_CANCEL), Word.START: (Word.START, Word.YES)}
_OTHER_TIME = "OTHER TIME"


def read(
    body: str, opt_out: str = "", payload: str = "", button: str = "", media: int = 0
) -> Meaning:
    """`opt_out`, `payload` and `button` as posted in OptOutType, ButtonPayload and ButtonText."""
    if word := _OPT_OUTS.get(opt_out.upper()):
        said = meaning.read(body)
        return said if said.word in _SAYS_MORE.get(word, ()) else Meaning(word)
    if payload:
        found = _PAYLOAD.fullmatch(payload.strip())
        act = _ACTS.get(found[1].lower()) if found else None
        return Meaning(act, found[2].upper()) if found and act else NOTHING
    if button:
        return _tapped(button)
    said = meaning.read(body)
    return Meaning(Word.PICTURE) if media and said.word is Word.UNKNOWN else said


def _tapped(button: str) -> Meaning:
    if folded(plain(button)) == _OTHER_TIME:
        return Meaning(Word.OTHER_TIME)
    said = meaning.read(button)
    # Nobody who taps asks the carrier for no more texts.
    return Meaning(Word.CANCEL) if said.word is Word.CARRIER_CANCEL else said

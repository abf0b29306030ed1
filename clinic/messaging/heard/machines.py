"""Texts that no person typed, by their look: pure."""

import re
import unicodedata

# What a telephone sends when somebody taps a heart: its own words, and ours in quotes.
_SIGN = r"[^\w\s\"\u201c\u201d\u201e\u00ab\u00bb]{1,12}"
_ENGLISH = rf"""
    liked;loved;disliked;laughed at;emphasi[sz]ed;questioned;removed an? .{{1,40}} from
    reacted .{{1,20}} to;{_SIGN} to
"""
_SPANISH = rf"""
    (no )?le gustó;(no )?me gusta;le encantó;me encanta;se rió (de|con);le dio risa;exclamó( por)?
    enfatizó;destacó;cuestionó;preguntó por;reaccionó con .{{1,20}} a;(eliminó|quitó) .{{1,40}} de
    {_SIGN} a
"""
_FRENCH = rf"""
    a (aimé|adoré|ri (de|à)|souligné|accentué);n['\u2019]a pas aimé;j['\u2019]aime;a mis .{{1,40}}
    a réagi (avec|par) .{{1,20}} à;a (retiré|supprimé) .{{1,40}} (de|sur);{_SIGN} à
"""
_GERMAN = rf"""
    gefällt( nicht)?;liebt;lacht über;hebt hervor;hinterfragt;betont;mag( nicht)?
    (hat )?mit .{{1,20}} reagiert auf;hat mit .{{1,20}} auf;reagiert mit .{{1,20}} auf
    {_SIGN} (zu|auf)
"""
_ARABIC = rf"""
    أعجب(\u0647|\u0647\u0627|ني)?( بـ?)?;أحب(ت)?;لم يعجبه?;ضحك على
    (تم )?(ال)?تفاعل( بـ?)? ?.{{1,20}} (على|مع)
    {_SIGN} (إلى|على)
"""
_BEHIND_OURS = rf"""
    (nicht )?geliked;geliebt;gelacht;hervorgehoben;hinterfragt;betont;mit .{{1,40}} markiert
    (mit .{{1,20}} )?reagiert;gefällt (mir|dir|ihm|ihr)( nicht)?
    .{{0,30}}(पसंद|प्यार|प्रतिक्रिया) .{{1,20}};.{{0,10}}हँसे;पर {_SIGN}
"""


def _one_of(*listed: str) -> str:
    ways = ";".join(listed).replace("\n", ";").split(";")
    return "|".join(way.strip() for way in ways if way.strip())


_BEFORE_OURS = _one_of(_ENGLISH, _SPANISH, _FRENCH, _GERMAN, _ARABIC)
_OPEN, _CLOSE = r"[\"\u201c\u201e\u00ab\u2018']", r"[\"\u201c\u201d\u00bb\u2019']"
_REACTION = re.compile(
    rf"(?:{_BEFORE_OURS}) ?{_OPEN}.*|(?:hat )?{_OPEN}.{{3,}}{_CLOSE} ?(?:{_one_of(_BEHIND_OURS)})",
    re.IGNORECASE | re.DOTALL,
)
_INVISIBLE = frozenset({"Cf", "Mn", "Me"})  # by themselves
_LEFT_OUT = frozenset({"Cf", "Me"})  # anywhere: of the marks some belong to letters, as in Hindi


def is_noise(body: str) -> bool:
    """Nothing to see, or a reaction to a text of ours. Never raises."""
    body = body.replace("\x00", "")
    if all(unicodedata.category(one) in _INVISIBLE or one.isspace() for one in body):
        return True
    typed = (one for one in body if unicodedata.category(one) not in _LEFT_OUT)
    seen = "".join(one for one in typed if not "\ufe00" <= one <= "\ufe0f")
    return _REACTION.fullmatch(" ".join(seen.split())) is not None


def is_same(body: str, other: str) -> bool:
    """Is it the same text again, but for spaces and capitals?"""
    return body.casefold().split() == other.casefold().split()

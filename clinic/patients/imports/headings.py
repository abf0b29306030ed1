"""What the columns of a list are called, and where nobody keeps what they say."""

import re
from collections.abc import Mapping

from clinic.core.errors import N_
from clinic.patients.errors import UnreadableList

MOST_COLUMNS = 100  # half a million of them would be as many problems to tell of
_CALLED = {
    "full_name": "fullname,name,patient,patientname,patientfullname",
    "first_name": "firstname,first,forename,forenames,givenname,givennames",
    "middle_name": "middlename,middlenames",
    "last_name": "lastname,last,surname,familyname",
    "phone": "phone,phoneno,phonenumber,telephone,telephoneno,telephonenumber,tel,telno,telnumber,"
    "contactnumber,contactno,contactphone,homephone,phone1",
    "mobile": "mobile,mobileno,mobilenumber,mobilephone,mobiletel,cell,cellno,cellnumber,cellphone",
    "email": "email,emailaddress,mail",
    "date_of_birth": "dateofbirth,birthdate,dob,born,birthday,birth,bornon",
    "language": "language,lang,preferredlanguage",
    "channel": "channel,preferredchannel",
}
COLUMNS = {heading: name for name, called in _CALLED.items() for heading in called.split(",")}
_ASIDE = re.compile(r"\([^()]*\)")  # Date of birth (dd/mm/yyyy)


def named(header: list[str]) -> list[str | None]:
    """What each column is, None for one that is not kept. Raises UnreadableList."""
    if sum(1 for cell in header if cell.strip()) > MOST_COLUMNS:
        words = N_("Send at most %(most)s columns.")
        raise UnreadableList("too_many_columns", words, most=MOST_COLUMNS)
    names = [COLUMNS.get(_bare(cell)) for cell in header]
    known = [name for name in names if name]
    if "full_name" not in known and not {"first_name", "last_name"} <= set(known):
        words = N_("Name one column full_name or name, or two of them first name and last name.")
        raise UnreadableList("no_name_column", words)
    if len(known) != len(set(known)):
        raise UnreadableList("double_column", N_("Two columns say the same thing. Leave one out."))
    return names


def _bare(heading: str) -> str:
    return re.sub(r"[\W_]+", "", _ASIDE.sub("", heading).casefold())


def joined(said: Mapping[str, str]) -> dict[str, str]:
    """The cells of a row with one name and one number: a mobile can be texted, so it goes first."""
    cells = dict(said)
    first, middle, last = (cells.pop(f"{one}_name", "") for one in ("first", "middle", "last"))
    whole = cells.pop("full_name", "")
    if not (first and last) and whole:
        first, middle, last = (first, whole, "") if first else ("", whole, last)
    name = " ".join(part for part in (first, middle, last) if part)
    phone = cells.pop("mobile", "") or cells.get("phone", "")
    return {"full_name": name} | cells | {"phone": phone}

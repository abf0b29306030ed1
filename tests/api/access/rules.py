"""Who gets what from clinic/api/reminders/rules.py."""

from tests.access.table import elsewhere, harbour, rule_of
from tests.api.access.rows import Row

RULES = "/organisations/{organisation_id}/reminder-rules"
ONE = f"{RULES}/{{rule_id}}"
HOURS = "/organisations/{organisation_id}/quiet-hours"
NEW = {"minutes_before": 1440, "channel": "email"}


def day_before(_: object) -> dict[str, object]:
    return NEW


def off(_: object) -> dict[str, object]:
    return {"is_active": False}


def early(_: object) -> dict[str, object]:
    return {"quiet_from": "20:00"}


# fmt: off
ROWS = [
    #                     nobody asha bela chandra dev esha farid amir gita
    Row("GET", RULES,     "401 403 403 403 403 403 403 200 200", ids=harbour),
    Row("GET", RULES,     "401 403 403 403 403 403 403 404 200", ids=elsewhere, case="elsewhere"),
    Row("POST", RULES,    "401 403 403 403 403 403 403 201 201", ids=harbour, json=day_before),
    Row("POST", RULES,    "401 403 403 403 403 403 403 404 201",
        ids=elsewhere, json=day_before, case="elsewhere"),
    Row("GET", ONE,       "401 403 403 403 403 403 403 200 200", ids=rule_of(harbour)),
    Row("GET", ONE,       "401 403 403 403 403 403 403 404 200",
        ids=rule_of(elsewhere), case="elsewhere"),
    Row("PATCH", ONE,     "401 403 403 403 403 403 403 200 200", ids=rule_of(harbour), json=off),
    Row("PATCH", ONE,     "401 403 403 403 403 403 403 404 200",
        ids=rule_of(elsewhere), json=off, case="elsewhere"),
    Row("DELETE", ONE,    "401 403 403 403 403 403 403 204 204", ids=rule_of(harbour)),
    Row("DELETE", ONE,    "401 403 403 403 403 403 403 404 204",
        ids=rule_of(elsewhere), case="elsewhere"),
    Row("GET", HOURS,     "401 403 403 403 403 403 403 200 200", ids=harbour),
    Row("GET", HOURS,     "401 403 403 403 403 403 403 404 200", ids=elsewhere, case="elsewhere"),
    Row("PATCH", HOURS,   "401 403 403 403 403 403 403 200 200", ids=harbour, json=early),
    Row("PATCH", HOURS,   "401 403 403 403 403 403 403 404 200",
        ids=elsewhere, json=early, case="elsewhere"),
]
# fmt: on

"""The doors of the people at work: patients, messages, accounts of others, the house."""

from tests.access.table import KNOWN, Row, asha, elsewhere, esha, harbour, message, user

# fmt: off
WORK = [
    #                                   nobody asha bela chandra dev esha farid amir gita
    Row("GET", "deaths.index",              "303 403 403 403 403 200 200 200 403"),
    Row("POST", "deaths.confirm",           "401 403 403 403 403 409 404 409 403", url=asha),
    Row("POST", "deaths.dismiss",           "401 403 403 403 403 409 404 409 403", url=asha),
    Row("GET", "messaging.index",           "303 403 403 403 403 200 200 200 403"),
    Row("GET", "messaging.show",            "303 403 403 403 403 200 404 200 403", url=message),
    Row("POST", "messaging.resend",         "401 403 403 403 403 409 404 409 403",
        url=message, case="of one still queued"),
    Row("POST", "messaging.seen",           "401 403 403 403 403 303 404 303 403", url=message),
    Row("GET", "admin.index",               "303 403 403 403 403 403 403 303 303"),
    Row("GET", "admin.health",              "303 403 403 403 403 403 403 200 200"),
    # Not even there, outside development.
    Row("GET", "dev.inbox",                 "404 404 404 404 404 404 404 404 404"),
    Row("GET", "dev.ring",                  "404 404 404 404 404 404 404 404 404"),
    Row("POST", "dev.reply",                "404 404 404 404 404 404 404 404 404"),
    # Without Twilio's signature.
    Row("POST", "twilio.webhook",           "403 403 403 403 403 403 403 403 403"),
    Row("POST", "twilio.status",            "403 403 403 403 403 403 403 403 403"),
    # The people and the house: administrators at home, superadmins everywhere.
    Row("GET", "users.index",               "303 403 403 403 403 403 403 200 200", readable=KNOWN),
    Row("GET", "users.new",                 "303 403 403 403 403 403 403 200 200"),
    Row("POST", "users.new",                "401 403 403 403 403 403 403 422 422"),
    Row("GET", "users.show",                "303 403 403 403 403 403 403 200 200", url=esha),
    Row("GET", "users.show",                "303 403 403 403 403 403 403 404 200",
        url=user("asha"), case="of Asha", readable=KNOWN),
    Row("GET", "users.show",                "303 403 403 403 403 403 403 404 200",
        url=user("farid"), case="of a stranger"),
    Row("POST", "users.show",               "401 403 403 403 403 403 403 303 303", url=esha),
    Row("POST", "users.deactivate",         "401 403 403 403 403 403 403 303 303", url=esha),
    Row("POST", "users.deactivate",         "401 403 403 403 403 403 403 404 303",
        url=user("farid"), case="a stranger"),
    Row("POST", "users.reactivate",         "401 403 403 403 403 403 403 303 303", url=esha),
    Row("POST", "users.invite",             "401 403 403 403 403 403 403 409 409",
        url=esha, case="who has a password"),
    Row("POST", "users.end_sessions",       "401 403 403 403 403 403 403 303 303", url=esha),
    Row("GET", "organisations.settings",    "303 403 403 403 403 403 403 200 403"),
    Row("GET", "organisations.index",       "303 403 403 403 403 403 403 403 200"),
    Row("GET", "organisations.new",         "303 403 403 403 403 403 403 403 200"),
    Row("POST", "organisations.new",        "401 403 403 403 403 403 403 403 422"),
    Row("GET", "organisations.show",        "303 403 403 403 403 403 403 403 200", url=harbour),
    Row("POST", "organisations.save_details", "401 403 403 403 403 403 403 422 422", url=harbour),
    Row("POST", "organisations.save_details", "401 403 403 403 403 403 403 404 422",
        url=elsewhere, case="elsewhere"),
    Row("POST", "organisations.save_rules", "401 403 403 403 403 403 403 422 422", url=harbour),
    Row("POST", "organisations.save_rules", "401 403 403 403 403 403 403 404 422",
        url=elsewhere, case="elsewhere"),
    Row("POST", "organisations.add_location", "401 403 403 403 403 403 403 422 422", url=harbour),
    Row("POST", "organisations.add_location", "401 403 403 403 403 403 403 404 422",
        url=elsewhere, case="elsewhere"),
    Row("POST", "organisations.deactivate", "401 403 403 403 403 403 403 403 303", url=harbour),
    Row("POST", "organisations.reactivate", "401 403 403 403 403 403 403 403 303", url=harbour),
    Row("GET", "signup.clinic",             "200 303 303 303 303 303 303 303 303"),
    Row("POST", "signup.clinic",            "422 303 303 303 303 303 303 303 303"),
    Row("GET", "signup.welcome",            "303 403 403 403 403 403 403 200 403"),
]
# fmt: on

"""Who gets what from clinic/api/accounts/me.py."""

from tests.api.access.rows import Row

# fmt: off
ROWS = [
    #                                       nobody asha bela chandra dev esha farid amir gita
    Row("GET", "/users/me",                     "401 200 200 200 200 200 200 200 200"),
    Row("PATCH", "/users/me",                   "401 200 200 200 200 200 200 200 200",
        json=lambda _: {"timezone": "Asia/Kolkata"}),
    Row("POST", "/users/me/verify",             "401 400 400 400 400 400 400 400 400",
        json=lambda _: {"kind": "phone", "code": "123456"}),
    Row("POST", "/users/me/verify/send",        "401 204 204 204 204 204 204 204 204",
        json=lambda _: {"kind": "email"}),
    Row("DELETE", "/users/me/photo",            "401 204 204 204 204 204 204 204 204"),
    Row("DELETE", "/users/me/text-stop",        "401 204 204 204 204 204 204 204 204"),
    Row("POST", "/users/me/password",           "401 403 403 403 403 403 403 403 403",
        json=lambda _: {"current_password": "not the one", "new_password": "four quiet harbours"}),
    Row("POST", "/users/me/photo",              "401 415 415 415 415 415 415 415 415"),
]

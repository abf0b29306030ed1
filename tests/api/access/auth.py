"""Who gets what from clinic/api/accounts/auth.py, patients/signup.py and time.py."""

from tests.api.access.rows import Row

# fmt: off
ROWS = [
    #                                       nobody asha bela chandra dev esha farid amir gita
    Row("POST", "/auth/patient/signup",         "400 400 400 400 400 400 400 400 400"),
    Row("POST", "/auth/register/patient",       "400 400 400 400 400 400 400 400 400"),
    Row("POST", "/auth/login",                  "400 400 400 400 400 400 400 400 400"),
    Row("POST", "/auth/token",                  "400 400 400 400 400 400 400 400 400"),
    Row("POST", "/auth/patient/login",          "400 400 400 400 400 400 400 400 400"),
    Row("POST", "/auth/doctor/login",           "400 400 400 400 400 400 400 400 400"),
    Row("POST", "/auth/refresh",                "400 400 400 400 400 400 400 400 400"),
    Row("POST", "/auth/logout",                 "401 204 204 204 204 204 204 204 204"),
    Row("GET", "/auth/me",                      "401 200 200 200 200 200 200 200 200"),
    Row("GET", "/time/now",                     "200 200 200 200 200 200 200 200 200"),
]

"""Who runs a clinic keeps its doctors' profiles and hours by a program, too."""

import pytest

EVENING = {"weekday": 5, "start_time": "22:00", "end_time": "24:00"}


def address(doctor, rest="schedules"):
    return f"/doctors/{doctor.doctor_id}/{rest}"


@pytest.mark.parametrize("midnight", ["24:00", "00:00", "24:00:00"])
def test_a_window_lasts_until_midnight(api, cast, midnight):
    made = api(cast.amir).post(address(cast.dr_chandra), {**EVENING, "end_time": midnight})
    assert (made.status_code, made.json["end_time"]) == (201, "24:00")
    slots = api(cast.amir).get(address(cast.dr_chandra, "slots?date=2026-11-21")).json["slots"]
    assert slots[-1]["end"] == "2026-11-22T00:00:00Z"


def test_a_time_that_cannot_be_read_is_told_in_words(api, cast):
    answer = api(cast.amir).post(address(cast.dr_chandra), {**EVENING, "end_time": "25:00"})
    assert answer.status_code == 400
    assert "24:00 for midnight" in answer.text
    assert "pattern" not in answer.text


def test_a_window_over_midnight_is_two_and_the_answer_says_so(api, cast):
    answer = api(cast.amir).post(address(cast.dr_chandra), {**EVENING, "end_time": "02:00"})
    assert answer.status_code == 400
    assert "Hours over midnight are two windows" in answer.text


def test_an_overlap_names_the_other_window(api, cast):
    taken = {"weekday": 0, "start_time": "11:00", "end_time": "13:00"}
    answer = api(cast.amir).post(address(cast.dr_chandra), taken)
    assert answer.status_code == 400
    assert "Monday 09:00 to 12:00 is there already" in answer.text


def test_a_window_is_found_with_its_own_doctor_alone(api, cast):
    program = api(cast.amir)
    made = program.post(address(cast.dr_chandra), EVENING).json["id"]
    assert program.get(f"{address(cast.dr_chandra)}/{made}").status_code == 200
    for ask in (program.get, program.delete):
        assert ask(f"{address(cast.dr_dev)}/{made}").status_code == 404
    assert program.patch(f"{address(cast.dr_dev)}/{made}", {"capacity": 2}).status_code == 404
    changed = program.patch(f"{address(cast.dr_chandra)}/{made}", {"capacity": 2})
    assert (changed.status_code, changed.json["capacity"]) == (200, 2)
    assert program.delete(f"{address(cast.dr_chandra)}/{made}").status_code == 204


def test_a_new_doctor_gets_a_profile_by_the_id_of_the_user(api, cast):
    program = api(cast.amir)
    new = {"role": "doctor", "full_name": "Ines Okoro", "email": "ines@cast.example"}
    user = program.post("/users", new).json["id"]
    where = f"/doctors/{user}/profile"
    assert program.get(where).json["type"].endswith("profile_missing")
    made = program.put(where, {"specialisations": ["cardiology"], "licence_number": "GMC-7001"})
    assert (made.status_code, made.json["name"]) == (200, "Dr Ines Okoro")
    doctor = made.json["id"]
    assert program.get(f"/doctors/{doctor}/profile").json["licence_number"] == "GMC-7001"
    assert program.post(f"/doctors/{doctor}/schedules", EVENING).status_code == 201


def test_a_key_is_of_one_doctors_hours(api, cast):
    """The same body at another address is another matter, not the first one's answer."""
    program, key = api(cast.amir), {"Idempotency-Key": "saturdays"}
    where = address(cast.dr_chandra)
    first, retried = (program.post(one, EVENING, headers=key) for one in (where, f"{where}/"))
    assert (first.status_code, retried.json) == (201, first.json)
    other = program.post(address(cast.dr_dev), EVENING, headers=key)
    assert (other.status_code, other.json["type"]) == (409, "urn:clinic:problem:key_reused")
    new = program.post(address(cast.dr_dev), EVENING, headers={"Idempotency-Key": "others"})
    assert (new.status_code, new.json["doctor_id"]) == (201, str(cast.dr_dev.doctor_id))

"""The schedule as doctors and the front desk read it."""

from datetime import date, time, timedelta

from clinic.access.actor import THE_SYSTEM
from clinic.schedules import service
from clinic.schedules.service import NewWindow
from tests.cast import TODAY, at
from tests.factories import book, day_window, withdraw_all
from tests.pages import soup, text_of


def test_a_doctor_reads_their_week(signed_in, cast):
    page = text_of(signed_in(cast.dr_chandra).get("/schedules/"))
    assert page.count("09:00–12:00") == 5  # noqa: RUF001 - a range of times takes an en dash
    assert page.count("30 min, 1 place, Quay Street") == 5
    assert "15 hours, about 30 places a week" in page


def test_the_desk_chooses_among_its_doctors(signed_in, cast):
    client = signed_in(cast.esha)
    page = client.get("/schedules/")
    offered = [one.get_text() for one in soup(page).select("select[name=doctor] option")]
    assert offered == ["Dr Chandra Iyer", "Dr Dev Patel"]
    other = client.get(f"/schedules/?doctor={cast.dr_dev.doctor_id}")
    assert "3 places" in text_of(other)
    assert "about 90 places" in text_of(other)


def test_what_differs_from_the_week_is_listed_by_day(app, signed_in, cast):
    with app.app_context():
        day_window(cast.dr_chandra, cast.quay_street, date(2027, 1, 2), "10:00-11:00")
        service.take_time_off(
            cast.dr_chandra.doctor_id,
            at("09:00", TODAY + timedelta(days=2)),
            at("17:00", TODAY + timedelta(days=4)),
            "Congress",
            THE_SYSTEM,
        )
        service.take_time_off(
            cast.dr_chandra.doctor_id, at("09:00", TODAY - timedelta(days=9)),
            at("10:00", TODAY - timedelta(days=9)), "Long ago", THE_SYSTEM,
        )  # fmt: skip
    page = text_of(signed_in(cast.dr_chandra).get("/schedules/"))
    assert "Wed 18 Nov, 09:00 to Fri 20 Nov, 17:00" in page
    assert "Congress" in page
    assert "Sat 2 Jan 2027, 10:00 to 11:00" in page
    assert page.index("Congress") < page.index("Sat 2 Jan 2027")
    assert "Long ago" not in page


def test_withdrawn_windows_are_gone_from_the_page(app, signed_in, cast):
    with app.app_context():
        withdraw_all(cast.dr_chandra)
    page = text_of(signed_in(cast.dr_chandra).get("/schedules/"))
    assert "09:00" not in page
    assert page.count("Not working") == 7


def test_a_visit_at_a_place_without_address_says_just_its_name(app, cast, signed_in):
    doctor = cast.dr_chandra
    with app.app_context():
        new = NewWindow(None, time(14), time(15), on=TODAY, location="Pier House")
        service.publish_window(doctor.doctor_id, new, doctor.actor)
        visit = book(cast.asha, doctor, "14:00")
    browser = signed_in(cast.asha)
    confirm = browser.get(f"/appointments/new?doctor={doctor.doctor_id}&start=2026-11-16T14:30Z")
    for page in (confirm, browser.get("/appointments/")):
        assert "Pier House" in text_of(page)
        assert "Pier House," not in text_of(page)
    calendar = browser.get(f"/appointments/{visit.id}/calendar.ics").text
    assert "LOCATION:Pier House\r\n" in calendar

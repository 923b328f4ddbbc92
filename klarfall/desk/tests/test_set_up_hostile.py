"""What no form of the administration sends: signs that cannot be stored, numbers without measure, markup."""

import pytest

from klarfall.contracts.models import ContactChannel
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.desk.tests.conftest import at, text
from tests.cast import make_staff

pytestmark = pytest.mark.django_db
FIELDS = (
    "name", "code", "kind", "parent", "linked", "media", "value", "note", "released_on", "supported_until", "zone",
    "state", "weekday_0", "valid_from", "day", "hours", "blocked", "hindered", "minor", "email", "roles", "to",
)  # fmt: skip
VALUES = {
    "nul": "a\x00b",
    "markup": "<script>alert(1)</script>",
    "long": "9" * 5000,
    "huge": "99999999999999999999",
    "negative": "-1",
    "surrogate": "\ud800",
    "date": "99.99.9999",
    "first day": "01.01.0001",
    "last day": "31.12.9999",
}


def places(cast, channel):
    code, calendar, anna = cast.erp.code, cast.calendar.pk, cast.anna.pk
    yield from (at("product-new"), at("product", code), at("product-areas", code), at("product-versions", code))
    yield from (at("product-channels", code), at("product-channel", code, channel.pk))
    yield from (at("product-area", code, cast.erp.areas.get().pk), at("calendar-new"), at("calendar", calendar))
    yield at("product-version", code, cast.erp.versions.get().pk)
    yield from (at("calendar-hours", calendar), at("calendar-targets", calendar), at("own-days", calendar))
    yield from (at("calendar-removal", calendar), at("colleague-new"), at("colleague", anna), at("departure", anna))


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_nothing_breaks_and_markup_stays_text(desk_of, cast, value):
    adas = desk_of(make_staff("Ada", "administrator"))
    with viewing_as(SYSTEM):
        channel = ContactChannel.objects.create(product=cast.erp, kind="email", value="a@b.example")
    data = dict.fromkeys(FIELDS, value.encode("utf-8", "surrogatepass").decode("utf-8", "replace"))
    for place in list(places(cast, channel)):
        answer = adas.post(place, data)
        assert answer.status_code in (200, 303, 422), place
        assert "<script>alert" not in text(answer), place
    trial = adas.get(at("calendar", cast.calendar.pk), {"day": data["day"], "time": data["day"]})
    assert trial.status_code == (404 if "\0" in data["day"] else 200)


def test_numbers_that_the_database_does_not_know_are_just_not_found(desk_of, cast):
    adas = desk_of(make_staff("Ada", "administrator"))
    for name, args in (
        ("product-area", (cast.erp.code, 10**30)), ("calendar", (10**30,)), ("colleague", (10**30,)),
        ("product-state", ("x" * 300,)),
    ):  # fmt: skip
        assert adas.post(at(name, *args), {}).status_code == 404, name

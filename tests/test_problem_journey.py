"""A known problem in two windows: said on a phone to affect somebody, fixed at the desk, told by mail."""

from datetime import date

import pytest

from klarfall.contracts.models import InstalledVersion, ProductVersion
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge.models import KnownProblem, ProblemReport, ProblemTicket
from tests.axe import axe_faults
from tests.people import Office, Person

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 375, "height": 740}, "is_mobile": True, "has_touch": True}


def looked_over(person: Person) -> None:
    """Axe finds nothing, and no page scrolls sideways."""
    assert axe_faults(person.page) == []
    assert person.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.fixture
def versions(office: Office) -> None:
    """Acme has 8.4.1; 8.4.2 is out."""
    cast = office.cast
    with viewing_as(SYSTEM):
        old = ProductVersion.objects.create(product=cast.erp, name="8.4.1", released_on=date(2026, 3, 1))
        ProductVersion.objects.create(product=cast.erp, name="8.4.2", released_on=date(2026, 11, 2))
        InstalledVersion.objects.create(customer=cast.acme, product=cast.erp, version=old, since=date(2026, 4, 1))


def written_down(office: Office, anna: Person) -> None:
    """Anna writes the problem down and shows it to customers."""
    anna.go(f"/desk/problems/new/?product={office.cast.erp.pk}")
    anna.fill("Titel, Deutsch", "Saldenliste ist leer")
    anna.fill("Woran man es erkennt, Deutsch", "Die Saldenliste zeigt **keine Konten**.")
    anna.click("Speichern")
    anna.click("Kund:innen zeigen …", "link")
    anna.click("Zeigen")
    anna.sees("Nicht mehr zeigen")
    looked_over(anna)


def said_and_asked(office: Office, bernd: Person) -> None:
    """Bernd meets it above his pages: it affects him, and a request of his belongs to it."""
    bernd.go("/")
    bernd.sees("Saldenliste ist leer")
    bernd.click("Betrifft mich auch")
    bernd.sees("Wir sagen Ihnen Bescheid.")
    looked_over(bernd)
    bernd.go("/requests/new/")
    bernd.page.get_by_label("Das ist es").check()
    bernd.fill("Kurz in einem Satz", "Saldenliste leer")
    bernd.fill("Beschreibung", "Seit gestern ist die Saldenliste leer.")
    looked_over(bernd)
    bernd.click("Anfrage senden")
    bernd.page.wait_for_url("**/receipt/")
    with viewing_as(SYSTEM):
        assert ProblemReport.objects.get().contact == office.cast.bernd


def test_a_problem_is_written_down_recognised_fixed_and_told(office: Office, versions: None) -> None:
    anna, bernd = office.person(office.cast.anna), office.person(office.cast.bernd.user, **PHONE)
    written_down(office, anna)
    said_and_asked(office, bernd)
    with viewing_as(SYSTEM):
        problem, ticket = KnownProblem.objects.get(), ProblemTicket.objects.select_related("ticket").get().ticket
    office.post()
    anna.go(f"/desk/problems/{problem.pk}/")
    anna.sees("Saldenliste leer")
    anna.click("Behoben …", "link")
    anna.sees("1 Person wird benachrichtigt")
    looked_over(anna)
    anna.click("Behoben, Betroffene benachrichtigen")
    anna.sees("Wieder untersuchen")
    (mailed,) = [one for one in office.post() if "Saldenliste ist leer" in one.subject]
    assert "In 8.4.2 behoben, Sie haben 8.4.1." in mailed.body
    assert f"/requests/{ticket.number}/" in mailed.body
    bernd.go(office.link_in(mailed, "/help/problems/"))
    bernd.sees("In 8.4.2 behoben, Sie haben 8.4.1.", "Saldenliste leer")
    looked_over(bernd)
    anna.go("/desk/lists/problem-fixed/")
    anna.sees("Saldenliste leer")

"""Axe finds nothing on any main page of both sites, light and dark, wide and narrow; no page scrolls sideways."""

import re
from collections.abc import Iterator

import pytest

from klarfall.contracts.models import ContractLine
from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.knowledge.subscribers import leaving_token
from tests.acme_story import AcmeStory
from tests.axe import CONTRAST, axe_faults
from tests.people import Person

pytestmark = pytest.mark.browser
WIDTHS = (1440, 375)
NARROW = (375, 320)
#: Pages whose parts are others on a phone; there axe looks at everything once more.
_NARROW_TOO = re.compile(r"^/$|/costs/|/new/$|/decision/$|/to-assess/$|/(requests|tickets)/\d+/(\?|$)")


def portal_pages(story: AcmeStory) -> Iterator[str]:
    """The pages of the customers' site, with the largest request there is."""
    number, offer = story.tickets["main"].number, story.offers["sent"].number
    yield from ("/", "/requests/", "/requests/?scope=all", "/requests/new/", "/decisions/", "/wishes/")
    yield from (f"/requests/{number}/", f"/requests/{story.tickets['solved'].number}/")
    yield f"/requests/{story.tickets['mailed'].number}/"
    yield from (f"/requests/{number}/receipt/", f"/requests/{number}/concerns/1/stop/")
    yield from (f"/offers/{offer}/decision/", f"/offers/{story.offers['accepted'].number}/decision/")
    yield from ("/trainings/", "/callback/", f"/requests/{number}/callback/")
    yield from ("/wishes/consulting/new/", "/wishes/training/new/", "/catalogue/", "/contact/", "/account/me/")
    yield "/contract/"
    yield from ("/help/", f"/help/list/?product={story.cast.erp.pk}", f"/help/articles/{story.things['article'].pk}/")
    yield "/help/search/?q=Anleitung"
    yield from ("/help/problems/", f"/help/problems/{story.things['problem'].pk}/")
    manual = f"/help/articles/{story.things['manual'].pk}/"
    yield from (manual, f"{manual}chapters/schritte/")
    yield from ("/help/subscriptions/", f"/requests/new/?article={story.things['article'].pk}")
    yield f"/help/unsubscribe/{leaving_token([story.things['subscription'].pk])}/"
    yield f"/requests/{story.tickets['solved'].number}/reopening/"
    disputed, latest = (f"/service-records/{one.pk}/" for one in story.things["records"])
    yield from (disputed, latest, f"{latest}sign-off/", f"{latest}objection/")
    yield from (f"/remote/{story.things[name].pk}/" for name in ("session", "session_agreed", "session_ended"))
    yield from ("/account/notifications/", "/account/second-factor/", "/account/second-factor/activation/")


def cost_pages(story: AcmeStory) -> Iterator[str]:
    """The pages of those who see a company's costs and look after colleagues."""
    yield from ("/colleagues/", "/colleagues/new/", f"/colleagues/{story.emil.pk}/", f"/colleagues/{story.gesa.pk}/")
    yield f"/colleagues/{story.emil.pk}/closing/"
    yield "/costs/"
    yield from (f"/costs/?show={section}" for section in ("running", "offers", "records", "invoices"))
    yield from ("/costs/?period=2026-01", f"/requests/{story.tickets['billed'].number}/")
    yield "/colleagues/registrations/"


def article_pages(story: AcmeStory) -> Iterator[str]:
    """The pages on which help is written: a draft with a file, a manual that is published, what is missing."""
    draft, manual = (f"/desk/articles/{story.things[name].pk}/" for name in ("article", "manual"))
    number = story.tickets["solved"].number
    yield from ("/desk/articles/", "/desk/articles/new/", draft, f"{draft}history/", f"{draft}translation/")
    yield from (f"{draft}steps/submit/", manual, f"{manual}reading/", "/desk/articles/synonyms/?q=saldo")
    media, package = story.things["media"].pk, story.things["package"].pk
    yield from (f"{draft}media/{media}/deletion/", "/desk/articles/import/", f"/desk/articles/import/{package}/")
    yield from (f"/desk/articles/gaps/?show={name}" for name in ("", "unhelpful", "unanswered", "links"))
    yield from (
        f"/desk/tickets/{number}/article/",
        f"/desk/tickets/{number}/articles/",
        "/desk/articles/titles/?q=saldo",
    )


def desk_pages(story: AcmeStory) -> Iterator[str]:
    """The pages of the support team."""
    number = story.tickets["main"].number
    yield from ("/desk/lists/to-assess/", "/desk/lists/all-open/", "/desk/handovers/", "/desk/customers/")
    yield from ("/desk/search/", "/desk/search/?q=bernd")
    yield from article_pages(story)
    problem = f"/desk/problems/{story.things['problem'].pk}/"
    yield from ("/desk/problems/", problem, f"{problem}steps/fix/", f"/desk/problems/new/?product={story.cast.erp.pk}")
    yield from (f"/desk/tickets/{story.tickets['new'].number}/", f"/desk/tickets/{number}/?concern=1")
    yield from (f"/desk/tickets/{number}/?concern=9", f"/desk/tickets/{number}/?concern=10")
    yield from (f"/desk/tickets/{number}/history/", f"/desk/tickets/{number}/times/")
    work = story.tickets["work"].number
    yield from (f"/desk/tickets/{work}/?concern=1&open=goodwill", f"/desk/tickets/{work}/?concern=2&open=defect")
    yield from (f"/desk/tickets/{work}/records/", f"/desk/tickets/{story.tickets['new'].number}/records/")
    sights = ("session", "session_agreed", "session_running", "session_ended")
    yield from (f"/desk/remote/{story.things[name].pk}/" for name in sights)
    yield f"/desk/tickets/{story.tickets['cancelled'].number}/?open=invite"
    yield f"/desk/service-records/{story.things['records'][0].pk}/"
    yield from (f"/desk/customers/{story.cast.acme.number}/", "/desk/calls/", f"/desk/calls/{story.cast.bernd.pk}/")
    yield from ("/desk/calls/?q=bernd", "/desk/calls/unknown/", "/desk/callbacks/", "/desk/calls/extension/")
    yield from (f"/desk/calls/recorded/{story.things['call'].pk}/", f"/desk/tickets/{number}/callback/")
    yield from (f"/desk/handovers/consulting/{story.things['consulting'].number}/", "/desk/notices/")
    mail = f"/desk/inbox/{story.things['mail_waiting'].pk}/"
    yield from ("/desk/inbox/", "/desk/inbox/?show=all", "/desk/inbox/blocked/", mail, f"{mail}rejection/")
    yield from (f"{mail}assignment/?q=bernd", f"{mail}assignment/?contact={story.cast.bernd.pk}", f"{mail}block/")
    yield from (f"{mail}contact/?customer={story.cast.acme.number}", f"/desk/tickets/{story.tickets['mailed'].number}/")


def billing_pages(story: AcmeStory) -> Iterator[str]:
    """Billing runs: a preview and an exported run with everything that can be done about them."""
    run, preview = story.things["run"].number, story.things["preview"].number
    yield from ("/desk/billing/", f"/desk/billing/{run}/", f"/desk/billing/{preview}/", "/desk/billing/audit/")
    yield from (f"/desk/billing/{preview}/freezing/", f"/desk/billing/{preview}/discarding/")
    yield from (
        "/desk/billing/settings/",
        "/desk/billing/invoices/",
        f"/desk/customers/{story.cast.acme.number}/invoice-data/",
    )
    yield f"/desk/billing/invoices/{story.things['invoice'].serial}/"
    yield f"/desk/billing/{run}/concerns/{story.concern('billed').pk}/"


def admin_pages(story: AcmeStory) -> Iterator[str]:
    """The administration: pages for leads and administrators."""
    erp, calendar, anna = story.cast.erp.code, story.cast.calendar.pk, story.cast.anna.pk
    yield from ("/desk/settings/products/", "/desk/settings/products/new/", f"/desk/settings/products/{erp}/")
    yield from ("/desk/settings/calendars/", "/desk/settings/calendars/new/", f"/desk/settings/calendars/{calendar}/")
    yield from ("/desk/settings/staff/", "/desk/settings/staff/new/", f"/desk/settings/staff/{anna}/")
    yield f"/desk/settings/staff/{anna}/departure/"
    yield from ("/desk/settings/words/", "/desk/settings/operation/")
    draft = f"/desk/settings/terms/{story.things['terms_draft'].number}/"
    yield from ("/desk/settings/terms/", f"/desk/settings/terms/{story.cast.terms.number}/", draft, f"{draft}rates/")
    yield from (f"{draft}comparison/", f"{draft}publication/", f"{draft}clauses/", f"{draft}clauses/CHG-CONF/")
    yield from ("/desk/settings/trainings/", "/desk/settings/trainings/new/")
    yield from ("/desk/settings/tiles/", "/desk/settings/tiles/new/", "/desk/settings/tiles/unsure/")
    yield from ("/desk/settings/mails/", "/desk/settings/mails/cost_notice/de/")
    yield from ("/desk/settings/", "/desk/settings/house/", "/desk/settings/house/colour/?accent=%23ffcc00")
    yield from (
        f"/desk/setup/{step}/" for step in ("products", "channels", "hours", "catalogue", "colleagues", "finish")
    )
    run = f"/desk/settings/imports/{story.things['import'].pk}/"
    yield from ("/desk/settings/imports/", run, f"{run}invitations/", "/desk/settings/export/")
    yield from ("/desk/registrations/", "/account/notifications/", "/desk/settings/remote/")


def customer_pages(story: AcmeStory) -> Iterator[str]:
    """Customers, contacts and contracts, for those who look after them."""
    number, contact = story.cast.acme.number, story.emil.pk
    with viewing_as(SYSTEM):
        line = ContractLine.objects.filter(customer=story.cast.acme).earliest("pk")
    yield from ("/desk/customers/?q=acme", "/desk/customers/new/", f"/desk/customers/{number}/")
    yield from (f"/desk/customers/{number}/{page}/" for page in ("facts", "versions", "contacts/new", "contracts/new"))
    yield from (f"/desk/contacts/{contact}/", f"/desk/contacts/{contact}/closing/")
    yield from (f"/desk/contracts/{line.contract_id}/", f"/desk/contract-lines/{line.pk}/")


def public_pages(story: AcmeStory) -> Iterator[str]:
    """What is seen without being signed in."""
    yield from (
        "/accessibility/",
        "/catalogue/",
        "/faq/",
        "/account/login/",
        "/account/password/reset/",
        f"/l/{story.things['token']}/",
        "/l/unknown/",
    )
    yield from ("/account/register/", "/account/invitation/unknown/")


SITES = {
    "portal": portal_pages,
    "costs": cost_pages,
    "desk": desk_pages,
    "billing": billing_pages,
    "admin": admin_pages,
    "customers": customer_pages,
    "public": public_pages,
}


@pytest.mark.parametrize("site", SITES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(story_site, site):
    story, person = story_site
    staff = {"desk": story.cast.anna, "billing": story.things["biller"], "admin": story.things["admin"]}
    staff["customers"] = story.cast.dora
    user = {"portal": story.cast.bernd.user, "costs": story.gesa.user, "public": None, **staff}[site]
    somebody: Person = person(user)
    faults = [fault for path in SITES[site](story) for fault in looked_at(somebody, path)]
    assert faults == []


def looked_at(somebody: Person, path: str) -> Iterator[str]:
    """Look at a page in every way; light and dark differ in colours only."""
    page = somebody.page
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    somebody.go(path)
    yield from (f"{path} {WIDTHS[0]} light: {fault}" for fault in axe_faults(page))
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    yield from (f"{path} {WIDTHS[0]} dark: {fault}" for fault in axe_faults(page, CONTRAST))
    for width in NARROW:
        page.set_viewport_size({"width": width, "height": 800})
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            yield f"{path}: {wide} px wide on a display of {width} px"
        if width == WIDTHS[1] and _NARROW_TOO.search(path):
            yield from (f"{path} {width} dark: {fault}" for fault in axe_faults(page))

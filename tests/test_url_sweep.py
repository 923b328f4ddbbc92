"""Every address of the site, as everybody who has no business there: it does not exist, and nothing changes."""

from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from klarfall.core.isolation import SYSTEM, viewing_as
from klarfall.tickets.models import ConsultantRequest, RequestDraft
from tests.acme_story import MARK
from tests.addresses import Address, addresses
from tests.customers_data import changed, fingerprint

#: Pages for people who are not signed in, and why each of them is.
PUBLIC = {
    "account_login": "the way in",
    "demo-sign-in": "the list of the demo's people; 404 anywhere else",
    "invitation": "the link of an invitation",
    "staff-invitation": "the link by which a new colleague chooses a password",
    "mfa_authenticate": "the code after the password; leads to sign-in without one",
    "register": "who registers has no account yet",
    "register-code": "the code of a registration; leads to its beginning without one",
    "register-details": "name and password after the code; leads to the beginning without one",
    "register-done": "what came of a registration; leads to its beginning without one",
    "account_reset_password": "who forgot the password cannot sign in",
    "account_reset_password_done": "says that a mail is on its way",
    "account_reset_password_from_key": "the link of that mail",
    "set_language": "the sign-in page speaks two languages",
    "account_logout": "leads to sign-in in any case",
    "demo-mails": "the demo's mails; 404 anywhere else",
    "demo-mail": "the demo's mails; 404 anywhere else",
    "demo-mail-html": "the demo's mails; 404 anywhere else",
    "portal:contact": "how to reach us is for everybody",
    "portal:catalogue": "what is covered is read before one is a customer",
    "portal:catalogue-version": "earlier versions stay readable",
    "portal:faq": "questions about support come before access to it",
    "portal:help": "visitors read help that is open to everybody",
    "portal:help-list": "visitors read help that is open to everybody",
    "portal:article": "visitors read articles that are open to everybody; 404 for all others",
    "portal:article-chapter": "a chapter of a manual, as the article",
    "portal:article-pdf": "an article as PDF, as the article",
    "portal:help-file": "pictures and videos of articles, as the article",
    "portal:unsubscribe": "the link in a mail about news; 404 for a link that is none of ours",
    "portal:help-feed": "feed readers do not sign in; 404 without the secret address",
    "portal:help-search": "visitors search among what is open to everybody",
    "portal:help-suggestions": "visitors search among what is open to everybody",
    "portal:problems": "visitors read known problems that are open to everybody",
    "portal:problem": "a known problem that is open to everybody; 404 for all others",
    "portal:problem-dismissal": "visitors put a banner away as well; 404 for problems they do not read",
    "portal:guide": "a guide to the portal is read before one has access to it",
    "portal:registration-guide": "who registers is not signed in",
    "portal:guide-picture": "pictures of the guides",
    "cti-hook": "the telephone system signs its events; 404 without a secret",
    "handover-page": "the other team opens one wish by the link in its mail; 404 for any other token",
    "portal:link": "a personal link asks for its code",
    "portal:link-code": "the code of a personal link",
    "portal:link-decision": "a personal link after its code",
    "house-start": "an empty house begins; 404 as soon as somebody is there",
    "own-house": "from the demo to an own house; 404 anywhere else",
    "brand-css": "the colour of the sign-in page",
    "brand-logo": "the logo on the sign-in page; 404 without one",
    "portal:imprint": "who runs the site; 404 while nothing is told",
    "portal:privacy": "what happens with personal data; 404 while nothing is told",
    "portal:accessibility": "whom one tells what cannot be used",
    "health-live": "machines ask whether the process lives",
    "health-ready": "machines ask whether requests can be answered; codes only",
    "metrics": "figures for this machine, or with a token; 404 for others",
    "ui:gallery": "components with invented samples; 404 on real installations",
    "ui:gallery-mail": "components with invented samples; 404 on real installations",
    "ui:gallery-page": "components with invented samples; 404 on real installations",
}
#: Addresses of the portal with a value that belong to nobody in particular and are read by everybody.
NOBODYS = {
    "portal:link",
    "portal:link-code",
    "portal:link-decision",
    "portal:guide-picture",
    # Who has the product reads its help, whatever company they work for (klarfall/portal/tests/test_help_pages.py).
    "portal:article",
    "portal:article-chapter",
    "portal:article-pdf",
    "portal:article-vote",
    # The same for known problems (klarfall/portal/tests/test_problems.py).
    "portal:problem",
    "portal:problem-affects",
    "portal:problem-dismissal",
    "portal:help-file",
    # The secret in the address is the proof, whoever is signed in (klarfall/portal/tests/test_subscriptions.py).
    "portal:help-feed",
    "portal:unsubscribe",
}
SERVER_ERROR = HTTPStatus.INTERNAL_SERVER_ERROR


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def visit(client: Client, address: Address, method: str):
    """Asks for an address; a POST brings along fields that many forms have."""
    data = {"text": "Hallo", "title": "Hallo", "comment": "Hallo", "choice": "decline", "stars": "5", "to": "1"}
    return client.post(address.path, data) if method == "post" else client.get(address.path)


@pytest.fixture
def acme(acme_story):
    return acme_story


@pytest.mark.parametrize("method", ["get", "post"])
def test_nothing_of_acme_exists_for_somebody_of_another_company(acme, method):
    clara, before = signed_in(acme.cast.clara.user), fingerprint()
    asked = [one for one in addresses(acme, "portal") if one.names_acme and one.name not in NOBODYS]
    answers = {str(one): visit(clara, one, method) for one in asked}
    assert len(answers) > 60
    hidden = {404} if method == "post" else {404, 405}  # 405 says nothing: so answers every number
    assert {path: answer.status_code for path, answer in answers.items() if answer.status_code not in hidden} == {}
    assert [path for path, answer in answers.items() if MARK in answer.content.decode()] == []
    assert changed(before) == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_does_not_exist_looks_exactly_like_what_is_hidden(acme, method):
    clara = signed_in(acme.cast.clara.user)
    shown = {"portal:ticket": acme.tickets["main"].number, "portal:decision": acme.offers["sent"].number}
    for name, number in shown.items():
        hidden, missing = (getattr(clara, method)(reverse(name, args=[one])) for one in (number, 99_999_999))
        assert (hidden.status_code, _page(hidden)) == (missing.status_code, _page(missing))


def _page(answer) -> str:
    return "\n".join(line for line in answer.content.decode().splitlines() if "nonce" not in line)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", ["bernd", "clara"])
def test_the_desk_does_not_exist_for_contacts(acme, who, method):
    client, before = signed_in(getattr(acme.cast, who).user), fingerprint()
    found = {str(one): visit(client, one, method).status_code for one in addresses(acme, "desk")}
    assert {path: status for path, status in found.items() if status != 404} == {}
    assert changed(before) == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_portal_does_not_exist_for_staff(acme, method):
    client, before = signed_in(acme.cast.anna), fingerprint()
    asked = [one for one in addresses(acme, "portal") if one.name not in PUBLIC]
    found = {str(one): visit(client, one, method).status_code for one in asked}
    assert {path: status for path, status in found.items() if status != 404} == {}
    assert changed(before) == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_is_not_signed_in_is_led_to_the_sign_in(acme, method):
    before = fingerprint()
    open_pages = set()
    for one in addresses(acme):
        answer = visit(Client(), one, method)
        led = answer.status_code == 302 and answer.headers["Location"].startswith("/account/login/?next=")
        if not led:
            open_pages.add(one.name)
            assert MARK.encode() not in answer.content  # bytes: pictures are among them
    assert open_pages <= set(PUBLIC)
    if method == "get":
        assert set(PUBLIC) == open_pages, "the list names a page that is not public any more"
    assert changed(before) == []


def _staff(acme) -> list:
    return [acme.cast.anna, acme.things["biller"], acme.things["admin"]]


@pytest.mark.parametrize("site", ["portal", "desk"])
def test_the_addresses_are_those_of_things_that_exist(acme, site):
    """Else every 404 above would prove nothing. For the people of Acme and for staff every page answers."""
    who = [acme.cast.bernd.user, acme.gesa.user] if site == "portal" else _staff(acme)
    seen: dict[str, set[int]] = {}
    kept: dict[str, str] = {}
    for user in who:
        client = signed_in(user)
        client.raise_request_exception = False
        for one in addresses(acme, site):
            answer = client.get(one.path)
            seen.setdefault(one.name, set()).add(answer.status_code)
            if answer.get("Content-Type", "").startswith("text/html") and not _is_forgotten(answer):
                kept[one.path] = answer.get("Cache-Control", "nothing")
    assert kept == {}, "what somebody signed in sees stays in no cache, not even behind the button Back"
    assert {name for name, statuses in seen.items() if statuses & set(range(500, 600))} == set()
    assert {name for name, statuses in seen.items() if not statuses & {200, 302, 303, 405}} == set()


def _is_forgotten(answer) -> bool:
    said = answer.get("Cache-Control", "")
    return "no-store" in said and "public" not in said


def test_own_lists_and_pages_show_nothing_of_others(acme):
    """Everything without a number in its address, with filters that ask for more than one may see."""
    clara = signed_in(acme.cast.clara.user)
    asked = [one.path for one in addresses(acme) if not one.names_acme and one.site in ("portal", "")]
    for path in ("/account/logout/", "/metrics"):  # the second has figures only, one of which may be any number
        asked.remove(path)
    number = acme.tickets["main"].number  # must not stand in what is asked: pages repeat their own address
    asked += ["/requests/?scope=all&q=beschreibung", "/requests/?state=ended", "/decisions/?older=1"]
    asked += [f"/requests/new/?contact={acme.cast.bernd.pk}", "/wishes/consulting/new/?from=draft"]
    seen = {path: clara.get(path) for path in asked}
    assert {path for path, answer in seen.items() if answer.status_code >= SERVER_ERROR} == set()
    leaking = {
        path
        for path, answer in seen.items()
        for word in (MARK, "acme", "bernd", "astrid", str(number))
        if word in answer.content.decode().lower()
    }
    assert leaking == set()
    assert "Frage von Borealis" in seen["/requests/"].content.decode()


def test_a_colleague_who_sees_only_own_requests_does_not_see_mine(acme):
    """Bernd sees his own requests; Emil sees all but the confidential one; their admin sees everything."""
    number = {name: ticket.number for name, ticket in acme.tickets.items()}
    sees = {
        acme.cast.bernd.user: {"main", "solved", "closed", "billed", "new", "cancelled", "work", "onsite", "mailed"},
        acme.emil.user: set(number) - {"secret"},
        acme.cast.astrid.user: {"main", "work", "billed", "secret"},
        acme.gesa.user: set(number),
    }
    for user, visible in sees.items():
        client = signed_in(user)
        found = {name for name in number if client.get(f"/requests/{number[name]}/").status_code == 200}
        assert found == visible, user.name
        listed = client.get("/requests/?scope=all").content.decode()
        shown = {name for name in number if f"/requests/{number[name]}/" in listed}
        assert shown == {name for name in visible if user != acme.cast.astrid.user or name == "secret"}, user.name


def test_files_go_to_those_who_see_their_message(acme):
    public, internal = acme.things["attachment"].pk, acme.things["internal_attachment"].pk
    may = {acme.cast.bernd: 200, acme.emil: 200, acme.gesa: 200, acme.cast.clara: 404}
    for contact, status in may.items():
        client = signed_in(contact.user)
        assert client.get(f"/files/{public}/").status_code == status, contact.user.name
        assert client.get(f"/files/{internal}/").status_code == 404, contact.user.name
    for pk in (public, internal):
        assert signed_in(acme.cast.anna).get(f"/desk/attachments/{pk}/").status_code == 200


def test_draft_and_its_files_belong_to_one_person(acme):
    upload_pk = acme.things["upload"].pk
    own, colleague = (signed_in(one.user) for one in (acme.cast.bernd, acme.gesa))
    assert MARK in own.get("/requests/new/").content.decode()
    assert MARK not in colleague.get("/requests/new/").content.decode()
    assert colleague.post(f"/requests/new/files/{upload_pk}/removal/").status_code == 404


@pytest.mark.parametrize("who", ["clara", "anna", None])
def test_a_personal_link_shows_nothing_to_others(acme, who):
    """It asks for the code that is mailed to its own person; nothing of Acme is seen before."""
    client = Client()
    if who is not None:
        client.force_login({"clara": acme.cast.clara.user, "anna": acme.cast.anna}[who])
    before, path = fingerprint(), f"/l/{acme.things['token']}/"
    for answer in (client.get(path), client.post(f"{path}code/", {"code": "000000"})):
        assert MARK not in answer.content.decode()
        assert "acme.example" not in answer.content.decode().replace("@acme.example", "", 1)
    turned_away = 403 if who == "anna" else 303
    assert client.get(f"{path}decision/").status_code == turned_away
    assert client.post(f"{path}decision/", {"choice": "decline"}).status_code == turned_away
    assert set(changed(before)) <= {"billing_decisioncode"}, "only the wrong attempt may be counted"


def test_the_code_of_one_link_opens_no_other(acme):
    """Clara proves who she is for her own offer; Bernd's link still asks."""
    clara = signed_in(acme.cast.clara.user)
    token = acme.things["token"]
    session = clara.session
    until = "2099-01-01T00:00:00+00:00"
    session["klarfall.visit"] = {"token": "x", "proof": 1, "offer": 1, "contact": 1, "until": until}
    session.save()
    assert clara.get(f"/l/{token}/decision/").status_code == 303


def test_numbers_of_others_in_form_fields_are_refused(acme):
    """Everything right but one field, which names a person or thing of Acme."""
    clara, cast, before = signed_in(acme.cast.clara.user), acme.cast, fingerprint()
    offer = acme.things["clara_offer"]
    request = {"product": cast.erp.pk, "title": "Hallo", "description": "Hallo", "impact": "minor", "kind": ""}
    wish = {"product": cast.erp.pk, "wish": "Hallo"}
    refused = [
        clara.post(f"/offers/{offer.number}/passing-on/", {"to": cast.astrid.pk}),
        clara.post("/requests/new/", {**request, "contact": cast.bernd.pk}),
        clara.post("/wishes/consulting/new/", {**wish, "contact": cast.bernd.pk}),
        clara.post("/wishes/training/new/", {**wish, "contact": cast.bernd.pk}),
    ]
    assert [answer.status_code for answer in refused] == [404, 422, 422, 422]
    assert set(changed(before)) <= {"tickets_requestdraft"}, "what Clara typed is kept as her own draft"
    with viewing_as(SYSTEM):
        assert RequestDraft.objects.get(contact=cast.bernd).data["title"].startswith(MARK)
        assert ConsultantRequest.objects.filter(customer=cast.borealis).count() == 0

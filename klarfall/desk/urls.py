"""URLs of the desk: nouns; what a verb leaves behind is the resource."""

from django.urls import path

from klarfall.desk.views import (
    assessments,
    calls,
    concerns,
    customers,
    handovers,
    messages,
    notices,
    offers,
    tickets,
    time,
    worklists,
)

app_name = "desk"
_TICKET = "tickets/<int:number>/"
_CONCERN = f"{_TICKET}concerns/<int:position>/"

urlpatterns = [
    path("", worklists.start, name="start"),
    path("lists/<slug:slug>/", worklists.worklist, name="list"),
    path("calls/", calls.call, name="call"),
    path("calls/<int:pk>/", calls.call_of, name="call-of"),
    path(_TICKET, tickets.ticket, name="ticket"),
    path(f"{_TICKET}review/", tickets.review, name="review"),
    path(f"{_TICKET}assignment/", tickets.assignment, name="assignment"),
    path(f"{_TICKET}restoration/", tickets.restoration, name="restoration"),
    path(f"{_TICKET}solution/", tickets.solution, name="solution"),
    path(f"{_TICKET}history/", tickets.history, name="history"),
    path(f"{_TICKET}messages/", messages.messages, name="messages"),
    path("attachments/<int:pk>/", messages.attachment, name="attachment"),
    path(f"{_TICKET}concerns/", concerns.concerns, name="concerns"),
    path(f"{_CONCERN}title/", concerns.title, name="concern-title"),
    path(f"{_CONCERN}completion/", concerns.completion, name="completion"),
    path(f"{_CONCERN}answer/", assessments.answer, name="answer"),
    path(f"{_CONCERN}cost-notice/", assessments.cost_notice, name="cost-notice"),
    path(f"{_CONCERN}assessments/<slug:outcome>/", assessments.assessment, name="assessment"),
    path(f"{_CONCERN}defect/", assessments.defect, name="defect"),
    path(f"{_TICKET}objections/<int:pk>/review/", assessments.objection_review, name="objection-review"),
    path(f"{_CONCERN}preview/", offers.preview, name="preview"),
    path(f"{_CONCERN}offers/", offers.offer, name="offers"),
    path("offers/<int:offer_number>/withdrawal/", offers.withdrawal, name="withdrawal"),
    path("offers/<int:offer_number>/phone-decision/", offers.phone_decision, name="phone-decision"),
    path("offers/<int:offer_number>/phone-code/", offers.phone_code, name="phone-code"),
    path(f"{_TICKET}times/", time.times, name="times"),
    path(f"{_TICKET}consents/", time.consent, name="consents"),
    path(f"{_CONCERN}timer/", time.timer, name="timer"),
    path(f"{_CONCERN}times/", time.entry_by_hand, name="concern-times"),
    path("times/<int:pk>/", time.entry, name="time"),
    path("times/<int:pk>/end/", time.timer_end, name="timer-end"),
    path("times/<int:pk>/deletion/", time.deletion, name="time-deletion"),
    path("handovers/", handovers.handovers, name="handovers"),
    path("handovers/<slug:kind>/<int:number>/", handovers.handover, name="handover"),
    path("customers/", customers.customers, name="customers"),
    path("customers/<str:number>/", customers.customer, name="customer"),
    path("contacts/<int:pk>/invitation/", customers.invitation, name="invitation"),
    path("notices/", notices.notices, name="notices"),
    path("notices/<int:pk>/dispatch/", notices.dispatch, name="dispatch"),
]

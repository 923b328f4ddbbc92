"""Which tables a full export holds and which it leaves out, each with the reason.

Every model stands in one of the two lists, and every column that could be a secret is named here: a test compares
them with the models, so that nothing new is forgotten and nothing secret slips in. `docs/export.md` describes them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models


@dataclass(frozen=True)
class ExportTable:
    """A table of the export: its model, the name of its file, and the columns that are kept back."""

    label: str
    name: str
    without: tuple[str, ...] = ()

    @property
    def model(self) -> type[models.Model]:
        """The model whose rows it holds."""
        return apps.get_model(self.label)

    @property
    def columns(self) -> list[str]:
        """The columns in the order of the model."""
        return [str(one.column) for one in self.model._meta.concrete_fields if one.column not in self.without]

    @property
    def rows(self) -> models.QuerySet[Any, Any]:
        """All rows in their order; two exports of the same house are the same."""
        return self.model._default_manager.order_by("pk").values_list(*_attributes(self))


def _attributes(table: ExportTable) -> Iterator[str]:
    for one in table.model._meta.concrete_fields:
        if one.column not in table.without:
            yield one.attname


TABLES: tuple[ExportTable, ...] = (
    ExportTable("core.VendorProfile", "house"),
    ExportTable("core.AuditEntry", "audit_trail"),
    ExportTable("accounts.User", "people", ("password",)),
    ExportTable("customers.Customer", "customers"),
    ExportTable("customers.Contact", "contacts"),
    ExportTable("customers.Invitation", "invitations", ("token_hash",)),
    ExportTable("customers.Registration", "registrations", ("code_hash", "token_hash")),
    ExportTable("service_levels.ServiceCalendar", "calendars"),
    ExportTable("service_levels.ServiceInterval", "calendar_hours"),
    ExportTable("service_levels.OwnDay", "calendar_days"),
    ExportTable("service_levels.ResponseTarget", "response_targets"),
    ExportTable("contracts.Product", "products"),
    ExportTable("contracts.Product_linked", "product_links"),
    ExportTable("contracts.Area", "areas"),
    ExportTable("contracts.ProductVersion", "versions"),
    ExportTable("contracts.ContactChannel", "channels"),
    ExportTable("contracts.RemoteConsentText", "remote_consent_texts"),
    ExportTable("contracts.Contract", "contracts"),
    ExportTable("contracts.ContractLine", "contract_lines"),
    ExportTable("contracts.InstalledVersion", "installed_versions"),
    ExportTable("contracts.TermsVersion", "terms"),
    ExportTable("contracts.CatalogueItem", "terms_items"),
    ExportTable("contracts.CatalogueItem_products", "terms_item_products"),
    ExportTable("contracts.RateCardLine", "terms_rates"),
    ExportTable("contracts.RequestKind", "request_kinds"),
    ExportTable("contracts.TrainingOffer", "training_offers"),
    ExportTable("contracts.TrainingRecord", "trainings"),
    ExportTable("tickets.RequestDraft", "drafts"),
    ExportTable("tickets.Ticket", "requests"),
    ExportTable("tickets.Concern", "concerns"),
    ExportTable("tickets.SealedText", "texts"),
    ExportTable("tickets.Message", "messages"),
    ExportTable("tickets.Attachment", "attachments"),
    ExportTable("tickets.Upload", "draft_attachments"),
    ExportTable("tickets.Assessment", "assessments"),
    ExportTable("tickets.AssessmentBasis", "assessment_bases"),
    ExportTable("tickets.Objection", "objections"),
    ExportTable("tickets.RemoteSession", "remote_sessions"),
    ExportTable("tickets.RemoteParticipant", "remote_participants"),
    ExportTable("tickets.ConsultantRequest", "consulting_requests"),
    ExportTable("tickets.TrainingRequest", "training_requests"),
    ExportTable("tickets.HandoverPass", "handover_passes", ("token_hash",)),
    ExportTable("tickets.TicketEvent", "request_history"),
    ExportTable("tickets.ChainAnchor", "chain_anchors"),
    ExportTable("tickets.AnchoredHead", "chain_heads"),
    ExportTable("billing.CostOffer", "offers"),
    ExportTable("billing.CustomerDecision", "decisions"),
    ExportTable("billing.DecisionAttempt", "decision_attempts"),
    ExportTable("billing.PersonalLink", "personal_links", ("token_hash",)),
    ExportTable("billing.DecisionCode", "decision_codes", ("salt", "code_hash")),
    ExportTable("billing.Stop", "stops"),
    ExportTable("billing.Goodwill", "goodwill"),
    ExportTable("billing.TimeEntry", "time_entries"),
    ExportTable("billing.TimeLock", "time_locks"),
    ExportTable("billing.ServiceRecord", "service_records"),
    ExportTable("billing.BillingBatch", "billing_runs"),
    ExportTable("billing.BatchConcern", "billing_run_concerns"),
    ExportTable("billing.BillingLine", "billing_lines"),
    ExportTable("billing.VatRate", "vat_rates"),
    ExportTable("billing.Invoice", "invoices"),
    ExportTable("billing.SelfAudit", "self_audits"),
    ExportTable("channels.Notice", "mails"),
    ExportTable("channels.MailText", "mail_texts"),
    ExportTable("incoming.IncomingMail", "incoming_mails"),
    ExportTable("incoming.MailCopy", "mail_copies"),
    ExportTable("incoming.BlockedSender", "blocked_senders"),
    ExportTable("telephony.Extension", "extensions"),
    ExportTable("telephony.Call", "calls"),
    ExportTable("telephony.CallbackWish", "callback_wishes"),
    ExportTable("knowledge.Article", "articles"),
    ExportTable("knowledge.Edition", "article_editions"),
    ExportTable("knowledge.Media", "article_files"),
    ExportTable("knowledge.ArticleImport", "article_imports"),
    ExportTable("knowledge.Vote", "article_votes"),
    ExportTable("knowledge.Reading", "article_readings"),
    ExportTable("knowledge.ArticleUse", "request_articles"),
    ExportTable("knowledge.KnownProblem", "known_problems"),
    ExportTable("knowledge.ProblemStep", "known_problem_steps"),
    ExportTable("knowledge.ProblemReport", "problem_reports"),
    ExportTable("knowledge.ProblemTicket", "problem_requests"),
    ExportTable("knowledge.Subscription", "subscriptions", ("feed_hash",)),
    ExportTable("knowledge.SubscriptionNews", "subscription_news"),
    ExportTable("knowledge.SynonymGroup", "synonyms"),
    ExportTable("knowledge.SearchMiss", "searches_without_result"),
    ExportTable("transfer.ImportRun", "imports"),
    ExportTable("transfer.ImportedContact", "imported_contacts"),
)

#: Apps and tables that are left out, and why.
LEFT_OUT: dict[str, str] = {
    "contenttypes": "which tables the framework knows",
    "auth": "groups of the framework, which Klarfall does not use",
    "sessions": "open sessions are secrets",
    "account": "addresses being confirmed; the addresses themselves are those of the people",
    "mfa": "second factors are secrets",
    "axes": "failed attempts to sign in, kept for a short time against guessing",
    "procrastinate": "work that is being done, not data",
    "accounts.Tally": "how often something was tried, kept for a short time against guessing",
    "operations.JobFailure": "which work failed in this installation",
    "operations.Backup": "which backups were made of this installation",
    "core.MasterStamp": "a counter of changes for the caches",
    "core.Progress": "how far work is that is being done",
    "accounts.PublicPerson": "a view of people",
    "billing.BilledOffer": "a view of offers",
    "tickets.DeskWords": "the index of the search, computed anew from requests and messages",
    "tickets.SharedWords": "the index of the search, computed anew from requests and messages",
    "tickets.UnreadTicket": "which requests the search reads next",
    "knowledge.SearchEntry": "the index of the search, computed anew from articles",
    "knowledge.Posting": "the index of the search, computed anew from articles",
    "knowledge.Term": "the index of the search, computed anew from articles",
    "knowledge.IndexState": "the state of the index of the search",
    "knowledge.Word": "the index of the search, computed anew from articles",
    "billing.Unbilled": "computed anew from time entries and billing lines",
    "transfer.ImportProblem": "skipped rows of tables, removed after some time; the tables have them",
    "transfer.HouseExport": "the exports themselves",
    "channels.MailDomain": "how fast mails go to a domain at the moment",
    "incoming.Mailbox": "how far this installation has fetched a mailbox",
    "telephony.LiveCall": "which telephone rings at the moment; the calls that somebody recorded are exported",
    "telephony.HookEvent": "which events of the telephone system were taken, kept for a short time against replays",
}

#: Columns whose names sound like secrets and that are none, each with the reason; anything else is kept back.
NO_SECRETS: dict[str, str] = {
    "salt": "of a text's commitment: who has the text may prove it",
    "previous_hash": "part of a chain of evidence",
    "hash": "part of a chain of evidence",
    "text_hash": "of a text that is exported, too",
    "content_hash": "of content that is exported, too",
    "file_hash": "of an imported table",
    "key": "name of a file in the private store, or what a mail is about",
    "code": "code of a product or of a clause",
    "postal_code": "part of an address",
    "chain_head": "part of a chain of evidence",
    "remote_session_id": "which remote session a time entry belongs to",
    "session_id": "which remote session somebody takes part in",
    "code_id": "which code was used; its row has no code",
    "logo_key": "name of a file in the private store",
    "csv_key": "name of a file in the private store",
    "json_key": "name of a file in the private store",
    "pdf_key": "name of a file in the private store",
    "xml_key": "name of a file in the private store",
    "file_key": "name of a file in the private store",
}


@dataclass(frozen=True)
class ExportFiles:
    """Files in the private store: the folder in the export, the columns of key and SHA-256, and the ending."""

    label: str
    folder: str
    key: str
    sha256: str = ""
    ending: str = ""
    named: str = ""

    @property
    def rows(self) -> models.QuerySet[Any, Any]:
        """Id, key, SHA-256 ("" = not kept) and name of each file, in their order."""
        found = apps.get_model(self.label)._default_manager.exclude(**{self.key: ""}).order_by("pk")
        return found.values_list("pk", self.key, self.sha256 or models.Value(""), self.named or models.Value(""))


FILES: tuple[ExportFiles, ...] = (
    ExportFiles("core.VendorProfile", "logo", "logo_key"),
    ExportFiles("tickets.Attachment", "attachments", "key", "sha256", named="name"),
    ExportFiles("tickets.Upload", "draft_attachments", "key", "sha256", named="name"),
    ExportFiles("knowledge.Media", "article_files", "key", "sha256", named="name"),
    ExportFiles("billing.ServiceRecord", "service_records", "pdf_key", "pdf_sha256", ".pdf"),
    ExportFiles("billing.Invoice", "invoices_pdf", "pdf_key", "pdf_sha256", ".pdf"),
    ExportFiles("billing.Invoice", "invoices_xml", "xml_key", "xml_sha256", ".xml"),
    ExportFiles("billing.BillingBatch", "billing_runs_csv", "csv_key", "csv_sha256", ".csv"),
    ExportFiles("billing.BillingBatch", "billing_runs_json", "json_key", "json_sha256", ".json"),
)


def is_left_out(label: str) -> bool:
    """Is the table of a model, or its whole app, left out on purpose?"""
    return label in LEFT_OUT or label.partition(".")[0] in LEFT_OUT

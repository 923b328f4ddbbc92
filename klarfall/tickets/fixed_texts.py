"""Texts that nobody types: the same words in every case, in the language of the customer's contact."""

from django.utils import translation
from django.utils.translation import gettext as _

from klarfall.core import vendor


def legal_notice(language: str) -> str:
    """The answer to legal and tax questions (R55): the vendor's words, else ours."""
    if notice := vendor.current().legal_notice.strip():
        return notice
    with translation.override(language):
        return _(
            "For legal reasons, product support may not give legal or tax advice. We gladly explain what the program"
            " does; whether that is right in your case, please ask your tax adviser or lawyer."
        )


def no_work(language: str) -> str:
    """The solution of a request whose concerns all ended without work."""
    with translation.override(language):
        return _(
            "This request is finished; no work was done and nothing is charged."
            " You can reopen it within 14 days if you need us after all."
        )

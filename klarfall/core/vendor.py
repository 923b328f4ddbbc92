"""The vendor's profile for pages and mails, read at most every half minute per process."""

from zoneinfo import ZoneInfo

from django.core.cache import cache

from klarfall.core.models import VendorProfile

_KEY = "klarfall.vendor"
_SECONDS = 30


def current() -> VendorProfile:
    """The vendor of this installation; unsaved defaults before it was set up."""
    profile: VendorProfile | None = cache.get(_KEY)
    if profile is None:
        profile = VendorProfile.objects.filter(pk=1).first() or VendorProfile(pk=1, name="Klarfall")
        cache.set(_KEY, profile, _SECONDS)
    return profile


def zone() -> ZoneInfo:
    """The vendor's zone: in it days begin and end."""
    return ZoneInfo(current().time_zone)


def forget() -> None:
    """Read the profile anew next time (after it was changed)."""
    cache.delete(_KEY)

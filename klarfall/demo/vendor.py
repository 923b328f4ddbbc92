"""The demo's vendor: its profile, products, contact channels and service hours."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from klarfall.billing.models import VatRate
from klarfall.contracts.models import Area, ContactChannel, Product, ProductVersion, TrainingOffer
from klarfall.core import vendor
from klarfall.core.models import VendorProfile
from klarfall.service_levels.models import OwnDay, ResponseTarget, ServiceCalendar, ServiceInterval

AREAS = {
    "powerhaus": (
        "Mietenbuchhaltung", "Finanzbuchhaltung", "Betriebskosten", "Mahnwesen", "Zahlungsverkehr",
        "WEG-Verwaltung", "Stammdaten", "Auswertungen", "Installation und System",
    ),
    "wohnwerk": ("Vermietung", "Instandhaltung", "Buchhaltung", "System"),
    "archiv-connect": ("Ablage", "Suche", "Anbindung"),
}  # fmt: skip

#: Weekday hours: the first product until 17 (Friday 15) o'clock, the second with a lunch break.
HOURS = {
    "Produktsupport PowerHaus": [(day, "08:00", "17:00") for day in range(4)] + [(4, "08:00", "15:00")],
    "Produktsupport Wohnwerk": [
        span for day in range(5) for span in ((day, "09:00", "12:00"), (day, "13:00", "16:00"))
    ],
}
TARGETS = {"blocked": 120, "hindered": 240, "minor": 480}  # service minutes

#: What invoices would say; all of it invented. Writing them stays switched off until somebody wants it.
SELLER = {
    "street": "Beispielstraße 1",
    "postal_code": "55116",
    "city": "Mainz",
    "vat_id": "DE123456788",
    "billing_contact": "Katrin Vogt",
    "billing_phone": "06131 / 5550-40",
    "billing_email": "rechnung@demo.invalid",
    "iban": "DE02120300000000202051",
    "bic": "BYLADEM1001",
}
#: The German standard rate by day of service.
VAT_RATES = ((date(2007, 1, 1), 19), (date(2020, 7, 1), 16), (date(2021, 1, 1), 19))

LEGAL_NOTICE = (
    "Aus rechtlichen Gründen dürfen wir keine rechtliche oder steuerliche Beratung leisten. "
    "Gern zeigen wir Ihnen, wo Sie die benötigten Angaben in der Anwendung finden. "
    "Für die Bewertung wenden Sie sich an Ihre Rechts- oder Steuerberatung."
)


def seed_profile() -> VendorProfile:
    """Write the vendor's profile and mark it as a demo with example values."""
    profile = VendorProfile.objects.create(
        pk=1,
        name="Aareon IMMOManagement",
        legal_name="Aareon IMMOManagement (Demo)",
        address="Beispielstraße 1\n55116 Mainz",
        **SELLER,
        legal_notice=LEGAL_NOTICE,
        mail_from="support@demo.invalid",
        sample_values=True,
        is_demo=True,
    )
    VatRate.objects.bulk_create(VatRate(valid_from=day, percent=percent) for day, percent in VAT_RATES)
    vendor.forget()
    return profile


def seed_products(now: datetime, calendars: dict[str, ServiceCalendar]) -> dict[str, Product]:
    """Write the products with areas, versions, channels, hours and links; by code."""
    first, second = (calendars[name] for name in HOURS)
    powerhaus = Product.objects.create(
        code="powerhaus",
        name="PowerHaus",
        kind="erp",
        media=["manual", "quick_start", "video"],
        calendar=first,
        remote_link="https://fernwartung.vendor.example/join/{code}",
        order=1,
    )
    wohnwerk = Product.objects.create(
        code="wohnwerk", name="Wohnwerk", kind="erp", onsite_by_support=True, media=["manual"], calendar=second, order=2
    )
    archive = Product.objects.create(code="archiv-connect", name="Archiv Connect", kind="partner", order=3)
    powerhaus.linked.add(archive)
    products = {product.code: product for product in (powerhaus, wohnwerk, archive)}
    for code, names in AREAS.items():
        Area.objects.bulk_create(
            Area(product=products[code], name=name, order=order) for order, name in enumerate(names)
        )
    _versions(products, now.date())
    _channels(products)
    _trainings(products, now.date())
    return products


def _trainings(products: dict[str, Product], today: date) -> None:
    """What one can learn; the last one has neither price nor date."""
    first = products["powerhaus"]
    rows = (
        ("Betriebskosten sicher abrechnen", "Settle operating costs safely", 24, Decimal(390), "Online"),
        ("Mahnwesen in der Praxis", "Dunning in practice", 45, Decimal(290), "Mainz"),
        ("Einführung für neue Kolleg:innen", "Introduction for new colleagues", None, None, "Bei Ihnen im Haus"),
    )
    TrainingOffer.objects.bulk_create(
        TrainingOffer(
            product=first,
            title=title,
            title_en=english,
            on=today + timedelta(days=days) if days else None,
            price=price,
            place=place,
            order=order,
        )
        for order, (title, english, days, price, place) in enumerate(rows)
    )


def _versions(products: dict[str, Product], today: date) -> None:
    """Versions released so many days ago; support of older ones ends so many days ahead."""
    for code, name, released, until in (
        ("powerhaus", "8.4.2", 6, None),
        ("powerhaus", "8.4.1", 69, None),
        ("powerhaus", "8.4", 174, 220),
        ("powerhaus", "8.3", 384, 39),
        ("wohnwerk", f"{today.year}.2", 30, None),
        ("archiv-connect", "5.1", 265, None),
    ):
        ProductVersion.objects.create(
            product=products[code],
            name=name,
            released_on=today - timedelta(days=released),
            supported_until=today + timedelta(days=until) if until else None,
        )


def _channels(products: dict[str, Product]) -> None:
    rows = (
        ("powerhaus", "portal", "", False, "Jederzeit, auch nachts und an Feiertagen"),
        ("powerhaus", "phone", "0800 / 38000 1078", True, ""),
        ("powerhaus", "email", "powerhaus.support@aareon.com", False, ""),
        ("powerhaus", "remote", "", False, "Nach Absprache und mit Ihrem Einverständnis"),
        ("wohnwerk", "portal", "", False, "Jederzeit"),
        ("wohnwerk", "email", "wohnwerk@demo.invalid", False, ""),
        ("wohnwerk", "remote", "", False, "Nach Absprache und mit Ihrem Einverständnis"),
        ("archiv-connect", "portal", "", False, "Jederzeit"),
    )
    for order, (code, kind, value, free, note) in enumerate(rows):
        ContactChannel.objects.create(
            product=products[code], kind=kind, value=value, toll_free=free, note=note, order=order
        )


def seed_calendars(now: datetime) -> dict[str, ServiceCalendar]:
    """Write the service hours (examples) with holidays and the closed days around Christmas."""
    calendars = {}
    for name, spans in HOURS.items():
        calendar = ServiceCalendar.objects.create(name=name, zone="Europe/Berlin", state="RP", sample=True)
        ServiceInterval.objects.bulk_create(
            ServiceInterval(
                calendar=calendar, weekday=day, starts=time.fromisoformat(start), ends=time.fromisoformat(end)
            )
            for day, start, end in spans
        )
        ResponseTarget.objects.bulk_create(
            ResponseTarget(calendar=calendar, impact=impact, minutes=minutes) for impact, minutes in TARGETS.items()
        )
        OwnDay.objects.bulk_create(
            OwnDay(calendar=calendar, day=date(year, 12, day), name=label)
            for year in (now.year - 1, now.year, now.year + 1)
            for day, label in ((24, "Heiligabend"), (31, "Silvester"))
        )
        calendars[name] = calendar
    return calendars

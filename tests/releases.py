"""The last migration of every app in each release: where an upgrade begins. Add an entry with every release."""

RELEASES: dict[str, dict[str, str]] = {
    # The first with billing; vendors name their words in columns of the profile.
    "0.1": {
        "accounts": "0002_system_user",
        "billing": "0012_words_of_a_guard",
        "channels": "0001_initial",
        "contracts": "0002_published_terms_are_closed",
        "core": "0003_time_and_money",
        "customers": "0002_owned_keys",
        "service_levels": "0001_initial",
        "tickets": "0004_consent_stays",
    },
}

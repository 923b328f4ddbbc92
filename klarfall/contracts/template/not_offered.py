"""What the support of the template does not do (R53 to R55)."""

from klarfall.contracts.template.rows import Clause

NOT_OFFERED = (
    Clause(
        code="NOT-ONSITE",
        clause="C 1.1",
        outcome="not_offered",
        title="Termin vor Ort",
        title_en="Visit on site",
        text="Termine vor Ort gehören nicht dazu. Gern vereinbaren Sie dafür einen Termin mit unseren Berater:innen.",
        text_en="Visits on site are not included. Please arrange an appointment with our consultants for them.",
        examples=("Bitte schicken Sie jemanden vorbei.",),
        examples_en=("Please send somebody to us.",),
        reason_template="Sie wünschen einen Termin bei Ihnen im Haus. Dafür sind unsere Berater:innen da.",
        reason_template_en="You ask for an appointment at your premises. That is what our consultants are there for.",
        alternatives=("consultant",),
    ),
    Clause(
        code="NOT-LEGAL",
        clause="C 2.1",
        outcome="not_offered",
        title="Rechtliche oder steuerliche Beratung",
        title_en="Legal or tax advice",
        text="Aus rechtlichen Gründen dürfen wir keine rechtliche oder steuerliche Beratung leisten.",
        text_en="For legal reasons we may not give legal or tax advice.",
        examples=("Dürfen wir diese Kosten umlegen?",),
        examples_en=("May we pass these costs on?",),
        reason_template="Gefragt ist nach der rechtlichen oder steuerlichen Bewertung.",
        reason_template_en="You ask for a legal or tax opinion.",
    ),
    Clause(
        code="NOT-PRODUCT",
        clause="C 3.1",
        outcome="not_offered",
        title="Fremdes Produkt",
        title_en="Foreign product",
        text="Für Produkte, die nicht zum Lieferumfang gehören, leisten wir keine Hilfe.",
        text_en="We give no help with products that we do not deliver.",
        examples=("Frage zu einer Tabellenkalkulation.",),
        examples_en=("A question about a spreadsheet program.",),
        reason_template="Die Frage betrifft ein Produkt, das nicht von uns betreut wird.",
        reason_template_en="The question is about a product that we do not support.",
    ),
)

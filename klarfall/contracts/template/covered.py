"""The services of the template that a contract covers (R15 to R18)."""

from klarfall.contracts.template.rows import Clause

COVERED = (
    Clause(
        code="COV-QUESTION",
        clause="A 1.1",
        outcome="covered",
        title="Konkrete Frage klären",
        title_en="Answering a concrete question",
        text="Klärung konkreter Fragestellungen, die im laufenden Betrieb der Anwendung auftreten.",
        text_en="Answering concrete questions that come up while the application is in use.",
        examples=("Warum fehlt dieser Vorgang in der Auswertung?",),
        examples_en=("Why is this transaction missing from the report?",),
        reason_template="Sie fragen nach einem bestimmten Vorgang in der Anwendung.",
        reason_template_en="You ask about a particular transaction in the application.",
        asks_training=True,
    ),
    Clause(
        code="COV-USE",
        clause="A 1.2",
        outcome="covered",
        title="Problem in der Anwendung",
        title_en="Problem in using the application",
        text=(
            "Hilfestellung bei Problemen in der Anwendung, die trotz vorhandener Schulung nicht eigenständig "
            "gelöst werden können."
        ),
        text_en="Help with problems in using the application that trained users cannot solve by themselves.",
        examples=("Ein Beleg lässt sich trotz vollständiger Angaben nicht abschließen.",),
        examples_en=("A document cannot be completed although all entries are there.",),
        reason_template="Ein Arbeitsschritt führt trotz richtiger Eingaben nicht zum erwarteten Ergebnis.",
        reason_template_en="In spite of correct entries a step does not lead to the expected result.",
        asks_training=True,
    ),
    Clause(
        code="COV-ACUTE",
        clause="A 1.3",
        outcome="covered",
        title="Akutes Problem im laufenden Betrieb",
        title_en="Acute problem in running operation",
        text="Behebung akuter Probleme im laufenden Betrieb.",
        text_en="Solving acute problems in running operation.",
        examples=("Ein Lauf bricht mit einer Meldung ab.",),
        examples_en=("A run ends with an error message.",),
        reason_template="Der laufende Betrieb ist gestört.",
        reason_template_en="Running operation is disturbed.",
    ),
    Clause(
        code="COV-DEFECT",
        clause="A 2.1",
        outcome="covered",
        title="Programmfehler",
        title_en="Product defect",
        text="Behebung oder Umgehung eines Fehlers der gelieferten Software.",
        text_en="Removing or working around a defect of the delivered software.",
        examples=("Seit dem Update werden Beträge doppelt angezeigt.",),
        examples_en=("Since the update amounts have been shown twice.",),
        reason_template="Die Ursache ist ein Fehler im Programm.",
        reason_template_en="The cause is a defect of the program.",
    ),
    Clause(
        code="COV-INVESTIGATE",
        clause="A 2.2",
        outcome="covered",
        title="Ursache finden",
        title_en="Finding the cause",
        text="Untersuchung eines unklaren Verhaltens, bis die Ursache feststeht.",
        text_en="Looking into unclear behaviour until the cause is known.",
        examples=("Zwei Auswertungen zeigen verschiedene Summen.",),
        examples_en=("Two reports show different sums.",),
        reason_template=(
            "Die Ursache steht noch nicht fest. Bis wir sie kennen, ist die Untersuchung im Vertrag enthalten."
        ),
        reason_template_en="The cause is not known yet. Until we know it, looking into it is covered by the contract.",
    ),
)

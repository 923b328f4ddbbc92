"""Requests with several concerns, second reviews, hand-overs to the consultants and questions that support may not answer."""

from decimal import Decimal

from klarfall.demo.acts import (
    accept,
    answer_covered,
    ask_for_consulting,
    assign,
    begin_review,
    cost_notice,
    finish,
    hand_over,
    note,
    other_form,
    publish,
    rate,
    refer,
    resolve,
    review_objection,
    say,
    see_it_differently,
    split,
    worked,
)
from klarfall.demo.files import sample
from klarfall.demo.schedule import after, day_after, days_ago, minutes_ago
from klarfall.demo.script import Story, step, then

VACANCY = Story(
    by="Doreen Pohl", when=days_ago(23, "08:29"), area="Stammdaten", kind="data", channel="email",
    title="Statusdifferenz Wohnung 0412 nach Auszug",
    text="Die Wohnung 0412 steht in der Vermietungsübersicht als vermietet, in der Leerstandsliste aber als frei. Der Mieter ist seit {vormonat} ausgezogen. Welche Liste stimmt, und wie bekommen wir das wieder gerade?",
    files=(sample("Leerstandsliste.pdf", "Leerstandsliste, Objekt 04", "0411  vermietet", "0412  frei ab 01.", "0413  vermietet"),),
    steps=(
        step(after(40), "Selin Aydın", split("Warum zeigen zwei Listen Verschiedenes?", "Status der Wohnung 0412 richtigstellen")),
        step(after(2), "Selin Aydın", publish("COV-INVESTIGATE", "Die Ursache der Differenz steht noch nicht fest. Bis wir sie kennen, ist die Untersuchung im Vertrag enthalten.", cause="unknown")),
        worked(after(52), "Selin Aydın", 46, "Verlauf der Wohnung 0412 und der beiden Listen nachvollzogen"),
        step(after(5), "Selin Aydın", say("Guten Tag, Frau Pohl. Die Leerstandsliste stimmt. In der Übersicht wurde der Status von Hand auf „vermietet“ gesetzt, bevor der Auszug abgeschlossen war. Die Ursache ist damit geklärt. Für das Richtigstellen sende ich Ihnen einen Kostenhinweis.", concern=1)),
        then("Selin Aydın", finish(concern=1)),
        step(after(3), "Selin Aydın", cost_notice(
            "CHG-DATA-STATUS", "Der Status wurde von Hand geändert, bevor der Auszug abgeschlossen war.", concern=2,
            cause="improper_use", trigger="initial", offer={"estimate": (60, 85), "cap_net": Decimal("190.00")},
        )),
        step(day_after("09:00"), "Doreen Pohl", accept(concern=2)),
        worked(after(100), "Selin Aydın", 80, "Auszug abgeschlossen, Status und abhängige Daten richtiggestellt", concern=2),
        step(after(4), "Selin Aydın", resolve("Ursache war ein von Hand gesetzter Status. Die Wohnung 0412 ist jetzt in beiden Listen frei, Kaution und Zählerstände sind übernommen. Die Obergrenze von 190 Euro ist eingehalten.", "commissioned_done")),
        step(day_after("10:00"), "Doreen Pohl", rate(3, "Hat gepasst, die Untersuchung hat aber gedauert.")),
    ),
)  # fmt: skip

SALUTATION = Story(
    by="Svea Thomsen", when=days_ago(20, "09:30"), product="wohnwerk", area="Vermietung", kind="config",
    title="Serienbrief setzt bei Paaren die falsche Anrede",
    text="Bei Mietverträgen mit zwei Personen druckt der Serienbrief „Sehr geehrter Herr und Frau“. Wir haben die Vorlage nicht verändert.",
    steps=(
        step(after(50), "Tobias Brandt", cost_notice("CHG-CONF", "Gewünscht ist eine Anpassung der Anrede in der Vorlage.", offer={"estimate": (30, 45)})),
        step(after(45), "Svea Thomsen", see_it_differently("Die Vorlage ist die mitgelieferte. Bis zum letzten Update war die Anrede richtig. Wir möchten nichts ändern lassen, sondern dass sie wieder stimmt.")),
        step(day_after("09:15"), "Katrin Vogt", review_objection(
            "changed", "Sie haben recht: Die mitgelieferte Vorlage wurde im Update verändert. Das ist ein Problem in der Anwendung, keine Einstellung nach Ihren Vorgaben.",
            code="COV-DEFECT", reason="Die mitgelieferte Vorlage setzt seit dem Update die Anrede bei zwei Personen falsch.", cause="defect", trigger="objection",
        )),
        then("Katrin Vogt", assign("Tobias Brandt")),
        worked(after(45), "Tobias Brandt", 21, "Vorlage mit der vorigen Version verglichen und berichtigt"),
        step(after(3), "Tobias Brandt", resolve("Die berichtigte Vorlage liegt unter Vermietung › Vorlagen › Mitgeliefert bereit. Neue Briefe verwenden sie sofort. Der Kostenhinweis ist zurückgezogen.", "defect_fixed")),
        step(day_after("13:10"), "Svea Thomsen", rate(5, "Danke fürs zweite Hinsehen.")),
    ),
)  # fmt: skip

FEES = Story(
    by="Petra Sommer", when=days_ago(13, "08:40"), area="Mahnwesen", kind="config",
    title="Mahngebühren rückwirkend ab {vormonat} ändern",
    text="Die Mahngebühr soll rückwirkend ab {vormonat} von 2,50 auf 3,00 Euro steigen, auch bei den schon gemahnten Verträgen. Bitte stellen Sie das ein.",
    steps=(
        step(after(45), "Tobias Brandt", cost_notice("CHG-CONF", "Gewünscht ist eine geänderte Gebühr samt Neuberechnung der betroffenen Verträge.", training="yes", offer={"estimate": (45, 60)})),
        step(after(50), "Petra Sommer", see_it_differently("Die Mahngebühr konnte ich früher selbst ändern. Warum ist das jetzt eine kostenpflichtige Einstellung?")),
        step(after(120), "Miriam Lorenz", review_objection("confirmed", "Die Gebühr für künftige Mahnungen ändern Sie weiterhin selbst unter Mahnwesen › Stufen. Kostenpflichtig ist nur die Neuberechnung der schon gemahnten Verträge; sie geht über eine Einstellung hinaus. Die erste Einordnung bleibt daher bestehen.")),
        step(day_after("08:45"), "Petra Sommer", accept(cap=45, comment="Bitte nur die Neuberechnung, die Stufe stelle ich selbst um.")),
        worked(after(60), "Tobias Brandt", 36, "Gebühren von 19 Verträgen neu berechnet, Probe mit drei Verträgen"),
        step(after(2), "Tobias Brandt", resolve("Bei 19 Verträgen ist die Gebühr neu berechnet, die Liste liegt am Mahnlauf. Künftige Mahnungen folgen der Stufe, die Sie eingestellt haben.", "commissioned_done")),
    ),
)  # fmt: skip

HEATING = Story(
    by="Petra Sommer", when=days_ago(11, "11:05"), area="Betriebskosten", kind="unsure",
    title="Termin bei uns im Haus zur Heizkostenumstellung",
    text="Wir stellen zum Jahreswechsel zwei Liegenschaften auf einen neuen Messdienst um. Kann jemand für einen halben Tag zu uns kommen und die Umstellung mit dem Team durchgehen?",
    steps=(
        step(after(43), "Selin Aydın", refer(
            "Sie wünschen einen Termin bei Ihnen im Haus. Dafür ist die Beratung da.",
            wish="Halber Tag: Umstellung von zwei Liegenschaften auf einen neuen Messdienst, gemeinsam mit dem Team.",
            place="Mainz, Büro Lindenhof", dates="Anfang {folgemonat}, vormittags",
        )),
        then("Selin Aydın", say("Guten Tag, Frau Sommer. Der Produktsupport arbeitet per Telefon, E-Mail und Fernwartung. Für einen Termin bei Ihnen habe ich die Beratung einbezogen; sie meldet sich mit Terminen. Sie müssen nichts wiederholen.")),
        step(day_after("09:30"), "Katrin Vogt", hand_over("forwarded")),
        step(day_after("13:40", days=2), "Katrin Vogt", hand_over("scheduled", in_days=9)),
    ),
)  # fmt: skip

WORKSHOP = Story(
    by="Jonas Weber", when=days_ago(6, "15:10"), request=False, tickets=0, title="Termin vor Ort", text="",
    steps=(then("Jonas Weber", ask_for_consulting(
        "Eine Person, die unsere Abläufe rund um die WEG-Abrechnung einen Tag lang mit uns durchsieht.",
        place="Mainz, Büro Lindenhof", dates="Januar oder Februar, nicht montags",
    )),),
)  # fmt: skip

LEGAL = Story(
    by="Ralf Hennig", when=days_ago(9, "09:40"), area="Betriebskosten", kind="question",
    title="Darf Grundsteuer auf Gewerbemieter:innen umgelegt werden?",
    text="In der Elbstraße 12 haben wir Wohnungen und zwei Läden. Dürfen wir die höhere Grundsteuer vorab auf die Läden umlegen, oder muss sie gleich verteilt werden?",
    steps=(
        step(after(30), "Miriam Lorenz", publish("NOT-LEGAL", "", next_step="Wie ein Vorwegabzug im Programm eingestellt wird, zeigt die Produkthilfe unter Betriebskosten.")),
    ),
)  # fmt: skip

THREE_WISHES = Story(
    by="Petra Sommer", when=days_ago(8, "09:46"), area="Betriebskosten", kind="unsure", channel="email",
    title="Aufzugskosten Lindenallee: drei Fragen",
    text="Guten Tag, der neue Aufzug in der Lindenallee 8 läuft seit {vormonat}. Drei Dinge dazu:\n1. Wie legen wir den Verteilerschlüssel dafür an?\n2. Könnte jemand vorbeikommen und es uns zeigen?\n3. Dürfen wir die Wartungskosten auch auf das Erdgeschoss umlegen?\nFreundliche Grüße\nPetra Sommer",
    steps=(
        step(after(35), "Tobias Brandt", split("Verteilerschlüssel für den neuen Aufzug anlegen", "Termin vor Ort", "Umlage der Wartungskosten auf das Erdgeschoss")),
        worked(after(15), "Tobias Brandt", 14, "Drei Anliegen gesichtet und getrennt", purpose="triage"),
        step(after(2), "Tobias Brandt", cost_notice("CHG-CONF", "Gewünscht ist die Anlage eines Verteilerschlüssels.", concern=1, offer={"estimate": (30, 45), "cap_minutes": 45})),
        then("Tobias Brandt", refer("Sie wünschen einen Termin bei Ihnen im Haus. Dafür ist die Beratung da.", concern=2, wish="Einweisung vor Ort in Verteilerschlüssel, etwa zwei Stunden.", place="Mainz, Büro Lindenhof", dates="nach Absprache")),
        then("Tobias Brandt", publish("NOT-LEGAL", "", concern=3)),
        step(day_after("08:30"), "Petra Sommer", other_form("training", "Schulung zu Verteilerschlüsseln für zwei Personen, gern online.", with_article=True)),
    ),
)  # fmt: skip

WHO_PAYS = Story(
    by="Malte Jensen", when=days_ago(2, "09:35"), product="wohnwerk", area="Instandhaltung", kind="unsure",
    title="Status „vermietet“ trotz beendetem Vertrag",
    text="Drei Einheiten im Hafenquartier stehen auf „vermietet“, obwohl die Verträge beendet sind. Dadurch lassen sie sich nicht neu anbieten. Es drängt, am {wochentag3} ist Besichtigung.",
    needed_in=3,
    steps=(
        worked(after(45), "Miriam Lorenz", 10, "Verlauf der drei Einheiten gesichtet", purpose="triage"),
        step(after(3), "Miriam Lorenz", cost_notice("CHG-DATA-STATUS", "Der Status wurde von Hand geändert, ohne die Übergabe abzuschließen.", cause="improper_use", offer={"estimate": (30, 45)})),
        step(minutes_ago(95), "Malte Jensen", see_it_differently("Wir haben den Status nicht von Hand geändert. Das muss beim Einspielen der neuen Version passiert sein, vorher war alles richtig.")),
        step(after(12), "Miriam Lorenz", note("Bitte zweite Prüfung durch jemand anderen. Im Protokoll steht der Benutzer „import“, das könnte für den Kunden sprechen.")),
    ),
)  # fmt: skip

EXPIRED_CONTRACT = Story(
    by="Stefan Krüger", when=days_ago(12, "10:05"), area="Betriebskosten", kind="question",
    title="Vorauszahlungen fehlen in der Betriebskostenabrechnung",
    text="In der Abrechnung {vorjahr} fehlen bei sechs Mietparteien die Vorauszahlungen aus dem zweiten Halbjahr. In den Konten sind sie gebucht. Was übersehe ich?",
    steps=(
        step(after(60), "Selin Aydın", begin_review()),
        step(after(10), "Selin Aydın", cost_notice(
            "CHG-OTHER", "Ihr Wartungsvertrag ist ausgelaufen. Ohne laufenden Vertrag rechnen wir die Hilfe nach Zeit ab, wenn Sie es wünschen.",
            offer={"estimate": (30, 45), "work_type": "support", "scope": "Ursache der fehlenden Vorauszahlungen finden und mit Ihnen am Bildschirm beheben.", "exclusions": "Prüfung anderer Abrechnungsjahre."},
            next_step="Wenn Sie den Vertrag erneuern möchten, hilft Ihnen die Beratung weiter.",
        )),
        step(day_after("10:30"), "Stefan Krüger", accept(order="GW-118")),
        worked(after(70), "Selin Aydın", 29, "Zeitraum der Vorauszahlungsart berichtigt, Abrechnung neu gerechnet"),
        step(after(2), "Selin Aydın", resolve("Die Vorauszahlungsart war zur Jahresmitte beendet worden. Mit dem berichtigten Zeitraum stehen alle sechs Parteien richtig in der Abrechnung.", "commissioned_done")),
        step(day_after("09:00"), "Stefan Krüger", rate(4)),
    ),
)  # fmt: skip

EXPOSE = Story(
    by="Svea Thomsen", when=days_ago(7, "14:30"), product="wohnwerk", area="Vermietung", kind="question", impact="minor",
    title="Wie ändere ich die Reihenfolge der Bilder im Exposé?",
    text="Beim Exposé steht immer der Grundriss vorn. Ich hätte gern das Wohnzimmer als erstes Bild.",
    steps=(
        step(day_after("09:18"), "Tobias Brandt", answer_covered(
            "COV-QUESTION", "Sie fragen nach einem bestimmten Vorgang in der Anwendung.",
            "Guten Morgen, Frau Thomsen. Ziehen Sie die Bilder unter Vermietung › Exposé › Bilder in die gewünschte Reihenfolge. Das erste Bild erscheint auch auf der Titelseite. Der Grundriss bleibt vorn, solange „Grundriss zuerst“ angehakt ist.",
            "use_clarified", training="yes",
        )),
    ),
)  # fmt: skip

STORIES = (
    VACANCY, SALUTATION, FEES, HEATING, WORKSHOP, LEGAL, THREE_WISHES, WHO_PAYS, EXPIRED_CONTRACT, EXPOSE,
)  # fmt: skip

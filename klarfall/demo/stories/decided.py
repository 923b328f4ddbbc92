"""Cost notices of the last weeks and every answer that customers gave to them."""

from klarfall.demo.acts import (
    accept,
    accept_in_vain,
    begin_review,
    confirm_record,
    consent,
    cost_notice,
    counter,
    hand_over,
    issue_record,
    note,
    other_form,
    pass_on,
    publish,
    rate,
    report_defect,
    resolve,
    say,
    send_offer,
    stop,
    withdraw_offer,
    worked,
)
from klarfall.demo.files import sample
from klarfall.demo.schedule import after, day_after, days_ago, sundays_ago
from klarfall.demo.script import Story, step, then

NEW_STAFF = Story(
    by="Doreen Pohl", when=days_ago(31, "08:35"), area="Mietenbuchhaltung", kind="training", impact="minor",
    title="Einweisung für zwei neue Kolleg:innen",
    text="Zum {folgemonat} fangen zwei Kolleg:innen in der Mietenbuchhaltung an. Wir hätten gern eine Einweisung in Sollstellung, Zahlungseingang und Mahnlauf, am liebsten an unseren Daten.",
    steps=(
        step(after(55), "Miriam Lorenz", cost_notice(
            "CHG-TRAIN-NEW", "Gewünscht ist eine Einweisung neuer Kolleg:innen in drei Arbeitsgebiete.", training="no",
            offer={"estimate": (120, 150), "cap_minutes": 180},
        )),
        step(day_after("10:10"), "Doreen Pohl", other_form("training", "Zwei Personen, vormittags, gern in der ersten Woche des {folgemonat}.", with_article=True)),
        step(day_after("09:00"), "Katrin Vogt", hand_over("forwarded")),
        step(day_after("11:30", days=2), "Katrin Vogt", hand_over("scheduled", in_days=12)),
    ),
)  # fmt: skip

BRANCH = Story(
    by="Jonas Weber", when=days_ago(29, "10:45"), area="Installation und System", kind="install",
    title="Zugriff aus der Außenstelle bricht nach wenigen Minuten ab",
    text="Aus unserer Außenstelle in Bingen bricht die Verbindung zu PowerHaus nach fünf bis zehn Minuten ab. In Mainz läuft alles. Unsere IT hat die Leitung geprüft und nichts gefunden.",
    steps=(
        worked(after(45), "Selin Aydın", 14, "Verbindungsprotokolle gesichtet", purpose="triage"),
        step(after(3), "Selin Aydın", cost_notice(
            "CHG-INFRA-NET", "Das Protokoll zeigt Abbrüche durch die Firewall der Außenstelle nach 300 Sekunden ohne Verkehr.",
            cause="infrastructure", offer={"estimate": (60, 120), "cap_minutes": 120},
        )),
        step(day_after("09:00"), "Jonas Weber", accept(order="LH-2239")),
        step(after(12), "Selin Aydın", consent("Einstellungen der Verbindung gemeinsam mit der IT ansehen")),
        worked(after(38), "Selin Aydın", 34, "Mit der IT der Außenstelle die Zeitgrenzen geprüft", channel="remote"),
        step(after(20), "Jonas Weber", stop()),
        then("Jonas Weber", say("Unser Dienstleister tauscht die Firewall nächste Woche ohnehin. Bitte nicht weiter suchen.")),
        step(after(25), "Selin Aydın", resolve("Die Ursache ist die Zeitgrenze von 300 Sekunden in der Firewall. Mit dem neuen Gerät stellen Sie bitte 3.600 Sekunden ein. Wir haben die Arbeit auf Ihren Wunsch beendet; abgerechnet werden die 34 Minuten.", "commissioned_done")),
        then("Selin Aydın", issue_record()),
        step(day_after("10:20"), "Jonas Weber", confirm_record()),
    ),
)  # fmt: skip

IMPORT = Story(
    by="Doreen Pohl", when=days_ago(26, "09:10"), area="Finanzbuchhaltung", kind="data",
    title="Bankumsätze nach dem Einlesen doppelt",
    text="Nach dem Einlesen der Kontoauszüge vom {vor3} stehen 14 Umsätze doppelt in der Finanzbuchhaltung. Ich habe die Datei an dem Tag zweimal ausgewählt, weil beim ersten Mal nichts passiert ist.",
    files=(sample("Umsaetze_doppelt.csv", "Buchungstag;Betrag;Verwendungszweck;Anzahl", "{vor3};512,00;Miete 14-02;2", "{vor3};487,30;Miete 14-05;2", "{vor3};530,00;Miete 14-09;2"),),
    steps=(
        step(after(60), "Tobias Brandt", cost_notice(
            "CHG-DATA-POST", "Die Datei wurde an dem Tag zweimal eingelesen; dadurch stehen die Umsätze doppelt.",
            cause="improper_use", offer={"estimate": (30, 45)},
        )),
        step(after(90), "Doreen Pohl", accept()),
        worked(after(40), "Tobias Brandt", 31, "Doppelte Umsätze eingegrenzt und zurückgenommen"),
        then("Tobias Brandt", note("Beim Nachstellen fällt auf: Die Prüfung auf doppelte Dateien greift nicht, wenn der Auszug über Mitternacht reicht. Das sieht nach einem Programmfehler aus.")),
        step(day_after("08:40"), "Tobias Brandt", report_defect("Die Prüfung auf doppelt eingelesene Dateien versagt bei Auszügen, die über Mitternacht reichen. Das ist ein Programmfehler; die Bereinigung kostet Sie nichts.")),
        step(after(8), "Tobias Brandt", resolve("Die 14 doppelten Umsätze sind zurückgenommen. Ursache war ein Fehler in der Prüfung, er ist in der nächsten Version behoben. Der Kostenhinweis ist damit gegenstandslos, Sie zahlen nichts.", "defect_fixed")),
        step(after(70), "Doreen Pohl", rate(5, "Sehr anständig, dass Sie das von sich aus gesagt haben.")),
    ),
)  # fmt: skip

LAPSED = Story(
    by="Ralf Hennig", when=days_ago(17, "10:20"), area="Installation und System", kind="install", impact="minor",
    title="Umzug von PowerHaus auf einen neuen Server",
    text="Im ersten Quartal {folgejahr} bekommen wir einen neuen Server. Können Sie den Umzug von PowerHaus begleiten, und was würde das kosten?",
    steps=(
        step(after(100), "Tobias Brandt", cost_notice(
            "CHG-INST-SERVER", "Gewünscht ist die Begleitung eines Umzugs auf einen neuen Server.",
            offer={"estimate": (120, 180)},
        )),
    ),
)  # fmt: skip

LETTERS = Story(
    by="Petra Sommer", when=days_ago(15, "13:05"), area="Mahnwesen", kind="config",
    title="Mahntexte auf neue Bankverbindung umstellen",
    text="Zum {folgemonat} wechseln wir die Hausbank. In allen fünf Mahntexten und zwei Serienbriefen steht noch die alte IBAN. Bitte stellen Sie die Vorlagen um, die neue Bankverbindung liegt bei.",
    files=(sample("Bankverbindung_neu.pdf", "Hausverwaltung Lindenhof GmbH", "Neue Bankverbindung ab dem naechsten Monat", "IBAN DE00 0000 0000 0000 0000 00 (Beispiel)", "Gueltig fuer alle Objekte"),),
    steps=(
        step(after(60), "Selin Aydın", cost_notice("CHG-CONF", "Gewünscht ist die Umstellung von sieben Vorlagen nach Ihren Angaben.", offer={"estimate": (90, 120)})),
        step(after(14), "Selin Aydın", withdraw_offer()),
        then("Selin Aydın", note("Schätzung zu hoch: Die Bankverbindung steht seit 8.4 in einem Baustein, nicht in jeder Vorlage.")),
        step(after(4), "Selin Aydın", send_offer(estimate=(30, 45), scope="Baustein „Bankverbindung“ ändern, sieben Vorlagen prüfen, ein Probedruck je Vorlage.")),
        then("Selin Aydın", say("Guten Tag, Frau Sommer. Den ersten Kostenhinweis habe ich zurückgezogen: Ihre Vorlagen nutzen den gemeinsamen Baustein, das geht schneller. Der neue Hinweis nennt die kürzere Schätzung.")),
        step(day_after("08:20"), "Petra Sommer", accept(order="LH-2260")),
        worked(after(50), "Selin Aydın", 37, "Baustein geändert, Vorlagen geprüft, Probedrucke"),
        step(after(3), "Selin Aydın", resolve("Der Baustein „Bankverbindung“ ist geändert, alle sieben Vorlagen drucken die neue IBAN. Die Probedrucke liegen bei den Vorlagen.", "commissioned_done")),
        step(day_after("11:15"), "Petra Sommer", rate(5)),
    ),
)  # fmt: skip

WALLBOXES = Story(
    by="Petra Sommer", when=sundays_ago(2, "06:38"), area="Betriebskosten", kind="config",
    title="Verteilerschlüssel für die neuen Ladesäulen anlegen",
    text="In der Tiefgarage Lindenallee 8–14 laufen seit {vormonat} zwölf Ladesäulen. Die Stromkosten sollen nach Zählerstand verteilt werden, die Grundgebühr nach Stellplätzen. Dafür brauchen wir zwei neue Verteilerschlüssel samt Probeabrechnung.",
    files=(sample("Zaehler_Tiefgarage.csv", "Stellplatz;Zähler;Stand", "T01;LS-4401;118,4", "T02;LS-4402;0,0", "T03;LS-4403;231,9"),),
    steps=(
        step(day_after("08:55"), "Tobias Brandt", cost_notice("CHG-CONF", "Gewünscht sind zwei neue Verteilerschlüssel nach Ihren Vorgaben.", offer={"estimate": (45, 60), "cap_minutes": 60})),
        step(day_after("08:15"), "Petra Sommer", accept(order="LH-2266")),
        worked(day_after("08:45"), "Tobias Brandt", 38, "Schlüssel nach Stellplätzen angelegt, Probeabrechnung"),
        worked(after(26), "Tobias Brandt", 24, "Schlüssel nach Zählerstand begonnen, Zählerwechsel gefunden"),
        step(after(6), "Tobias Brandt", send_offer(estimate=(30, 45), scope="Zählerwechsel der Ladesäulen T02 und T07 nachtragen, Schlüssel nach Zählerstand fertigstellen, zweite Probeabrechnung.")),
        then("Tobias Brandt", say("Guten Morgen, Frau Sommer. Zwei Zähler wurden zwischendurch getauscht, deshalb passt die Summe nicht. Die Obergrenze ist erreicht, ich halte hier an. Der neue Kostenhinweis nennt, was noch fehlt.")),
    ),
)  # fmt: skip

REPORT = Story(
    by="Ralf Hennig", when=days_ago(5, "09:50"), area="Auswertungen", kind="unsure", impact="minor",
    title="Eigene Auswertung zum Leerstand nach Baujahr",
    text="Der Aufsichtsrat möchte den Leerstand nach Baujahr und Wohnungsgröße sehen. Mit den vorhandenen Auswertungen bekommen wir das nicht hin. Können Sie uns so etwas bauen?",
    steps=(
        step(after(80), "Miriam Lorenz", cost_notice(
            "CHG-OTHER", "Gewünscht ist eine eigene Auswertung, die es im Programm so nicht gibt.",
            offer={"estimate": (90, 120), "scope": "Auswertung „Leerstand nach Baujahr und Größe“ nach Ihrem Muster, Ausgabe als Tabelle.", "exclusions": "Grafiken, laufende Pflege."},
        )),
        step(day_after("14:20"), "Ralf Hennig", counter("Die Größe brauchen wir nicht, nur das Baujahr in vier Gruppen. Geht das für höchstens 200 Euro?", net="200.00")),
    ),
)  # fmt: skip

INTRODUCTION = Story(
    by="Aylin Kaya", when=days_ago(4, "11:10"), area="WEG-Verwaltung", kind="training", impact="minor",
    title="Wie funktioniert die Jahresabrechnung WEG grundsätzlich?",
    text="Ich übernehme zum {folgemonat} drei Eigentümergemeinschaften und kenne bisher nur die Mietenbuchhaltung. Könnten Sie mir zeigen, wie die Jahresabrechnung in PowerHaus aufgebaut ist, vom Wirtschaftsplan bis zur Einzelabrechnung?",
    steps=(
        step(after(65), "Miriam Lorenz", cost_notice("CHG-TRAIN-BASIC", "", training="no", offer={"estimate": (60, 90)})),
        step(after(40), "Aylin Kaya", accept_in_vain()),
        step(after(2), "Aylin Kaya", pass_on("Jonas Weber", "Herr Weber, könnten Sie das bitte entscheiden? Ich darf es nicht selbst beauftragen.")),
    ),
)  # fmt: skip

CLIENTS = Story(
    by="Petra Sommer", when=days_ago(2, "13:20"), area="Installation und System", kind="install", needed_in=6,
    title="PowerHaus auf zwei neuen Arbeitsplätzen installieren",
    text="Am {wochentag3} kommen zwei neue Rechner für die Buchhaltung. Bitte installieren Sie PowerHaus dort wie auf den anderen Plätzen. Unsere IT ist an dem Tag ab 9 Uhr erreichbar.",
    steps=(
        step(after(25), "Selin Aydın", begin_review()),
        step(after(20), "Selin Aydın", cost_notice("CHG-INST-CLIENT", "Gewünscht ist die Installation auf zwei Arbeitsplätzen.", offer={"estimate": (45, 45), "cap_minutes": 60})),
    ),
)  # fmt: skip

DUPLICATES = Story(
    by="Ralf Hennig", when=days_ago(3, "08:30"), area="Stammdaten", kind="data", impact="minor",
    title="Doppelt angelegte Personen zusammenführen",
    text="Beim Abgleich mit der Mitgliederliste haben wir 23 Personen gefunden, die zweimal angelegt sind. Die Liste liegt bei. Lassen sich die zusammenführen, ohne dass Verträge verloren gehen?",
    files=(sample("Personen_doppelt.csv", "Nummer;bleibt;entfällt", "1;P-1042;P-3310", "2;P-1077;P-3318", "3;P-1101;P-3325"),),
    steps=(
        worked(after(70), "Miriam Lorenz", 11, "Stichprobe der Liste geprüft", purpose="triage"),
        step(after(2), "Miriam Lorenz", publish("CHG-DATA-OTHER", "Die Personen wurden bei der Übernahme der Mitgliederliste ein zweites Mal angelegt.", cause="improper_use", next_step="Sobald feststeht, wie viele Verträge betroffen sind, erhalten Sie einen Kostenhinweis.")),
        step(after(3), "Miriam Lorenz", say("Guten Morgen, Herr Hennig. Ja, das geht, und Verträge bleiben erhalten. Bevor ich eine Schätzung nenne, zähle ich die betroffenen Verträge. Bis dahin entstehen keine Kosten.")),
    ),
)  # fmt: skip

STORIES = (NEW_STAFF, BRANCH, IMPORT, LAPSED, LETTERS, WALLBOXES, REPORT, INTRODUCTION, CLIENTS, DUPLICATES)

"""What is on the desks now: work in progress, questions to customers, new requests and the decision of the day."""

from klarfall.demo.acts import (
    accept,
    answer_covered,
    ask_coverage,
    ask_to_look,
    begin_review,
    cancel,
    cost_notice,
    end_look,
    let_look,
    look,
    note,
    publish,
    reopen,
    resolve,
    restore,
    say,
    start_timer,
    worked,
)
from klarfall.demo.files import sample
from klarfall.demo.schedule import after, day_after, days_ago, just_now, minutes_ago, sundays_ago
from klarfall.demo.script import Story, step, then

#: The number of the request that the pictures of the design show.
MAIN_NUMBER = 1837

TWICE = Story(
    by="Petra Sommer", when=minutes_ago(64), area="Mietenbuchhaltung", kind="data", needed_in=2, number=MAIN_NUMBER,
    title="Doppelte Sollstellung {vormonat} bereinigen",
    text="Der Sollstellungslauf {vormonat} wurde am {vor4} versehentlich zweimal gestartet. Im Objekt 114 (Lindenallee 8–14) haben jetzt 38 Mietverträge zwei Sollbuchungen. Wir möchten den zweiten Lauf zurücknehmen, bevor am {wochentag2} der Lastschriftlauf startet.",
    tried="Sollliste je Vertrag aufgerufen, dort steht {vormonat} doppelt.",
    files=(
        sample("Laufprotokoll_Soll_{vormonat}.pdf", "Laufprotokoll Sollstellung", "Objekt 114, Lindenallee 8-14", "", "{vor4} 14:03  Start von Hand, Benutzer PSOMMER   38 Verträge", "{vor4} 14:07  Start von Hand, Benutzer AKAYA     38 Verträge", "", "Hinweis 14:07: Im selben Monat wurde bereits ein Lauf gebucht.", "Rückfrage bestätigt: Ja"),
        sample("Bildschirmfoto.png", "Sollliste je Vertrag - Objekt 114", "Vertrag 114-0201   Soll {vormonat}   612,00", "Vertrag 114-0201   Soll {vormonat}   612,00", "Vertrag 114-0202   Soll {vormonat}   587,50", "Vertrag 114-0202   Soll {vormonat}   587,50"),
    ),
    steps=(
        step(after(9), "Selin Aydın", note("Vor zwei Monaten gab es den gleichen Fall in Objekt 92. Damals B 2.1, Zustimmung nach 40 Minuten. Die Rücknahme über den Testmandanten hat gut funktioniert.")),
        step(after(4), "Tobias Brandt", begin_review()),
        step(after(6), "Tobias Brandt", say("Guten Tag, Frau Sommer. Das Protokoll zeigt zwei Starts im Abstand von vier Minuten, beide von Hand ausgelöst. Die Rücknahme ist eine Datenbereinigung und damit nicht im Wartungsvertrag enthalten.\n\nMit dem Artikel „Sollstellungslauf zurücknehmen“ können Sie die Rücknahme auch selbst und ohne Kosten erledigen. Bei 38 Verträgen dauert das erfahrungsgemäß etwa eine Stunde.")),
        step(after(1), "Tobias Brandt", cost_notice(
            "CHG-DATA-POST", "Das Laufprotokoll zeigt zwei Starts von Hand um 14:03 und 14:07 Uhr.",
            cause="improper_use", training="yes", next_step="Nach Ihrem Auftrag beginnen wir innerhalb von zwei Servicestunden. Ohne Entscheidung ruht die Anfrage.",
            offer={
                "estimate": (60, 90), "cap_minutes": 120,
                "scope": "Buchungen des zweiten Laufs vom {vor4}, 14:07 Uhr, eingrenzen: Objekt 114, 38 Mietverträge.\nRücknahme zuerst im Testmandanten, Sie prüfen die Liste.\nNach Ihrem Einverständnis Rücknahme im Echtmandanten per Fernwartung.\nAbgleich der offenen Posten und Protokoll für Ihre Unterlagen.",
                "exclusions": "Prüfung anderer Objekte, Korrektur bereits versandter Schreiben, steuerliche Bewertung.",
            },
        )),
    ),
)  # fmt: skip

# --- In progress ----------------------------------------------------------------------------------------------------
RERUN = Story(
    by="Jonas Weber", when=days_ago(2, "10:30"), area="Finanzbuchhaltung", kind="data",
    title="Falsch zugeordnete Zahlungseingänge Objekt 77",
    text="Beim Zahlungseingang vom {vor2} wurden 26 Zahlungen dem Vormieter zugeordnet. Die Zuordnung haben wir in einem Zug von Hand bestätigt. Können Sie das gesammelt umbuchen?",
    steps=(
        worked(after(35), "Miriam Lorenz", 12, "Zuordnungsliste gesichtet", purpose="triage"),
        step(after(2), "Miriam Lorenz", cost_notice("CHG-DATA-POST", "Die Zuordnung wurde gesammelt von Hand bestätigt.", cause="improper_use", training="unknown", offer={"estimate": (60, 90), "cap_minutes": 120})),
        step(day_after("09:10"), "Jonas Weber", accept(order="LH-2271")),
        worked(after(70), "Miriam Lorenz", 42, "Umbuchungen vorbereitet, Probelauf im Testmandanten"),
        step(after(2), "Miriam Lorenz", say("Guten Tag, Herr Weber. Der Probelauf ist ohne Abweichung. Ich buche jetzt im Echtmandanten um und melde mich, sobald die offenen Posten stimmen.")),
        step(just_now(25), "Miriam Lorenz", start_timer("Umbuchungen im Echtmandanten")),
    ),
)  # fmt: skip

PAYMENT_RUN = Story(
    by="Ralf Hennig", taken_by="Selin Aydın", when=days_ago(4, "08:25"), area="Zahlungsverkehr", kind="acute", impact="blocked",
    channel="phone", title="Zahlungslauf bricht mit „Konto gesperrt“ ab",
    text="Anruf von Herrn Hennig: Der Zahlungslauf an die Handwerksbetriebe bricht mit „Konto gesperrt (Kreditor 70214)“ ab. Der Kreditor ist nicht gesperrt. Es hängen 41 Rechnungen daran, drei mit Skonto bis {wochentag1}.",
    steps=(
        step(after(12), "Selin Aydın", publish("COV-ACUTE", "Der Zahlungslauf bricht ab, obwohl der Kreditor frei ist.", by_call=True, call_note="Stammdaten gemeinsam geöffnet: Kreditor 70214 ist nicht gesperrt.")),
        step(after(1), "Selin Aydın", ask_to_look("Zahlungslauf gemeinsam ansehen", "481 220 937")),
        step(after(1), "Ralf Hennig", let_look()),
        step(after(4), "Selin Aydın", look()),
        step(after(28), "Selin Aydın", end_look("Fernwartung: gesperrtes Unterkonto gefunden")),
        step(after(3), "Selin Aydın", restore("Kreditor 70214 aus dem Lauf nehmen und einzeln zahlen; die übrigen 40 Rechnungen laufen durch.")),
        then("Selin Aydın", say("Guten Morgen, Herr Hennig. Mit dem Umweg können Sie zahlen, auch die drei Rechnungen mit Skonto. Warum ein freier Kreditor als gesperrt gilt, klären wir weiter; das ist im Vertrag enthalten.")),
        step(after(60), "Ralf Hennig", say("Lauf ist durch, danke. Bitte trotzdem dranbleiben, der nächste ist in zwei Wochen.")),
        step(after(15), "Selin Aydın", say("Das freut mich, Herr Hennig. Ich bleibe dran und melde mich vor dem nächsten Lauf mit der Ursache.")),
        step(day_after("10:40"), "Selin Aydın", note("Spur: Die Sperre hängt an einem Unterkonto, das bei der Zusammenlegung zweier Kreditoren übrig blieb. Frage an die Entwicklung gestellt.")),
    ),
)  # fmt: skip

COURTYARD = Story(
    by="Petra Sommer", when=days_ago(5, "10:40"), area="WEG-Verwaltung", kind="acute",
    title="Guthaben fehlen in der Einzelabrechnung WEG Parkstraße",
    text="In den Einzelabrechnungen der WEG Parkstraße 3 fehlen bei vier Einheiten die Guthaben aus dem Vorjahr. In der Gesamtabrechnung stimmen die Summen.",
    files=(sample("Einzelabrechnung_Einheit_07.pdf", "WEG Parkstrasse 3, Einheit 07", "Abrechnungsspitze          212,40", "Guthaben Vorjahr             0,00", "erwartet                   148,15"),),
    steps=(
        worked(after(40), "Tobias Brandt", 9, "Abrechnungen verglichen", purpose="triage"),
        step(after(2), "Tobias Brandt", publish("COV-USE", "Die Einzelabrechnung zeigt trotz richtiger Buchungen kein Guthaben.", training="yes")),
        step(after(3), "Tobias Brandt", say("Guten Tag, Frau Sommer. Wurden die vier Einheiten im Abrechnungsjahr verkauft? Wenn ja, nennen Sie mir bitte das Datum des Übergangs je Einheit. Davon hängt ab, wem das Programm das Guthaben zuordnet.", asks=True)),
        step(after(2), "Tobias Brandt", ask_to_look("Übergang der vier Einheiten gemeinsam ansehen", "730 118 426")),
    ),
)  # fmt: skip

RIGHTS = Story(
    by="Aylin Kaya", when=sundays_ago(2, "03:04"), area="Stammdaten", kind="question", confidential=True,
    title="Wer hat die Bankdaten einer Mieterin geändert?",
    text="Bei einer Mieterin wurde die Bankverbindung geändert, ohne dass sie es beauftragt hat. Ich möchte wissen, wer das wann getan hat, bevor ich im Haus darüber spreche. Bitte behandeln Sie die Anfrage vertraulich.",
    steps=(
        step(day_after("08:20"), "Katrin Vogt", begin_review()),
        then("Katrin Vogt", publish("COV-QUESTION", "Sie fragen nach einem bestimmten Vorgang: der Änderung einer Bankverbindung.")),
        step(after(3), "Katrin Vogt", say("Guten Morgen, Frau Kaya. Ihre Anfrage sehen nur Sie, Personen mit Kostenfreigabe und die Verwaltung Ihres Unternehmens. Das Änderungsprotokoll finden Sie unter Stammdaten › Personen › Verlauf. Öffnen Sie dort bitte nur den Eintrag „Bankverbindung“ und nennen Sie mir die Vorgangsnummer, keine Namen.")),
        then("Katrin Vogt", note("Nur telefonisch weiter, falls Namen fallen. Keine Fernwartung auf Personaldaten.")),
        step(after(90), "Aylin Kaya", say("Die Vorgangsnummer ist 88-20417. Es steht „Sammeländerung“ dabei, keine Person.")),
        step(day_after("08:50"), "Katrin Vogt", say("Guten Morgen, Frau Kaya. Eine Sammeländerung entsteht beim Einlesen einer Datei, nicht durch eine einzelne Person. Welche Datei das war, sucht die Entwicklung anhand der Vorgangsnummer heraus. Ich melde mich mit dem Ergebnis; bis dahin bleibt die Anfrage vertraulich.")),
    ),
)  # fmt: skip

CARRY_OVER = Story(
    by="Doreen Pohl", when=days_ago(8, "13:15"), area="Auswertungen", kind="question",
    title="Rückstandsliste zeigt bezahlte Mieten",
    text="Die Rückstandsliste zum Monatsende enthält 19 Mieten, die am Ersten bezahlt wurden. In den Konten sind sie ausgeglichen.",
    steps=(
        step(day_after("09:35"), "Selin Aydın", answer_covered(
            "COV-USE", "Die Auswertung zeigt trotz ausgeglichener Konten Rückstände.",
            "Guten Tag, Frau Pohl. Die Liste rechnet bis zum Stichtag, nicht bis heute. Stellen Sie den Stichtag auf den Tag nach dem Zahlungseingang, dann verschwinden die 19 Mieten.",
            "use_clarified",
        )),
        step(day_after("08:15", days=5), "Doreen Pohl", reopen("Mit dem neuen Stichtag fehlen jetzt drei echte Rückstände aus dem Vormonat. Bitte sehen Sie noch einmal nach.")),
        step(after(35), "Selin Aydın", say("Guten Morgen, Frau Pohl. Danke für den Hinweis. Ich prüfe die drei Verträge mit beiden Stichtagen und melde mich mit dem Ergebnis.")),
    ),
)  # fmt: skip

INDEX_RENT = Story(
    by="Malte Jensen", when=days_ago(4, "10:50"), product="wohnwerk", area="Vermietung", kind="acute",
    title="Indexmiete wird nicht fortgeschrieben",
    text="Bei zwölf Verträgen mit Indexmiete steht der alte Wert, obwohl der neue Index seit {vormonat} eingetragen ist. Die Schreiben sollen Ende der Woche hinaus.",
    steps=(
        step(after(60), "Miriam Lorenz", publish("COV-USE", "Die Fortschreibung unterbleibt, obwohl der Index eingetragen ist.", training="unknown")),
        worked(after(40), "Miriam Lorenz", 22, "Fortschreibung nachgestellt"),
        step(after(3), "Miriam Lorenz", resolve("Die Fortschreibung läuft erst, wenn der Index auf „bestätigt“ steht. Nach der Bestätigung unter Vermietung › Indexwerte sind alle zwölf Verträge fortgeschrieben.", "proper_use")),
    ),
)  # fmt: skip

NOT_NEEDED = Story(
    by="Svea Thomsen", when=days_ago(5, "09:10"), product="wohnwerk", area="System", kind="acute",
    title="Wohnung erscheint nicht in der Suche",
    text="Die neu angelegte Wohnung Kaistraße 9, 2. OG links, lässt sich nicht finden, weder über die Adresse noch über die Nummer.",
    steps=(
        step(after(15), "Svea Thomsen", cancel("Hat sich geklärt: Das Objekt war noch als Entwurf gespeichert.")),
    ),
)  # fmt: skip

# --- New and not yet assessed ---------------------------------------------------------------------------------------
WILL_NOT_START = Story(
    by="Ralf Hennig", taken_by="Selin Aydın", when=minutes_ago(152), area="Installation und System", kind="unsure", impact="blocked",
    channel="phone", title="PowerHaus startet nach Windows-Update nicht",
    text="Anruf von Herrn Hennig: An zwei Arbeitsplätzen startet PowerHaus seit dem Windows-Update von heute Nacht nicht mehr. Es erscheint kurz das Startbild, dann nichts. An den anderen Plätzen läuft es.",
    tried="Rechner neu gestartet, Verknüpfung neu angelegt.",
)  # fmt: skip

ARREARS = Story(
    by="Stefan Krüger", when=minutes_ago(222), area="Stammdaten", kind="data", channel="email",
    title="Statusdifferenz Wohnung 0217 nach Auszug",
    text="Guten Tag, die Wohnung 0217 gilt weiter als vermietet, obwohl der Vertrag seit {vormonat} beendet ist. In der Leerstandsliste fehlt sie. Können Sie das richtigstellen?\nMit freundlichen Grüßen\nStefan Krüger",
)  # fmt: skip

REMINDER = Story(
    by="Doreen Pohl", when=minutes_ago(178), area="Mahnwesen", kind="acute",
    title="Mahnstufe bleibt nach Zahlungseingang stehen",
    text="Zwei Mieterinnen haben vollständig gezahlt, stehen aber weiter auf Mahnstufe 2. Wenn ich den Mahnlauf heute starte, bekommen sie ein drittes Schreiben.",
    tried="Zahlung neu zugeordnet, Konto neu geöffnet.",
    files=(sample("Bildschirmfoto_Mahnkonto.png", "Mahnkonto 31-0044", "Offene Posten       0,00 EUR", "Mahnstufe           2", "Letzte Zahlung      gestern"),),
)  # fmt: skip

COVERED_OR_NOT = Story(
    by="Petra Sommer", when=minutes_ago(120), area="Betriebskosten", kind="unsure",
    title="CO₂-Aufteilung erscheint nicht in der Abrechnung",
    text="In der Betriebskostenabrechnung Objekt 61 fehlt die Aufteilung der CO₂-Kosten. Die Emissionen haben wir erfasst. Ich bin nicht sicher, ob das eine Einstellung oder ein Fehler ist.",
    steps=(step(after(20), "Petra Sommer", ask_coverage()),),
)  # fmt: skip

EXPORT = Story(
    by="Ralf Hennig", when=minutes_ago(46), area="Finanzbuchhaltung", kind="acute",
    title="Buchungsexport endet mit Zeitüberschreitung",
    text="Der Buchungsexport für die Steuerberatung endet seit gestern nach zehn Minuten mit „Zeitüberschreitung“. Der Export für einen einzelnen Monat geht, für das Quartal nicht.",
    files=(sample("Exportprotokoll.pdf", "Buchungsexport, Quartal", "Start   08:14:02", "Buchungen gelesen   48.112", "Ende    08:24:02   Zeitüberschreitung"),),
)  # fmt: skip

ARCHIVE = Story(
    by="Jonas Weber", when=minutes_ago(31), partner="archiv-connect", area="Anbindung", kind="config", impact="minor",
    title="Belegarten für Archiv Connect ergänzen",
    text="Wir möchten Wartungsverträge und Protokolle künftig aus PowerHaus direkt in Archiv Connect ablegen. Dafür fehlen uns zwei Belegarten. Wie gehen wir vor?",
)  # fmt: skip

HANDOVER_SHEET = Story(
    by="Malte Jensen", when=minutes_ago(18), product="wohnwerk", area="Vermietung", kind="question", impact="minor",
    title="Zählerstände im Übergabeprotokoll vorbelegen",
    text="Lassen sich im Übergabeprotokoll die letzten Zählerstände vorbelegen? Wir tippen sie bisher ab.",
)  # fmt: skip

STORIES = (
    TWICE, RERUN, PAYMENT_RUN, COURTYARD, RIGHTS, CARRY_OVER, INDEX_RENT, NOT_NEEDED,
    WILL_NOT_START, ARREARS, REMINDER, COVERED_OR_NOT, EXPORT, ARCHIVE, HANDOVER_SHEET,
)  # fmt: skip

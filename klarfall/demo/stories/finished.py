"""Requests of past weeks that are closed by now: covered ones, commissioned ones, one that went on as a new one."""

from klarfall.demo.acts import (
    accept,
    accept_by_phone,
    answer_covered,
    consent,
    cost_notice,
    decline,
    follow_up,
    grant,
    note,
    publish,
    rate,
    report_defect,
    resolve,
    restore,
    say,
    worked,
)
from klarfall.demo.files import sample
from klarfall.demo.schedule import after, day_after, days_ago, sundays_ago
from klarfall.demo.script import Story, step, then

INSTALMENTS = Story(
    by="Petra Sommer", when=days_ago(47, "08:20"), area="Mahnwesen", kind="acute",
    title="Mahnlauf überspringt Mieter:innen mit Ratenplan",
    text="Beim Mahnlauf am {vor1} wurden vier Verträge in Objekt 92 nicht gemahnt, obwohl dort seit {vorvormonat} Raten offen sind. Alle vier haben einen Ratenplan. In der Vorschau erscheinen sie, im Lauf nicht mehr.",
    tried="Vorschau zweimal neu aufgebaut, Mahnstufen geprüft.",
    files=(sample("Mahnvorschau.csv", "Vertrag;Mieter:in;offen;Mahnstufe", "92-0107;(geschwärzt);412,00;1", "92-0112;(geschwärzt);388,50;1", "92-0119;(geschwärzt);401,20;2", "92-0123;(geschwärzt);395,00;1"),),
    steps=(
        worked(after(34), "Selin Aydın", 8, "Vorschau und Ratenpläne verglichen", purpose="triage"),
        then("Selin Aydın", answer_covered(
            "COV-USE", "Der Mahnlauf übergeht Verträge mit Ratenplan, obwohl eine Rate überfällig ist.",
            "Guten Morgen, Frau Sommer. Ein Ratenplan setzt eine Mahnsperre bis zum letzten Ratentermin. Bleibt eine Rate aus, stellen Sie den Plan unter Mahnwesen › Ratenpläne auf „nicht eingehalten“. Im nächsten Lauf sind die vier Verträge wieder dabei. Im Testmandanten habe ich das mit Ihren Vertragsnummern geprüft.",
            "use_clarified", training="yes",
        )),
        step(day_after("09:12"), "Petra Sommer", rate(5, "Genau die Auskunft, die gefehlt hat.")),
    ),
)  # fmt: skip

MANDATE = Story(
    by="Ralf Hennig", taken_by="Miriam Lorenz", when=days_ago(46, "08:12"), area="Zahlungsverkehr", kind="acute",
    impact="blocked", channel="phone",
    title="Lastschriftlauf bricht ab: „Mandat nicht gefunden“",
    text="Anruf von Herrn Hennig: Der Lastschriftlauf für {folgemonat} bricht nach 212 von 640 Verträgen ab. Meldung: „Mandat nicht gefunden (Vertrag 114-0231)“. Das Mandat ist im Vertrag hinterlegt und gültig. Der Lauf muss am {wochentag2} zur Bank.",
    tried="Lauf einmal neu gestartet, bricht an derselben Stelle ab.",
    steps=(
        step(after(6), "Miriam Lorenz", publish(
            "COV-ACUTE", "Der Lastschriftlauf bricht ab, obwohl das Mandat richtig hinterlegt ist.",
            by_call=True, call_note="Am Telefon gemeinsam nachgesehen: Das Mandat 114-0231 ist gültig und dem Vertrag zugeordnet.",
            next_step="Wir sehen uns den Lauf gleich per Fernwartung an.",
        )),
        step(after(3), "Miriam Lorenz", consent("Lastschriftlauf ansehen, keine Änderung ohne Rücksprache")),
        worked(after(26), "Miriam Lorenz", 24, "Fernwartung: Mandate und Gläubiger-ID geprüft", channel="remote"),
        then("Miriam Lorenz", note("Mandate liegen auf der alten Gläubiger-ID. Seit 8.4 sucht der Lauf nur unter der neuen. An die Entwicklung gemeldet.")),
        step(after(20), "Miriam Lorenz", restore("Die 17 Mandate über Zahlungsverkehr › Mandate › Prüfliste der neuen Gläubiger-ID zuordnen, danach läuft der Einzug durch.")),
        step(after(2), "Miriam Lorenz", say("Guten Tag, Herr Hennig. Die 17 Mandate der alten Gläubiger-ID stehen jetzt in der Prüfliste. Nach der Zuordnung läuft der Einzug durch, der Testlauf war fehlerfrei. Das nächste Update ordnet sie von selbst zu; dann melde ich mich noch einmal.")),
        step(day_after("09:05"), "Ralf Hennig", say("Danke, der Lauf ist gestern Abend durchgelaufen und bei der Bank.")),
        step(day_after("10:30", days=6), "Miriam Lorenz", resolve("Das Update 8.4.1 sucht Mandate unter alter und neuer Gläubiger-ID. Die Zuordnung von Hand ist damit nicht mehr nötig.", "defect_fixed")),
        step(day_after("15:40"), "Ralf Hennig", rate(5)),
    ),
)  # fmt: skip

DOUBLE_RUN = Story(
    by="Petra Sommer", when=days_ago(44, "09:02"), area="Mietenbuchhaltung", kind="data", tickets=2,
    title="Doppelte Sollstellung in Objekt 92",
    text="In Objekt 92 stehen für {vormonat} alle Sollbuchungen zweimal. Der Lauf wurde beim Einarbeiten einer Kollegin ein zweites Mal gebucht. Es sind 11 Verträge, Zahlungen sind noch nicht zugeordnet.",
    steps=(
        worked(after(25), "Tobias Brandt", 12, "Laufprotokoll gesichtet", purpose="triage"),
        step(after(4), "Tobias Brandt", cost_notice(
            "CHG-DATA-POST", "Im Laufprotokoll stehen zwei Starts von Hand am selben Vormittag; der zweite hat die Buchungen erzeugt.",
            cause="improper_use", training="yes", offer={"estimate": (60, 90)},
        )),
        step(after(40), "Petra Sommer", accept(cap=60, order="LH-2214", comment="Bitte nur bis zur Stunde.")),
        worked(after(35), "Tobias Brandt", 22, "Buchungen des zweiten Laufs eingegrenzt, Probelauf im Testmandanten"),
        step(after(3), "Tobias Brandt", say("Guten Tag, Frau Sommer. Die Liste der 11 Verträge liegt bei. Stimmt sie, nehme ich den Lauf im Echtmandanten zurück.", sample("Ruecknahme_Objekt_92.csv", "Vertrag;Buchung;Betrag", "92-0101;Soll {vormonat};512,00", "92-0102;Soll {vormonat};487,30", "92-0103;Soll {vormonat};530,00"), asks=True)),
        step(after(30), "Petra Sommer", say("Die Liste stimmt. Bitte zurücknehmen.")),
        worked(after(25), "Tobias Brandt", 18, "Rücknahme im Echtmandanten, offene Posten abgeglichen"),
        step(after(5), "Tobias Brandt", resolve("Der zweite Lauf ist zurückgenommen, die offenen Posten sind abgeglichen. 40 Minuten waren nötig, abgerechnet werden 45. Das Protokoll liegt unter den Dokumenten des Objekts.", "commissioned_done")),
        then("Tobias Brandt", grant(5, "Den Probelauf hätten wir kürzer halten können; die Aufrundung übernehmen wir.")),
        step(day_after("08:50"), "Petra Sommer", rate(4)),
        step(day_after("10:05", days=16), "Petra Sommer", follow_up("Guten Tag, unsere Prüferin fragt nach dem Protokoll der Rücknahme. Unter den Dokumenten von Objekt 92 finde ich nur das vom ersten Lauf. Wo muss ich suchen?")),
        worked(after(32), "Selin Aydın", 5, "Ablage des Protokolls nachgesehen", purpose="triage"),
        then("Selin Aydın", answer_covered(
            "COV-QUESTION", "Sie fragen, wo ein bestimmtes Protokoll abgelegt ist.",
            "Guten Tag, Frau Sommer. Das Protokoll der Rücknahme hängt am Lauf, nicht am Objekt: Mietenbuchhaltung › Sollstellung › Laufprotokoll, dort den Lauf mit dem Vermerk „zurückgenommen“ öffnen. Ich habe es zusätzlich hier angehängt.",
            "use_clarified", sample("Protokoll_Ruecknahme.pdf", "Protokoll der Ruecknahme", "Lauf: Sollstellung, Objekt 92, 11 Vertraege", "Status: zurueckgenommen, vollstaendig", "Offene Posten nach Abgleich: 0,00 EUR Differenz"),
            training="yes",
        )),
    ),
)  # fmt: skip

MOVING = Story(
    by="Malte Jensen", when=days_ago(40, "10:15"), product="wohnwerk", area="Vermietung", kind="question",
    title="Mietvertrag lässt sich nach Wohnungstausch nicht abschließen",
    text="Zwei Mietparteien in der Holtenauer Straße 40 haben die Wohnungen getauscht. Beim Abschluss des neuen Vertrags meldet Wohnwerk „Einheit belegt bis 31.12.“. Der alte Vertrag ist zum Monatsende beendet.",
    steps=(
        step(after(70), "Selin Aydın", publish("COV-QUESTION", "Sie fragen nach einem bestimmten Vorgang: dem Tausch zweier Wohnungen.", training="unknown", next_step="Wir prüfen die Reihenfolge der beiden Abschlüsse.")),
        step(after(2), "Selin Aydın", say("Guten Tag, Herr Jensen. Ist bei beiden alten Verträgen schon die Übergabe gebucht, oder nur bei einem?", asks=True)),
        step(day_after("09:20"), "Malte Jensen", say("Nur bei einem. Beim zweiten war die Übergabe für heute geplant.")),
        worked(after(50), "Selin Aydın", 16, "Ablauf im Testsystem nachgestellt"),
        step(after(4), "Selin Aydın", resolve("Buchen Sie zuerst beide Übergaben, dann beide Abschlüsse. Solange eine Übergabe fehlt, bleibt die Einheit bis zum Jahresende belegt. Im Testsystem ließ sich der Tausch so abschließen.", "use_clarified")),
        step(day_after("13:30"), "Malte Jensen", rate(4, "Gut erklärt. Ein Hinweis im Programm wäre schön.")),
    ),
)  # fmt: skip

LIFT_KEY = Story(
    by="Jonas Weber", when=sundays_ago(8, "03:12"), area="Betriebskosten", kind="config", impact="minor",
    title="Verteilerschlüssel nach Nutzergruppen umstellen",
    text="Wir überlegen, die Müllkosten in der Lindenallee künftig nach Nutzergruppen zu verteilen. Können Sie uns den Schlüssel anlegen? Es eilt nicht, ich schreibe das nur auf, solange ich daran denke.",
    steps=(
        step(day_after("09:40"), "Tobias Brandt", cost_notice(
            "CHG-CONF", "Gewünscht ist ein neuer Verteilerschlüssel nach Ihren Vorgaben.",
            offer={"estimate": (45, 60), "scope": "Schlüssel nach drei Nutzergruppen anlegen, Probe an der Lindenallee 8, kurze Beschreibung für Ihre Unterlagen."},
        )),
        step(day_after("08:25"), "Jonas Weber", decline("Die Eigentümer haben sich dagegen entschieden. Danke für die schnelle Antwort.")),
    ),
)  # fmt: skip

LABELS = Story(
    by="Doreen Pohl", taken_by="Tobias Brandt", when=days_ago(37, "11:05"), area="Installation und System", kind="install",
    channel="phone", title="Etikettendrucker druckt Objektetiketten versetzt",
    text="Anruf von Frau Pohl: Seit dem Umzug des Druckers in den Flur druckt er die Objektetiketten um eine halbe Zeile versetzt. Aus der Textverarbeitung druckt er ebenfalls versetzt.",
    tried="Neue Etikettenrolle eingelegt, Drucker neu gestartet.",
    steps=(
        worked(after(12), "Tobias Brandt", 9, "Am Telefon eingegrenzt: auch andere Programme betroffen", purpose="triage", channel="phone"),
        step(after(1), "Tobias Brandt", cost_notice(
            "CHG-INFRA-HW", "Der Versatz tritt auch in anderen Programmen auf; die Ursache liegt am Drucker.", cause="infrastructure",
            by_call=True, call_note="Testseite aus der Textverarbeitung ist ebenso versetzt wie die Etiketten.",
            offer={"estimate": (30, 45)},
        )),
        step(after(15), "Tobias Brandt", accept_by_phone("Doreen Pohl")),
        worked(after(28), "Tobias Brandt", 26, "Papierführung und Seitenlänge gemeinsam eingestellt", channel="phone"),
        step(after(2), "Tobias Brandt", resolve("Die Seitenlänge im Drucker stand auf 30 statt 36 mm. Nach der Einstellung sitzt der Druck. Wir haben sie gemeinsam im Gerät gespeichert.", "commissioned_done")),
        step(days_ago(1, "14:10"), "Tobias Brandt", report_defect("PowerHaus gibt diesem Druckertyp seit 8.4 eine falsche Seitenlänge mit. Das hat sich bei einem zweiten Kunden gezeigt; die Einstellung am Gerät war deshalb nötig und kostet Sie nichts.")),
    ),
)  # fmt: skip

ADDRESSES = Story(
    by="Svea Thomsen", when=days_ago(34, "14:10"), product="wohnwerk", area="Instandhaltung", kind="unsure", impact="minor",
    title="Tabellenvorlage für Handwerkerliste rechnet falsch",
    text="Wir führen die Handwerkertermine in einer eigenen Tabelle und kopieren die Adressen aus Wohnwerk. Seit gestern summiert die Tabelle die Stunden falsch. Können Sie einmal hineinsehen?",
    steps=(
        step(day_after("09:25"), "Miriam Lorenz", publish("NOT-PRODUCT", "Die Tabelle stammt aus Ihrem Haus; die Adressen kommen richtig aus Wohnwerk.", next_step="In Wohnwerk finden Sie unter Instandhaltung › Termine eine eigene Stundensumme.")),
    ),
)  # fmt: skip

STORIES = (INSTALMENTS, MANDATE, DOUBLE_RUN, MOVING, LIFT_KEY, LABELS, ADDRESSES)

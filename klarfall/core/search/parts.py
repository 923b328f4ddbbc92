"""Parts of compounds beyond the word list: words of the domain, short ones, stems of verbs, adjectives."""

from klarfall.core.search.folding import fold

#: Words that compounds of the domain are made of; a split into these is preferred.
_DOMAIN = """
erkennung kappung grenze ablage ablese ablesung abrechnung abschlag abschluss abschreibung abstimmung abteilung abzug
adresse akte aktivierung aktualisierung amt anbieter anfang anfrage angebot anhang anlage anlass anmeldung anpassung
anschluss anschrift antrag antwort anwalt anwender anzahl anzeige arbeit archiv art artikel assistent aufgabe
aufteilung auftrag aufzug ausdruck ausfall ausgabe ausgleich ausgang austausch auswertung auszahlung auszug automatik
bank barriere basis bearbeitung bedarf bedingung befehl beginn beirat beitrag beleg belegung benutzer berater bereich
bericht berechnung berechtigung bescheid bescheinigung beschluss besitz bestand bestellung bestätigung betrag betreff
betrieb betreuer bewegung bezeichnung bild bildschirm bilanz brief buch bucher buchhalter buchhaltung buchung budget
bus code cent daten datei datum dauer deckung dienst dienstleister dienstleistung dialog differenz dokument doppel
druck drucker druckerei ebene eigentum eigentümer eigentümerin einblick einfuhr eingabe eingang einheit einkauf
einladung einnahme einrichtung einstellung einsicht eintrag einzel einzug empfänger ende energie entgelt entnahme
entlastung erfassung erfolg ergebnis erhöhung erinnerung erklärung erlaubnis erlös ermächtigung ersatz erstattung
erstellung ertrag etage fahrstuhl faktor fall fassung fehler feld fenster fertigstellung feuer filter finanz finanzamt
firma fläche folge formel form format forderung formular freigabe frist funktion garage garten gas gebiet gebühr
gebäude geld gemeinde gemeinschaft gericht gesamt gesellschaft gesetz gewerbe gewinn gläubiger grund gruppe grundbuch
guthaben gutschrift gültigkeit haben haftung haupt haus hausmeister hausverwalter hausverwaltung heiz heizung
heizkosten hilfe hinweis hintergrund hochrechnung höhe immobilie import export inhaber inkasso index information
installation instandhaltung instandsetzung interesse jahr kabel kalender kalt kapital kasse kauf kaution kategorie
kenn kennung kennwort kennzahl kennzeichen klasse knopf kontakt konto kontroll kontrolle kontierung konfiguration
kopie kopf korrektur kosten kredit kreditor kreis kriterium kunde kurs kürzel kündigung lage lager last laufwerk
laufzeit lauf leer leerstand leistung leiste leitung lieferant lieferung linie liquidität liste lizenz lohn lösung
lösch mahn mahnung makler mandant mandat mangel maschine maske maßnahme material mehr meister meldung menge menü
merkmal messe meldewesen miet miete mieter mietverhältnis minderung mitarbeiter mittel mitglied modernisierung modul
modus monat monitor muster nachlass nachricht nachtrag nachweis nachzahlung name netto netz neben nebenkosten not
notfall niederschrift nummer nutzer nutzung nutz nutzen objekt obergrenze oberfläche offen ordner ordnung ort partei
partner passwort person personal pfad pfändung pflege pflicht plan planung plattform platz portal position posten post
prämie preis privat probe problem produkt programm projekt protokoll prozent prozess prüf prüfer prüfung prüfziffer
qualität quartal quittung quote rabatt rahmen raten rate raum räumung rechnung rechner recht referenz regel regelung
register reihe reihenfolge reinigung rest rolle rubrik rückgabe rückgang rücklage rücklauf rücklastschrift rücknahme
rückstand rückstellung rückzahlung rückmeldung rück richtlinie rohr ruf sach sachbearbeiter saldo sammel sanierung
satz schaden schaltfläche schein schicht schlüssel schloss schluss schnitt schnittstelle schonung schrift schreiben
schritt schuld schuldner schutz seite selbst sequenz server service sicherheit sicherung signatur sitzung soll sonder
sonst software sollstellung sparte speicher sperre sperr spalte stamm stammdaten stand standort stapel start status
stelle stellung stellplatz steuer steuern stich stimme stimm stimmrecht stichtag störung storno straße strom strecke
struktur stufe stunde such suche summe symbol system tabelle tag teil teilnehmer teilzahlung technik telefon termin
text tilgung titel trennung treuhand treppe treppenhaus turnus typ übergabe überschuss übersicht übertragung übernahme
überweisung überzahlung umbuchung umlage umsatz umstellung umzug unterlage unternehmen unternehmer unterkonto
unterschrift urlaub ursache urteil verbrauch verband verbindung verbindlichkeit verfahren vergabe vergleich vergütung
verhältnis verkauf verkehr verlauf verlust vermerk vermieter vermietung vermögen versand versammlung verschlüsselung
versicherung version verteilung verteiler vertrag vertreter verwalter verwaltung verwendung verweis verzeichnis
verzicht verzug verzinsung voll vollmacht vorauszahlung voranmeldung vorbereitung vordruck vorgang vorgabe vorjahr
vorlage vormonat vorsteuer vorschau vorschlag vorschuss vorsorge vortrag wahl währung warm warte wartung wasser
wechsel weg weiter weiterleitung werk werkzeug wert wieder wiedervorlage wirtschaft wohn wohnfläche wohngeld wohnraum
wohnung wort zahl zahler zahlung zähler zeichen zeit zeile zeitraum zentral zentrale zertifikat ziel ziffer zimmer
zins zubehör zugang zugriff zuordnung zusatz zusammen zustand zuständigkeit zustimmung zuweisung zweck zwischen klick
maus taste tastatur cloud web login internet mail browser update upgrade app scan scanner backup client sicht ansicht
rundung bonität gehalt stopp sperrfrist hebung hebe abgleich fibu rücksetzung rückrechnung stromzähler grundsteuer
müll abfuhr winter hauswart reinigungskraft heim schornstein feger kehr antenne breitband blatt stück papier glasfaser
rauch melder rauchmelder miteigentum legionellen hebeanlage eichung eich funk gerät satzart vorerfassung
"""
#: Never the end of a compound: endings that look like words, and words hidden in others.
_NEVER_HEAD = """
stage stagen ische ischen ischer isches ration rationen haft hafte haften falls eren wegs lung ung heit keit schaft
tion ierung ion tier tiere tieren ei isse nisse ling lein chen tum erin erinnen rinnen innen inne sein igel igkeit
lichkeit barkeit samkeit ente enten ieren ierer ratio rate ratten enge stier stiere niere nieren ende enden ender
reiche reich reicher leiche eisen eis ehre ehren rest ost ester este nist ehe ehen elle ellen elf erle erz erbe erben
ernte erker engel esel egel egge esse essen eber ekel ader adern ahn ahnen aale achse achsen acker affe affen akt alge
algen ampel amsel ass asse asche ast aster ature uhr uhren ulme urne ungen ingen inger tinte tanz tand lang lange
lunge lungen lage lagen rune runen tung zung zunge dung ring ringe ringen rung tor toren torte torten motor ator
atoren same samen bare baren heide ster stern sterne leben lieb liebe leib laib mut muse must muster statten stätten
rad rat räte saal sage sagen see seen sinn ton tone tonne tonnen tau taue tasse tassen tee teer teile teilen teiler
urin ur
"""
#: Stems that stand before another word only, with the family or noun they belong to.
_STEMS = """
gegen gegen, mess messung, nicht nicht, warn warnung, trenn trennung, salden saldo, miet miete, mahn mahnung,
heiz heizung, druck druck, prüf prüfung, lösch löschung, such suche, sammel sammlung, lese lesung, ablese ablesung,
sperr sperre, nutz nutzung, kontroll kontrolle, stimm stimme, wohn wohnen, kenn kennung, rechen rechnen, zahl zahlung,
sach sache, haft haftung, hebe hebung, kehr kehren, eich eichung, schließ schließung, lager lager, sonder sonder,
rechts recht, rück rück, gesamt gesamt, einzel einzel, doppel doppel, zentral zentral, kalt kalt, warm warm,
privat privat, voll voll, sonst sonst, selbst selbst, neben neben, haupt haupt, leer leer, mehr mehr,
zwischen zwischen, web web, soll soll, haben haben, ist ist, mindest mindest, höchst höchst, grund grund, steh steh,
lehr lehr, wasch wasch, ess ess, trink trink, schreib schreiben, fahr fahren, bau bau, finanz finanz, edv edv,
netto netto, brutto brutto, auto auto, online online, offline offline, euro euro, sepa sepa, spar spar,
anlege anlegen, melde meldung, schalt schaltung, start start, erst erst, alt alt, neu neu, groß groß, klein klein,
fest fest, fremd fremd, eigen eigen, frei frei, rest rest, halb halb, viertel viertel, monats monat, jahres jahr,
tages tag, wochen woche, stunden stunde, zeiten zeit, kauf kauf, verkaufs verkauf, lade ladung, speicher speicher,
lauf lauf, warte warten, unter unter, ober ober, außen außen, innen innen, hinter hinter, vorder vorder, kurz kurz,
lang lang, schnell schnell, hoch hoch, tief tief, roh roh, ausgangs ausgang, eingangs eingang, aushilfs aushilfe,
hilfs hilfe, schul schule, boden boden, erd erde, end ende, sicht sicht, zweit zweit, kund kunde, sprach sprache,
pauschal pauschal
"""
#: Adjectives and verbs as the end of a compound.
_HEADS = """
fähig pflichtig frei bezogen genau berechtigt abhängig bedingt gerecht haltig kräftig mäßig müde nah neutral
orientiert reich relevant scharf seitig sicher spezifisch tauglich technisch übergreifend unabhängig verbindlich
verpflichtet weise wertig widrig wirksam würdig begünstigt gebunden getrennt gesteuert weit wirtschaftlich rechtlich
fertig lesbar
"""
#: Compounds that are words of their own today: taken apart they would only confuse (Passwort is no Wort).
_ATOMIC = """
handvoll unterwegs widerspruch unterschrift guthaben handbuch grundbuch festplatte postfach reihenfolge sollstellung
wiederkehrend passwort lastschrift rücklastschrift gutschrift buchhaltung mehrwert haushalt schnittstelle bildschirm
netzwerk unternehmen dienstleistung dienstleister handwerk handwerker grundlage hauptsache werkzeug laufwerk fahrzeug
zeitraum merkmal kennzeichen zeitpunkt vollmacht mitglied gegenstand wirtschaft gesellschaft rücksicht ansprechpartner
hintergrund wochenende stichwort antwort
"""
_SHORT = """
tag weg gas rat amt hof tor bad bau ort art typ maß maus müll pfad öl akt web app abo cpu pdf csv iban bic gut uhr los
rad hut alt neu ist
"""


def _set(text: str) -> frozenset[str]:
    return frozenset(fold(text).split())


STEMS: dict[str, str] = dict(pair.split() for pair in fold(_STEMS).split(","))
DOMAIN = _set(_DOMAIN) - {stem for stem, word in STEMS.items() if stem != word}
HEADS = _set(_HEADS)
NEVER_HEAD = _set(_NEVER_HEAD) - DOMAIN
ATOMIC = _set(_ATOMIC)
SHORT = _set(_SHORT)

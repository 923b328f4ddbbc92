"""Families of verbs: buchen, gebucht, umzubuchen, Buchung share a stem; a table of common verbs, and rules."""

import re
from functools import cache

from klarfall.core.search.folding import fold
from klarfall.core.search.lexicon import lexicon

#: Verbs without a change of vowel. "buch+ung": the family is called buchung; "druck": it is called druck; "miet=miete".
_WEAK = """
gehör kehr leg=lage kennzeichn+ung bereit+ung grenz+ung weich+ung sorg+ung meid+ung beug+ung befrist+ung beding+ung
betreu+ung schränk+ung spiel zeug+ung mittel+ung bild+ung bewahr+ung vernicht+ung verdicht+ung berücksichtig+ung
erlaub=erlaubnis bezieh=bezug befüll+ung belehr+ung berichtig+ung bescheinig+ung fass+ung pass+ung acht+ung änder+ung
antwort arbeit ärger bau beantrag+ung begründ+ung berechtig+ung verbesser+ung bewert+ung blätter brauch buch+ung check
dank dauer deck+ung deut+ung dien dreh druck durchführ+ung eign+ung eil einig+ung end+ung entfern+ung erb
ergänz+ung erhöh+ung erinner+ung erneuer+ung erklär+ung erledig+ung eröffn+ung erweiter+ung fälsch+ung faktur=faktura
fehl anfertig+ung feststell+ung filter find folg forder+ung förder+ung forsch+ung frag=frage führ+ung füg+ung füll+ung
genehmig+ung gestalt+ung glieder+ung gründ+ung gutschreib handl+ung hefte heiz+ung hinder+ung hoff hol hör irr kauf
klär+ung klapp klick kürz+ung kündig+ung lad+ung lager+ung entleer+ung lehn+ung leist+ung leit+ung lern liefer+ung
list lösch+ung lös+ung mach mahn+ung meld+ung merk miet=miete minder+ung misch+ung nenn+ung nutz+ung nütz öffn+ung
ordn+ung pack park passe pfleg=pflege pfänd+ung plan+ung plün prüf+ung rechn+ung regel+ung regist reis richt+ung reich
reiniger reinig+ung rund+ung sag sammel+ung scann=scan schalt+ung schätz+ung schick schütz schlüssel schul+ung
setz+ung sicher+ung send+ung speicher+ung sperr=sperre spar spreng spür stapel start stell+ung ansteuer+ung stimm+ung
stopp=stopp stör+ung streck stunde stund+ung stütz+ung such=suche tausch=tausch teil+ung test tilg+ung tippe trenn+ung
überwach+ung üb+ung verwalt+ung vermiet+ung verwend+ung versicher+ung verteiler verzins+ung verzöger+ung wähl=wahl
wandel+ung wander+ung warn+ung wart+ung wechsel weiger+ung wend+ung wert+ung wirk+ung wohn wunder wünsch=wunsch
zahl+ung zähl+ung zeig zeichn+ung zerleg+ung zins zöger+ung zweifel digitalis veröffentlich+ung ermittel+ung
vermittel+ung überarbeit+ung benachrichtig+ung bestätig+ung beschleunig+ung beseitig+ung beteilig+ung kreuz+ung streu
nähe stopf prob hak klemm lock log=login last+ung knüpf+ung koppel+ung kenn+ung schein frier lüft+ung dämm+ung wisch
putz rüst+ung glätt+ung streik verlänger+ung verschlüssel+ung entschlüssel+ung verkürz+ung verkleiner+ung
vergrößer+ung verknüpf+ung verletz+ung verversand=versand versend=versand verursach+ung mitteil+ung buchstab
beschränk+ung begrenz+ung veranlag+ung veräußer+ung verfolg+ung verhinder+ung vereinbar+ung verpflicht+ung
vervollständig+ung wiederhol+ung zuordn+ung
"""
#: Verbs with a change of vowel: the family, then every stem that occurs.
_STRONG = """
gabe geb gib gab gäb gegeb
nahme nehm nimm nahm nähm nomm genomm
schluss schließ schloss schlöss geschloss schlüss schließung
zug zieh zog zög gezog züg
lauf läuf lief gelauf
fall fäll fiel gefall
gang geh ging gegang gäng
stand steh ständ
haltung halt hält hielt gehalt
trag träg trug trüg getrag
lesung les lies las geles
schreibung schreib schrieb geschrieb
lass läss ließ gelass
weisung weis wies gewies
treff triff traf getroff
tret tritt trat getret
bring brach bracht gebrach
find fand fänd gefund
bleib blieb geblieb
kommen komm kam käm gekomm
wurf werf wirf warf geworf würf
schneid schnitt geschnitt
leihung leih lieh gelieh
reiß riss geriss
schieb schob geschob schub
sprech sprich sprach gesproch
sprung spring sprang gesprung
streich strich gestrich
vergleich verglich
gleich glich geglich
wachs wächs wuchs gewachs
laden läd lud gelad
messung mess miss maß gemess
biet bot gebot
steig stieg gestieg
sink sank gesunk
hang häng hing gehang gehäng gehing
scheidung scheid schied geschied
schreitung schreit schritt geschritt
empfehlung empfehl empfiehl empfahl empfohl
griff greif gegriff
bindung bind band bänd gebund
fahrung fahr fähr fuhr gefahr
sturz stürz gestürz
schwund schwind schwand schwänd geschwund
seh sieh sah gesehen geseh
rufe ruf rief geruf
denk dacht gedach
wissen wiss weiß wusst gewuss
verlust verlier verlor
vergess vergiss vergaß
entscheidung entscheid entschied
empfang empfäng empfing
beginn begann begonn
schlag schläg schlug geschlag
grab gräb grub gegrab
verzeih verzieh
erschein erschien
erhebung erheb erhob
heb hob gehob
brech brich brach gebroch
brenn brannt gebrann
nenn nannt genann
kenn kannt gekann
sendung send sandt gesandt
wend wandt gewandt
"""
#: Words that belong to a family by no rule, or that look as if they belonged to one.
_SINGLE = """
berechtigt berechtigt, berechtigte berechtigt, berechtigten berechtigt, berechtigter berechtigt,
storno stornier, stornos stornier, storni stornier, anlage anlage, anlagen anlage, umlage umlage, umlagen umlage,
umgelegt umlage, umlegen umlage, umzulegen umlage, umlegung umlage, versandt versand, runden rundung,
mietende mietende, email mail, emails mail, mails mail, schaeden schaden, ruecklagen ruecklage, beleg beleg,
belege beleg, belegen beleg, belegs beleg, belegt belegt, rechnen rechnen, rechnet rechnen, gerechnet rechnen,
rechnete rechnen, nachweis nachweis, nachweise nachweis, nachweisen nachweis, ausweis ausweis, hinweis hinweis,
hinweise hinweis, hinweisen hinweis, wahlen wahl, gutschrift gutschrift, gutschriften gutschrift,
gutschreiben gutschrift, gutgeschrieben gutschrift, gutzuschreiben gutschrift, gehalt gehalt, gehalte gehalt,
inhalt inhalt, inhalte inhalt, beleuchtung beleuchtung, heim heim, ertrag ertrag, antrag antrag, antraege antrag,
beantragen antrag, beantragt antrag, auftrag auftrag, beauftragen auftrag, beauftragt auftrag, beauftragung auftrag,
pass pass, passen passen, passt passen, login anmeldung, einloggen anmeldung, eingeloggt anmeldung,
ausloggen abmeldung, ausgeloggt abmeldung, logout abmeldung, eingeloggen anmeldung, gedruckt druck, gebot gebot,
gebote gebot, angebot angebot, angebote angebot, verbot verbot, gefallen gefallen, gefaellt gefallen,
gehalten haltung, gestand gestand, gewahl wahl, abstand abstand, zustand zustand, umstand umstand,
gegenstand gegenstand, vorstand vorstand, besteht bestehen, bestehen bestehen, bestand bestand, verstehen verstehen,
versteht verstehen, verstand verstehen, verstanden verstehen, entstehen entstehen, entsteht entstehen,
entstanden entstehen, verfahren verfahren, rate rate, raten rate, mieten miete, mieter mieter, kosten kosten,
kostet kosten, posten posten, daten daten, akten akte, gelegt legen, legen legen, belegung belegung, zugang zugang,
zugaenge zugang, umgang umgang, vorgang vorgang, vorgaenge vorgang, vorgehen vorgehen, eingehen eingang, gut gut,
leiter leiter, abo abo, einzelnen einzeln, einzelne einzeln, teil teil, teile teil, teilen teil, anteil anteil,
anteile anteil, anteilen anteil, vorteil vorteil, nachteil nachteil, urteil urteil, stelle stelle, stellen stelle,
stunde stunde, stunden stunde, werte wert, werten wert, sichere sicher, sicheren sicher, sicherer sicher,
sicheres sicher, lage lage, lagen lage, zahl zahl, gute gut, guten gut, bau bau, lager lager, lagern lager, ende ende,
enden ende, liste liste, listen liste, seite seite, uebersetzung uebersetzung, anzeige anzeige, anzeigen anzeige,
angezeigt anzeige, anzuzeigen anzeige, anzeigt anzeige, gebuehr gebuehr, gebuehren gebuehr, frage frage, fragen frage,
anfrage anfrage, anfragen anfrage, angefragt anfrage, vertrag vertrag, bedienung bedienung, versendung versand,
vollmacht vollmacht, verbindung verbindung, verbinden verbindung, verbunden verbindung, verbindet verbindung,
verbindungen verbindung, begonnen beginn, zurueckstand rueckstand, rueckstand rueckstand, rueckstaende rueckstand,
rueckstaenden rueckstand, ruecklauf ruecklauf, ruecklage ruecklage, betrug betrug, fehlgeschlagen fehlschlag,
fehlschlagen fehlschlag, schlaegt schlag, zaehler zaehler, zaehlern zaehler, salden saldo, saldi saldo, skonti skonto,
kassen kasse, kundin kunde, kundinnen kunde, kund kunde, eigentuemer eigentuemer, system system, ausdrucke ausdruck,
aufgabe aufgabe, aufgaben aufgabe, aufgegeben aufgeben, verleihung verleihung, suchen suche, gesucht suche,
freigabe freigabe, ausgehend ausgang, hakt haken, vollmachten vollmacht, berichten bericht, unternehmen unternehmen,
regeln regel, lasten last, sprachen sprache, bekannt bekannt, bekannte bekannt, bekannten bekannt, grenzen grenze,
grenze grenze, band band, baende band, gefahr gefahr, gefahren gefahr, bezug bezug, bezuege bezug, bezogen bezug
"""
#: Adjectives whose forms are nouns as well (die Leere, das Neue).
_ADJECTIVES = """
leer neu alt lang kurz groß klein falsch gut schlecht hoch voll rot blau grün schwarz weiß frei fest flach rund fremd
eigen gleich ander einzeln gesamt offen fällig gültig ungültig doppelt einfach letzt erst zweit dritt nächst vorig
halb warm kalt leicht schwer schnell langsam richtig wichtig aktiv passiv positiv negativ genau digital manuell
aktuell
"""
_PREFIXES = """
zusammen herunter hinunter instand zurueck zurecht heraus herein herauf hinein voraus wieder weiter hinter fertig
richtig sicher hinzu gegen durch ueber unter hoch nach auto fehl fest fort frei gleich gut heim klar nieder rueck
still voll vor weg wider zwischen  statt ab an auf aus be bei dar ein ent er her hin los miss mit neu raus rein
ver zer zu um bereit
"""
_PREFIX = sorted(set(_PREFIXES.split()), key=len, reverse=True)
#: Prefixes that stand before other prefixes: wiederherstellen, beauftragen, Voranmeldung.
_BEFORE_OTHERS = frozenset(
    [
        "wieder",
        "weiter",
        "vor",
        "nach",
        "mit",
        "neu",
        "voraus",
        "zurueck",
        "rueck",
        "ver",
        "be",
        "an",
        "auf",
        "aus",
        "ab",
        "ein",
        "um",
        "ueber",
        "unter",
        "her",
        "hin",
    ]
)
#: Without these before it, "ge" is no sign of a participle, and "zu" none of an infinitive.
_INSEPARABLE = frozenset(["be", "ent", "er", "miss", "ver", "zer"])
_ADJECTIVE = ("", "e", "er", "es", "en", "em")
_FINITE = ("", "e", "en", "st", "t", "est", "et", "end", "ende", "enden", "ender", "endes", "endem")
_FOREIGN = {"korrigier": "korrektur", "reparier": "reparatur", "notier": "notiz"}
_VERBS_RATHER = frozenset(["macht", "bucht", "sucht", "melde", "lade", "geschlossene"])
_LEAST_NOUN = 5
_STEM_OF_IER = re.compile(
    r"(.{2,}ier)(?:e|t|st|en|te|ten|tem|ter|tes|ung|ungen|end|ende|enden|ender|endes|bar|bare|bares)"
)
_STEM_OF_ATION = re.compile(r"(.{4,})ation(?:en|s)?")


@cache
def _families() -> dict[str, str]:
    forms: dict[str, str] = {}
    for entry in fold(_WEAK).split():
        stem, equals, name = entry.partition("=")
        stem, plus, noun = stem.partition("+")
        for form in _weak(stem):
            forms[form] = name if equals else _noun(stem, noun) if plus else stem
        if not plus:
            forms[stem] = name or stem
        for written in (stem + "ung", _noun(stem, "ung")) if plus or equals else ():
            forms.setdefault(written, name if equals else _noun(stem, "ung"))
            forms.setdefault(written + "en", forms[written])
    for line in fold(_STRONG).strip().splitlines():
        name, *stems = line.split()
        for form in (name, name + "e", name + "en", name + "n", name + "s", name + "es"):
            forms[form] = name
        for stem in (name, *stems):
            for ending in (*_FINITE, "ung", "ungen"):
                forms.setdefault(stem + ending, name)
            for written in {stem, stem.removeprefix("ge")}:
                for ending in _ADJECTIVE:
                    forms.setdefault(written + "en" + ending, name)
                    forms.setdefault(written + "t" + ending, name)
    return forms


def _noun(stem: str, noun: str) -> str:
    """wandel + ung: Wandlung."""
    return (stem[:-2] + "l" if stem.endswith("el") else stem) + noun


def _weak(stem: str) -> set[str]:
    t = "et" if re.search("([td]|[^aeioulrhmn][mn]|ch[mn])$", stem) else "t"
    short = stem.endswith(("el", "er"))
    forms = {stem + ("n" if short else "en"), stem + t, stem + "e"}
    forms |= {stem + t + ending for ending in (*_ADJECTIVE, "est")} | {stem + "st", stem + "est"}
    forms |= {stem + ("nd" if short else "end") + ending for ending in _ADJECTIVE}
    return forms | {"ge" + stem + t + ending for ending in _ADJECTIVE}


@cache
def _single() -> dict[str, str]:
    adjectives = {word + ending: word for word in fold(_ADJECTIVES).split() for ending in _ADJECTIVE}
    return adjectives | dict(pair.split() for pair in fold(_SINGLE).split(","))


def family(folded: str) -> str:
    """The stem of the verb's family this form or noun belongs to, or nothing."""
    return _single().get(folded) or _simple(folded) or _with_prefix(folded) or _foreign(folded)


def _with_prefix(folded: str) -> str:
    """A form with a prefix; Berichte are more than one Bericht, not what somebody may "richten"."""
    found = _prefixed(folded)
    if found and folded[-1] == "e" and folded[:-1] in lexicon().nouns:
        return _single().get(folded[:-1]) or _prefixed(folded[:-1]) or folded[:-1]
    return found


def is_prefixed(folded: str) -> bool:
    """Whether a word is a form of a verb of the table with a prefix."""
    return bool(_prefixed(folded))


def _simple(folded: str) -> str:
    """A form without prefix; Dienst, Schnitt and Sprache are nouns of their own, not forms of dienen or schneiden."""
    found = _families().get(folded, "")
    if found == folded or folded.endswith(("en", "ung")) or folded in _VERBS_RATHER:
        return found
    return "" if folded in lexicon().nouns else found


def _foreign(folded: str) -> str:
    """installieren, installiert and Installation are installier; export and exportieren are export."""
    if form := _STEM_OF_ATION.fullmatch(folded):
        return form[1] + "ier"
    if not (form := _STEM_OF_IER.fullmatch(folded)):
        return ""
    noun = form[1][:-3]
    known = next((word for word in (noun, noun + "e") if len(noun) >= _LEAST_NOUN and word in lexicon().nouns), "")
    return known or _FOREIGN.get(form[1], form[1])


def is_verb(folded: str) -> bool:
    """Whether a word is a verb of the table with its prefixes, or what is made of it."""
    return bool(_single().get(folded) or _simple(folded) or _prefixed(folded))


def _prefixed(folded: str, depth: int = 0) -> str:
    """zurueckgenommen: zurueck + genommen; rueck counts as zurueck."""
    for prefix in _PREFIX:
        if not folded.startswith(prefix) or len(folded) < len(prefix) + 3:
            continue
        rest = folded[len(prefix) :]
        if rest.startswith("zu") and prefix not in _INSEPARABLE and rest[-1] == "n" and rest[2:] in _families():
            rest = rest[2:]
        found = _families().get(rest) or (_prefixed(rest, depth + 1) if depth == 0 and prefix in _BEFORE_OTHERS else "")
        if found:
            name = ("zurueck" if prefix == "rueck" else prefix) + found
            return name + "ung" if name + "ung" in lexicon().nouns else name
    return ""

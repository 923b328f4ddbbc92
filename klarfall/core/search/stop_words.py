"""Words that say nothing about what is sought. "nicht", "kein", "ohne" and "alle" stay: they turn the meaning."""

from klarfall.core.search.folding import fold

_GERMAN = """
aber als also am an auch auf aus bei beim bin bis bist da dabei dadurch dafür dagegen daher dahin damals damit danach
daneben dann daran darauf daraus darf darfst darin darüber darum darunter das dass dasselbe davon davor dazu dazwischen
dein deine deinem deinen deiner dem demselben den denn denselben der derselbe des deshalb desselben dessen deswegen
dich die dies diese dieselbe dieselben diesem diesen dieser dieses dir doch dort du durch dürfen ein eine einem einen
einer eines einige einigem einigen einiger er es etwa etwas euch euer eure für gegen gerade gern gerne gewesen habe
haben habt hallo hat hatte hatten hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im in indem ins
ist ja je jede jedem jeden jeder jedes jene jenem jenen jener jenes jetzt kann kannst können könnte könnten konnte
man manche mein meine meinem meinen meiner mich mir mit möchte möchten mögen muss müssen müsste musste nach
nämlich noch nun nur ob oder schon sehr sei seid sein seine seinem seinen seiner seit selbst sich sie sind so solche
solchem solchen solcher sollen sollte sollten sondern sonst sowie über um und uns unser unsere unserem unseren
unserer unter usw viel vom von vor war waren warst weil weiter welche welchem welchen welcher welches wenn werde
werden wie wieder will wir wird wo wollen wollte worden wurde wurden würde würden zu zum zur zwar zwischen bitte
danke bereits ganz mal eben halt stattdessen solange sofern einander währenddessen
außerdem trotzdem entweder weder jeweils mitunter bisher außer eigentlich irgendwie immer bzw ggf etc
"""
_ENGLISH = """
a about after an and any are as at be because been before being but by can could did do does doing for from had has
have having he her here him his how i if in into is it its just me my of off on or our out so some such than that the
their them then there these they this those through to too up us very was we were what when where which while who
whom why will with would you your should please hello
"""
#: What questions and requests are made of: dropped from queries, where other words remain; kept in the index.
_QUESTION = """
soll bedeutet bedeuten heißt heißen kommt komme gemacht passiert erhalte erfahre vorgehen gehe tue tut gibts kriege
kriegt wie was wo wer wen wem wann warum weshalb wieso wozu woher wohin womit wodurch woran wofür welche welcher
welches kann könnt muss geht gehen gibt macht machen mache mach tun lässt lassen finde finden findet brauche brauchen
benötige möglich möglichkeit frage fragen hilfe helfen anleitung bekomme bekommen klappt funktioniert funktionieren
weiß wissen sehe sehen sieht erklären eigentlich problem how what where when why can get make need want help question
possible work works
"""
#: What is told around a matter: numbers, times, haste, and verbs that fit everything. In sentences they tell less.
_CHATTER = """
null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf erst erste ersten erstes zweite zweiten
dritte dritten letzte letzten letzter letztes letztem nächste nächsten nächster nächstes früh früher spät später
vorher vorhin nachher inzwischen mittlerweile bislang bisherig plötzlich leider schnell schnelle schnellen
schnellstmöglich dringend eilig sofort gleich kurz kurze kurzen ständig dauernd manchmal oft öfter häufig
zusammen allerdings jedoch ebenfalls ebenso sogar überhaupt wirklich ziemlich genau einfach komplett beide
beiden beides andere anderen anderer anderes anderem mehrere mehreren weniger meist meisten kommen komme
gekommen kam kamen bekam erhielt sagt sagen gesagt zeigt zeigen gezeigt steht liegt liegen nehmen nimmt genommen
geben gegeben gab ging gegangen gemacht machte getan versuchen versucht versuche probieren probiert wissen
wusste glaube glauben denke denken hoffe hoffen warten warte freuen freue lassen gelassen ließ wäre wären hätte
hätten etwas nichts jemand niemand irgendwo irgendwas sache dinge wunder ahnung kenntnis grund zeit vormittag
nachmittag mittag abend morgens abends montag dienstag mittwoch donnerstag freitag samstag sonntag wochen tagen
tage einmal mehrmals mehr per oben unten weg rein raus gestern heute morgen spätestens neulich kürzlich jedesmal
ständige ewig lange länger längst drin dran rum obwohl trotzdem falls beim stehen stand bleibt bleiben blieb
liegenbleiben gehören gehört nehme halte hält halten gerne möchte wünsche bekommt bekommen erhalten erhält krieg
meckert weitere weiteren weiterer verschiedene verschiedenen bestimmte bestimmten gewisse
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(fold(word) for word in text.split())


STOP_WORDS = _words(_GERMAN + _ENGLISH)
#: Weak in a query: they count only if nothing else was asked.
QUESTION_WORDS = _words(_QUESTION)
#: They stay in index and query, but a query of nothing else is no query without its other words ("geht nicht").
NEGATIONS = _words("nicht kein keine keinen keiner keines nie ohne no not")
CHATTER = _words(_CHATTER)

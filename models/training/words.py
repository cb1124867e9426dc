"""Words: lists of our own, inflection, and made-up words in the manner of the lists.

A model this small copies only what it had to learn to copy, so most texts hold words that exist
nowhere; real words keep the grammar plausible.
"""

from __future__ import annotations

from models.training.draws import Draws

NOUNS = (
    "account actor album animal answer apple archive area army article atlas bank basin beach "
    "bottle box branch brick bridge bucket budget building button cabin cable camera canal candy "
    "card carpet castle cell century chain chair chapter church circle city class clinic clock "
    "cloud coast coin college colour column comment company computer concert contract corner "
    "cotton country course court crew crop culture current curve cycle dance data dealer debate "
    "degree desert desk device diary dinner doctor document domain door draft drink driver editor "
    "effect engine entry error event expert factory family farm field figure film filter finger "
    "fish flag flight floor flower folder food forest format form fossil frame friend fruit "
    "function future game garage garden gate gift glass gold grain graph grass group guide hall "
    "handle harbour hat heart hill history holiday hotel hour house idea image index insect iron "
    "island item jacket journey judge key kitchen label lake language law layer leader leaf letter "
    "level library light limit line list loan lock machine magnet mail manager map market mask "
    "material meal meeting member memory menu metal method minute mirror model moment money month "
    "moon motor mountain mouse museum name nation network news night node noise note novel number "
    "object ocean office oil option orchestra order organ owner packet page paint palace paper "
    "parent park parser part party path pattern pencil period phone photo piano pilot pipe planet "
    "plant plate player pocket poem point pool port portrait post potato power price printer prize "
    "problem process product profile project protein proxy pump pupil queen query question queue "
    "radio rail rain record region report request result rice ring river road robot rock roof room "
    "root rope route rule runner sample sand scale scene school screen script sea season seat "
    "section seed sensor server session shadow shape sheep shelf ship shirt shop signal silver "
    "singer site skill sky snow song source space spider spring square staff stage star station "
    "statue steam stone storm story stream street student style sugar summer surface system table "
    "tank task teacher team temple tent test text theatre thread ticket tide timer title token "
    "tool tower town track trade train tree trial tube tunnel tutor type unit user valley value "
    "vector vehicle version video village visitor voice volume voter wall water wave weather wheel "
    "widget window wing winter wire witness wolf wood word worker world writer year zone"
).split()
VERBS = (
    "accept add adjust allow answer apply arrange ask avoid block borrow build call carry catch "
    "change check choose clean clear close collect combine compare contain control copy count "
    "cover create cut deliver describe design detect display divide draw drop enable explain "
    "export fill filter find finish fix follow format guard guide handle help hide hold ignore "
    "improve include inspect join keep launch lead learn lift limit list load lock manage mark "
    "match measure merge mount move name notice offer open order pack paint parse pass plan plant "
    "play prepare press prevent print process produce protect publish push raise reach read "
    "receive record reduce refuse remove rename repair replace report request require reset resize "
    "restore return run save scan search select send serve share show sign skip solve sort split "
    "start stop store study support test touch trace track train turn update use verify visit "
    "watch wrap write"
).split()
ADJECTIVES = (
    "able active ancient annual bitter black blue bright broad broken brown busy calm careful "
    "cheap clean clear clever cold common complex cool correct cotton curious daily dark deep "
    "digital direct dry early easy electric empty entire exact fair famous fast final fine firm "
    "flat foreign formal free fresh full gentle global golden good grand great green grey happy "
    "heavy high hollow hot huge human icy inner large late lazy legal light little local long loud "
    "low main major mild minor mobile modern narrow native neat new noisy normal northern old open "
    "optional orange outer pale plain polite poor popular private public pure quick quiet rapid "
    "rare raw ready recent red regular remote rich rough round royal rural safe secret sharp short "
    "silent simple single slow small smooth social soft solid southern special stable steep "
    "straight strange strict strong sudden sweet tall thick thin tiny urban useful usual valid "
    "vast visible warm weak western wet white wide wild wooden yellow young"
).split()
ADVERBS = (
    "again always early easily freely gently never often once quietly rarely slowly soon".split()
)
FIRST_NAMES = (
    "Ada Aisha Alan Alma Amir Anton Astrid Beatriz Ben Bertha Carl Chen Clara Dana David Diego "
    "Edith Elif Emma Erik Eva Felix Fiona Frank Gerda Hana Hugo Ida Igor Irene Ivan Jana Joao "
    "Jonas Julia Kai Karim Lena Leo Linda Luca Magda Marco Maria Milan Mina Nils Nina Noor Oscar "
    "Otto Paula Peter Ravi Rita Sara Simon Sofia Tariq Theo Tina Uma Vera Viktor Yuki Zora"
).split()
MONTHS = (
    "January February March April May June July August September October November December"
).split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
DOMAINS = "org com net io eu dev de fr info".split()
SMALL = "two three four five six seven eight nine ten eleven twelve twenty thirty fifty".split()
IRREGULAR = {
    "build": "built",
    "catch": "caught",
    "choose": "chose",
    "cut": "cut",
    "draw": "drew",
    "find": "found",
    "hide": "hid",
    "hold": "held",
    "keep": "kept",
    "lead": "led",
    "read": "read",
    "reset": "reset",
    "run": "ran",
    "send": "sent",
    "show": "showed",
    "split": "split",
    "write": "wrote",
}
DOUBLED = ("control", "drop", "plan", "scan", "skip", "stop", "wrap")


def _letters() -> dict[str, list[str]]:
    follow: dict[str, list[str]] = {}
    for word in (*NOUNS, *VERBS, *ADJECTIVES, *(name.lower() for name in FIRST_NAMES)):
        padded = f"^^{word}$"
        for i in range(len(padded) - 2):
            follow.setdefault(padded[i : i + 2], []).append(padded[i + 2])
    return follow


_FOLLOW = _letters()


def made_up(rng: Draws) -> str:
    """A word of 3 to 12 letters that follows the lists' letter pairs."""
    while True:
        word = "^^"
        while len(word) < 15:
            letter = rng.choice(_FOLLOW[word[-2:]])
            if letter == "$":
                break
            word += letter
        if 3 <= len(word) - 2 <= 12:
            return word[2:]


def capital(text: str) -> str:
    """With a capital first letter; the rest as it is."""
    return text[:1].upper() + text[1:]


def plural(noun: str) -> str:
    """The noun's plural, or a verb's third person."""
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def past(verb: str) -> str:
    """Simple past."""
    if verb in IRREGULAR:
        return IRREGULAR[verb]
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return verb[:-1] + "ied"
    return verb + verb[-1] + "ed" if verb in DOUBLED else verb + "ed"


def gerund(verb: str) -> str:
    """The -ing form."""
    if verb.endswith("e") and not verb.endswith("ee"):
        return verb[:-1] + "ing"
    return verb + verb[-1] + "ing" if verb in (*DOUBLED, "cut", "run", "split") else verb + "ing"

"""Tables that Laravel names after classes, `Str::snake(Str::pluralStudly(..))`.

Source: doctrine/inflector 2, Rules/English (MIT), whose words and endings these are.
"""

from __future__ import annotations

import re

# What has no plural there: whole words, and patterns of whole words.
_UNINFLECTED = frozenset(
    """
    advice aircraft amoyese art audio baggage bison borghese bream breeches britches buffalo butter cantus carp cattle
    chassis clippers clothing coal cod coitus compensation congoese contretemps coreopsis corps cotton data debris deer
    diabetes djinn education eland elk emoji equipment evidence faroese feedback fish flounder flour foochowese food
    furniture gallows genevese genoese gilbertese gold headquarters herpes hijinks homework hottentotese impatience
    information innings jackanapes jeans jedi kin kiplingese knowledge kongoese leather love lucchese luggage mackerel
    maltese management media metadata mews money moose mumps music nankingese news nexus niasese nutrition offspring oil
    patience pekingese people piedmontese pincers pistoiese plankton pliers pokemon police polish portuguese proceedings
    progress rabies rain research rhinoceros rice salmon sand sarawakese scissors series shavese shears sheep siemens
    silk sms soap spam species staff sugar swine talent toothpaste traffic travel trivia trousers trout tuna us
    vermontese vinegar weather wenchowese wheat whiting wildebeest wood wool yengeese
    recommended related
    """.split()  # noqa: SIM905 - a list of so many words is read more easily so
)
_UNINFLECTED_LIKE = re.compile(r"\w+ware|\w+media|sea[- ]bass|social media", re.IGNORECASE)
_PAIRS = """
    atlas:atlases axis:axes axe:axes beef:beefs blouse:blouses brother:brothers cafe:cafes cave:caves chateau:chateaux
    niveau:niveaux child:children canvas:canvases cookie:cookies brownie:brownies corpus:corpuses cow:cows
    criterion:criteria curriculum:curricula demo:demos domino:dominoes echo:echoes epoch:epochs foot:feet fungus:fungi
    ganglion:ganglions gas:gases genie:genies genus:genera goose:geese graffito:graffiti hippopotamus:hippopotami
    hoof:hoofs human:humans iris:irises larva:larvae leaf:leaves lens:lenses loaf:loaves man:men medium:media
    memorandum:memoranda money:monies mongoose:mongooses motto:mottoes move:moves mythos:mythoi niche:niches
    nucleus:nuclei numen:numina occiput:occiputs octopus:octopuses opus:opuses ox:oxen passerby:passersby penis:penises
    person:people plateau:plateaux runner-up:runners-up safe:safes sex:sexes sieve:sieves soliloquy:soliloquies
    son-in-law:sons-in-law syllabus:syllabi testis:testes thief:thieves tooth:teeth tornado:tornadoes trilby:trilbys
    turf:turfs valve:valves volcano:volcanoes abuse:abuses avalanche:avalanches cache:caches curve:curves
    emphasis:emphases foe:foes grave:graves hoax:hoaxes neurosis:neuroses save:saves wave:waves oasis:oases
    zombie:zombies
    """.split()  # noqa: SIM905 - see above
_IRREGULAR = {singular: plural for singular, _, plural in (pair.partition(":") for pair in _PAIRS)}
_RULES = tuple(
    (re.compile(pattern, re.IGNORECASE), ending)
    for pattern, ending in (
        (r"(s)tatus$", r"\1tatuses"),
        (r"(quiz)$", r"\1zes"),
        (r"^(ox)$", r"\1en"),
        (r"([m|l])ouse$", r"\1ice"),
        (r"(matr|vert|ind)(ix|ex)$", r"\1ices"),
        (r"(x|ch|ss|sh)$", r"\1es"),
        (r"([^aeiouy]|qu)y$", r"\1ies"),
        (r"(hive|gulf)$", r"\1s"),
        (r"(?:([^f])fe|([lr])f)$", r"\1\2ves"),
        (r"sis$", "ses"),
        (r"([ti])um$", r"\1a"),
        (r"(tax)on$", r"\1a"),
        (r"(c)riterion$", r"\1riteria"),
        (r"(p)erson$", r"\1eople"),
        (r"(m)an$", r"\1en"),
        (r"(c)hild$", r"\1hildren"),
        (r"(f)oot$", r"\1eet"),
        (r"(buffal|her|potat|tomat|volcan)o$", r"\1oes"),
        (r"(alumn|bacill|cact|foc|fung|nucle|radi|stimul|syllab|termin|vir)us$", r"\1i"),
        (r"us$", "uses"),
        (r"(alias)$", r"\1es"),
        (r"(analys|ax|cris|test|thes)is$", r"\1es"),
        (r"s$", "s"),
        (r"$", "s"),
    )
)
_BEFORE_CAPITAL = re.compile(r"(.)(?=[A-Z])")


def table_name(name: str) -> str:
    """The table of a class: `BlogPost` has `blog_posts`."""
    return snake(_studly(name))


def snake(name: str) -> str:
    """`Str::snake`: an underscore before each capital but the first."""
    if name.isascii() and name.isalpha() and name.islower():
        return name
    return _BEFORE_CAPITAL.sub(r"\1_", name).lower()


def _studly(name: str) -> str:
    """`Str::pluralStudly`: the plural of the last word, which begins with the last capital."""
    pieces = _BEFORE_CAPITAL.split(name)
    return "".join(pieces[:-1]) + _plural(pieces[-1])


def _plural(word: str) -> str:
    lower = word.lower()
    if (
        lower in _UNINFLECTED
        or _UNINFLECTED_LIKE.fullmatch(word)
        or not re.search(r"[A-Za-z0-9\x80-\U0000ffff]$", word)
    ):
        return word
    if lower in _IRREGULAR:
        return _cased(_IRREGULAR[lower], word)
    pattern, ending = next(rule for rule in _RULES if rule[0].search(word))
    return _cased(pattern.sub(ending, word, count=1), word)


def _cased(plural: str, word: str) -> str:
    """The plural in the case of the word, as `Pluralizer::matchCase` has it."""
    if word == word.lower():
        return plural.lower()
    return plural.upper() if word == word.upper() else plural[:1].upper() + plural[1:]

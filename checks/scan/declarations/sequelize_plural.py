"""Plurals as Sequelize 6 makes them of names of models.

Source: `pluralize` of npm's inflection 1.13.4 (MIT), whose words and endings these are.
"""

from __future__ import annotations

import re

# Words that have no plural there, and so stay as they are.
_UNCOUNTED = frozenset(
    """
    accommodation adulthood advertising advice aggression aid air aircraft alcohol anger applause arithmetic assistance
    athletics bacon baggage beef biology blood botany bread butter carbon cardboard cash chalk chaos chess crossroads
    countryside dancing deer dignity dirt dust economics education electricity engineering enjoyment envy equipment
    ethics evidence evolution fame fiction flour flu food fuel fun furniture gallows garbage garlic genetics gold golf
    gossip gratitude grief guilt gymnastics happiness hardware harm hate hatred health heat help homework honesty honey
    hospitality housework humour hunger hydrogen ice importance inflation information innocence iron irony jam jewelry
    judo karate knowledge lack laughter lava leather leisure lightning linguine linguini linguistics literature litter
    livestock logic loneliness luck luggage macaroni machinery magic management mankind marble mathematics mayonnaise
    measles methane milk minus money mud music mumps nature news nitrogen nonsense nurture nutrition obedience obesity
    oxygen pasta patience physics poetry pollution poverty pride psychology publicity punctuation quartz racism
    relaxation reliability research respect revenge rice rubbish rum safety scenery seafood seaside series shame sheep
    shopping sleep smoke smoking snow soap software soil spaghetti species steam stuff stupidity sunshine symmetry
    tennis thirst thunder timber traffic transportation trust underwear unemployment unity validity veal vegetation
    vegetarianism vengeance violence vitality warmth wealth weather welfare wheat wildlife wisdom yoga zinc zoology
    """.split()  # noqa: SIM905 - a list of so many words is read more easily so
)
_PLURAL = re.compile(
    r"(^(m|wom)en|people|children|[ti]a|((a)naly|ba|diagno|parenthe|progno|synop|the)ses|databases|drives|[ht]ives"
    r"|curves|[lr]ves|[^fo]ves|([^aeiouy]|qu)ies|series|movies|(x|ch|ss|sh)es|[m|l]ice|buses|oes|shoes"
    r"|(cris|ax|test)es|(octop|vir)uses|(alias|canvas|status|campus)es|^(summons|bonus)es|matrices|^feet|^teeth"
    r"|^geese|quizzes|^whereases|^criteria|^genera)$|^oxen",
    re.IGNORECASE,
)
_RULES = tuple(
    (re.compile(pattern, re.IGNORECASE), ending)
    for pattern, ending in (
        (r"^(m|wom)an$", r"\1en"),
        (r"(pe)rson$", r"\1ople"),
        (r"(child)$", r"\1ren"),
        (r"(drive)$", r"\1s"),
        (r"^(ox)$", r"\1en"),
        (r"(ax|test)is$", r"\1es"),
        (r"(octop|vir)us$", r"\1uses"),
        (r"(alias|status|canvas|campus)$", r"\1es"),
        (r"^(summons|bonus)$", r"\1es"),
        (r"(bu)s$", r"\1ses"),
        (r"(buffal|tomat|potat)o$", r"\1oes"),
        (r"([ti])um$", r"\1a"),
        (r"sis$", "ses"),
        (r"([^f])fe$|([lr])f$", r"\1\2ves"),
        (r"([ht]i)ve$", r"\1ves"),
        (r"([^aeiouy]|qu)y$", r"\1ies"),
        (r"(matr)ix$|(vert|ind)ex$", r"\1\2ices"),
        (r"(x|ch|ss|sh)$", r"\1es"),
        (r"([m|l])ouse$", r"\1ice"),
        (r"^foot$", "feet"),
        (r"^tooth$", "teeth"),
        (r"^goose$", "geese"),
        (r"(quiz)$", r"\1zes"),
        (r"^(whereas)$", r"\1es"),
        (r"^(criteri)on$", r"\1a"),
        (r"^genus$", "genera"),
        (r"s$", "s"),
        (r"$", "s"),
    )
)


def plural(name: str) -> str:
    """The plural of a model's name; a name that is a plural already stays as it is."""
    if name.lower() in _UNCOUNTED or _PLURAL.search(name):
        return name
    pattern, ending = next(rule for rule in _RULES if rule[0].search(name))
    return pattern.sub(ending, name, count=1)

"""Plurals, singulars and underscores as Rails and Sequel make them, and the words that a project adds to them.

Sources: activesupport 8.1 inflections.rb, inflector/inflections.rb, inflector/methods.rb (MIT); sequel 5
model/default_inflections.rb (MIT); the words and endings are theirs. The rules of PyPI's `inflection` are older ones:
it has no "police", and other potatoes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_Rule = tuple[re.Pattern[str], str]


def _rules(*pairs: tuple[str, str]) -> tuple[_Rule, ...]:
    """Rules as their libraries list them, the last one first: that is the order in which they are tried."""
    return tuple((re.compile(pattern, re.IGNORECASE), ending) for pattern, ending in reversed(pairs))


@dataclass(frozen=True, slots=True)
class Words:
    """The inflections of one project. Rules are tried in order; `acronyms` by their lower case."""

    plurals: tuple[_Rule, ...]
    singulars: tuple[_Rule, ...]
    uncountable: frozenset[str]
    acronyms: tuple[str, ...] = ()

    def plural(self, word: str) -> str:
        """The plural of a word, by its end: `blog_post` to `blog_posts`."""
        return self._applied(word, self.plurals)

    def singular(self, word: str) -> str:
        """The singular of a word, by its end."""
        return self._applied(word, self.singulars)

    def _applied(self, word: str, rules: Iterable[_Rule]) -> str:
        if not word or self._is_uncountable(word):
            return word
        for pattern, ending in rules:
            if pattern.search(word):
                return pattern.sub(ending, word, count=1)
        return word

    def _is_uncountable(self, word: str) -> bool:
        """By its last word, which `_` does not begin: "tax_information" can be counted."""
        return any(re.search(rf"\b{re.escape(one)}$", word.lower()) for one in self.uncountable)

    def underscored(self, name: str) -> str:
        """`HTMLPage` to `html_page`, `Admin::User` to `admin/user`; acronyms of the project are one word."""
        word = name.replace("::", "/")
        if self.acronyms:
            known = "|".join(map(re.escape, sorted(self.acronyms, key=len, reverse=True)))
            pattern = rf"(?:(?<=([A-Za-z\d]))|\b)({known})(?=\b|[^a-z])"
            word = re.sub(pattern, lambda match: f"{'_' if match[1] else ''}{match[2].lower()}", word)
        word = re.sub(r"(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z\d])(?=[A-Z])", "_", word)
        return word.replace("-", "_").lower()

    def with_plural(self, pattern: str, ending: str) -> Words:
        """With one more rule, before all others."""
        return replace(self, plurals=(*_rules((pattern, ending)), *self.plurals))

    def with_singular(self, pattern: str, ending: str) -> Words:
        """With one more rule, before all others."""
        return replace(self, singulars=(*_rules((pattern, ending)), *self.singulars))

    def with_uncountable(self, words: Iterable[str]) -> Words:
        """With words that have no plural."""
        return replace(self, uncountable=self.uncountable | {word.lower() for word in words})

    def with_acronym(self, word: str) -> Words:
        """With a word that is one whatever its capitals."""
        return replace(self, acronyms=(*self.acronyms, word))

    def with_irregular(self, one: str, many: str) -> Words:
        """With a word of its own plural, which words that end with it share."""
        made = replace(self, uncountable=self.uncountable - {one, many})
        if one[:1].lower() == many[:1].lower():
            first, rest, ending = re.escape(one[0]), re.escape(one[1:]), re.escape(many[1:])
            made = made.with_plural(f"({first}){rest}$", rf"\g<1>{many[1:]}")
            made = made.with_plural(f"({first}){ending}$", rf"\g<1>{many[1:]}")
            made = made.with_singular(f"({first}){rest}$", rf"\g<1>{one[1:]}")
            return made.with_singular(f"({first}){ending}$", rf"\g<1>{one[1:]}")
        for word in (one, many):
            made = made.with_plural(f"{re.escape(word)}$", many).with_singular(f"{re.escape(word)}$", one)
        return made


def _with_irregulars(words: Words, pairs: Iterable[tuple[str, str]]) -> Words:
    for one, many in pairs:
        words = words.with_irregular(one, many)
    return words


RAILS = _with_irregulars(
    Words(
        plurals=_rules(
            (r"$", "s"),
            (r"s$", "s"),
            (r"^(ax|test)is$", r"\1es"),
            (r"(octop|vir)us$", r"\1i"),
            (r"(octop|vir)i$", r"\1i"),
            (r"(alias|status)$", r"\1es"),
            (r"(bu)s$", r"\1ses"),
            (r"(buffal|tomat)o$", r"\1oes"),
            (r"([ti])um$", r"\1a"),
            (r"([ti])a$", r"\1a"),
            (r"sis$", "ses"),
            (r"(?:([^f])fe|([lr])f)$", r"\1\2ves"),
            (r"(hive)$", r"\1s"),
            (r"([^aeiouy]|qu)y$", r"\1ies"),
            (r"(x|ch|ss|sh)$", r"\1es"),
            (r"(matr|vert|ind)(?:ix|ex)$", r"\1ices"),
            (r"^(m|l)ouse$", r"\1ice"),
            (r"^(m|l)ice$", r"\1ice"),
            (r"^(ox)$", r"\1en"),
            (r"^(oxen)$", r"\1"),
            (r"(quiz)$", r"\1zes"),
        ),
        singulars=_rules(
            (r"s$", ""),
            (r"(ss)$", r"\1"),
            (r"(n)ews$", r"\1ews"),
            (r"([ti])a$", r"\1um"),
            (r"((a)naly|(b)a|(d)iagno|(p)arenthe|(p)rogno|(s)ynop|(t)he)(sis|ses)$", r"\1sis"),
            (r"(^analy)(sis|ses)$", r"\1sis"),
            (r"([^f])ves$", r"\1fe"),
            (r"(hive)s$", r"\1"),
            (r"(tive)s$", r"\1"),
            (r"([lr])ves$", r"\1f"),
            (r"([^aeiouy]|qu)ies$", r"\1y"),
            (r"(s)eries$", r"\1eries"),
            (r"(m)ovies$", r"\1ovie"),
            (r"(x|ch|ss|sh)es$", r"\1"),
            (r"^(m|l)ice$", r"\1ouse"),
            (r"(bus)(es)?$", r"\1"),
            (r"(o)es$", r"\1"),
            (r"(shoe)s$", r"\1"),
            (r"(cris|test)(is|es)$", r"\1is"),
            (r"^(a)x[ie]s$", r"\1xis"),
            (r"(octop|vir)(us|i)$", r"\1us"),
            (r"(alias|status)(es)?$", r"\1"),
            (r"^(ox)en", r"\1"),
            (r"(vert|ind)ices$", r"\1ex"),
            (r"(matr)ices$", r"\1ix"),
            (r"(quiz)zes$", r"\1"),
            (r"(database)s$", r"\1"),
        ),
        uncountable=frozenset({
            "equipment", "information", "rice", "money", "species", "series", "fish", "sheep", "jeans", "police",
        }),
    ),
    (("person", "people"), ("man", "men"), ("child", "children"), ("sex", "sexes"), ("move", "moves"),
     ("zombie", "zombies")),
)  # fmt: skip
SEQUEL = _with_irregulars(
    Words(
        plurals=_rules(
            (r"$", "s"),
            (r"s$", "s"),
            (r"(alias|(?:stat|octop|vir|b)us)$", r"\1es"),
            (r"(buffal|tomat)o$", r"\1oes"),
            (r"([ti])um$", r"\1a"),
            (r"sis$", "ses"),
            (r"(?:([^f])fe|([lr])f)$", r"\1\2ves"),
            (r"(hive)$", r"\1s"),
            (r"([^aeiouy]|qu)y$", r"\1ies"),
            (r"(x|ch|ss|sh)$", r"\1es"),
            (r"(matr|vert|ind)ix|ex$", r"\1ices"),
            (r"([m|l])ouse$", r"\1ice"),
        ),
        singulars=(),
        uncountable=frozenset({
            "equipment", "information", "rice", "money", "species", "series", "fish", "sheep", "news",
        }),
    ),
    (("person", "people"), ("man", "men"), ("child", "children"), ("sex", "sexes"), ("move", "moves"),
     ("quiz", "quizzes"), ("testis", "testes")),
)  # fmt: skip

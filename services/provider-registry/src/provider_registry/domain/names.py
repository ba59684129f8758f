"""Names of organisations, made comparable."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import combinations

from rapidfuzz import fuzz

from provider_registry.domain.legal_forms import legal_form_endings, legal_form_words

_IDEOGRAPHS = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_BEGINNING, _GRAM, _MOST_WORDS = 4, 3, 8


def normalised(name: str) -> str:
    """Write a name without what tells nothing: case, width, accents, punctuation and the words of legal forms.

    Shape: words with single blanks between; traditional and simplified characters stay as they are.
    """
    wide = unicodedata.normalize("NFKD", name).casefold()
    bare = "".join(one for one in wide if not unicodedata.combining(one))
    for ending in legal_form_endings():
        bare = bare.removesuffix(ending)
    # A full stop or an apostrophe stands within a word (e.V., St. John's); other punctuation between two.
    words = re.sub(r"[^\w]+", " ", re.sub(r"[.'\u2019]", "", bare)).replace("_", " ").split()
    telling = [word for word in words if word not in legal_form_words()]
    return " ".join(telling or words)


def keys(name: str) -> frozenset[str]:
    """Return what two similar names have in common: the beginnings of words, alone and in pairs, or three characters.

    Shape: bounded by the square of eight words, and by the length of what is written without blanks.
    """
    plain = normalised(name)
    beginnings = sorted({word[:_BEGINNING] for word in plain.split() if not _IDEOGRAPHS.search(word)})[:_MOST_WORDS]
    pairs = {f"{one}+{other}" for one, other in combinations(beginnings, 2)}
    runs = _IDEOGRAPHS.findall(plain)
    grams = {run[place : place + _GRAM] for run in runs for place in range(max(1, len(run) - _GRAM + 1))}
    return frozenset({*beginnings, *pairs, *grams, plain.replace(" ", "")[:80]} - {""})


def similarity(one: str, other: str) -> int:
    """Compare two names.

    Units: 0 to 100; 100 where they differ in nothing that tells.
    """
    left, right = normalised(one), normalised(other)
    together = fuzz.ratio(left.replace(" ", ""), right.replace(" ", ""))
    return int(max(together, fuzz.token_sort_ratio(left, right)))


def best_similarity(names: Iterable[str], others: Iterable[str]) -> int:
    """Return the highest similarity between any of the one and any of the other names; 0 where there are none."""
    rest = tuple(others)
    return max((similarity(one, other) for one in names for other in rest), default=0)

"""Names of providers held against lists of names: which entries of a list may mean a provider."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from rapidfuzz import fuzz, process

from provider_registry.domain.names import normalised

_BEGINNING = 4
# A beginning that more of the names share tells little: two of them together are asked for.
_COMMON = 300


class Part(StrEnum):
    """What of a provider is like an entry; a person's name is never told."""

    NAME = "name"
    FORMER_NAME = "former-name"
    PERSON = "person"
    OWNER = "owner"
    IDENTIFIER = "identifier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a list: its names are the first one and all aliases; identifiers are pairs of scheme and number."""

    id: str
    names: tuple[str, ...]
    identifiers: tuple[tuple[str, str], ...] = ()
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Screened:
    """What of a provider is held against lists."""

    names: tuple[tuple[Part, str], ...]
    identifiers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that may mean a provider, by the part that is most like it.

    Units: similarity 0 to 100; an identifier is 100.
    """

    entry: Entry
    part: Part
    similarity: int


class ListIndex:
    """A list, made so that a name is compared with few of its names: those that share beginnings of words with it."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._texts: list[str] = []
        self._owners: list[Entry] = []
        self._by_key: dict[str, list[int]] = defaultdict(list)
        self._by_identifier: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        for entry in self.entries:
            for identifier in entry.identifiers:
                self._by_identifier[identifier].append(entry)
            for text in {comparable(name) for name in entry.names} - {""}:
                for key in _keys(text):
                    self._by_key[key].append(len(self._texts))
                self._texts.append(text)
                self._owners.append(entry)

    def screen(self, screened: Screened, least: int) -> tuple[Hit, ...]:
        """Return which entries may mean a provider, each once with what is most like it, in the order of their ids."""
        best: dict[str, Hit] = {}
        for hit in self._hits(screened, least):
            if hit.entry.id not in best or hit.similarity > best[hit.entry.id].similarity:
                best[hit.entry.id] = hit
        return tuple(best[entry] for entry in sorted(best))

    def _hits(self, screened: Screened, least: int) -> Iterator[Hit]:
        for identifier in screened.identifiers:
            yield from (Hit(entry, Part.IDENTIFIER, 100) for entry in self._by_identifier.get(identifier, ()))
        for part, name in screened.names:
            text = comparable(name)
            near = {place: self._texts[place] for place in self._near(text)} if text else {}
            found = process.extract(text, near, scorer=fuzz.ratio, score_cutoff=least, limit=None)
            yield from (Hit(self._owners[place], part, int(score)) for _, score, place in found)

    def _near(self, text: str) -> set[int]:
        """Return the places of the names that share a telling beginning with one, or two beginnings that many share."""
        postings = sorted((self._by_key[key] for key in _keys(text) if key in self._by_key), key=len)
        near = {place for posting in postings if len(posting) <= _COMMON for place in posting}
        common = [set(posting) for posting in postings if len(posting) > _COMMON]
        if len(common) == 1 and not near:
            return common[0]
        return near.union(*(one & other for one, other in combinations(common, 2)))


def comparable(name: str) -> str:
    """Write a name so that the order of its words tells nothing."""
    return " ".join(sorted(normalised(name).split()))


def similar(one: str, others: Sequence[str], least: int) -> bool:
    """Tell whether a name is like one of others, by comparing it with all of them."""
    text = comparable(one)
    return any(fuzz.ratio(text, comparable(other)) >= least for other in others)


def _keys(text: str) -> frozenset[str]:
    words = text.split()
    # What is written in one word may begin with a slip: its end tells too.
    ends = {f"~{words[0][-_BEGINNING:]}"} if len(words) == 1 else set()
    return frozenset({word[:_BEGINNING] for word in words} | ends)

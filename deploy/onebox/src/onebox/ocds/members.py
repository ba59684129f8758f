"""The members of a package or list that is too large to be held as a whole, one at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from onebox.ocds.decoding import DUPLICATE_KEY, TOO_LARGE
from onebox.ocds.document import LISTS, Problem
from onebox.ocds.events import Events

Found = tuple[str, object, tuple[Problem, ...]]


class Members:
    """Yields the members of `records`, of `releases`, or of the outermost list; forgets everything else.

    A member is given as its JSON Pointer, its value and what is noted about it. One that is larger than the limit is
    given as the problem that this is.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._events = Events()
        self._name = ""
        self._list: str | None = None
        self._list_depth = 0
        self._index = 0
        self._member: _Member | None = None
        self._found_any = False

    @property
    def depth(self) -> int:
        return self._events.depth

    def feed(self, content: bytes) -> Iterator[Found]:
        """Yield the members that end in the next part of the text.

        Raises:
            NotReadable: as soon as the text can no longer become valid JSON.
        """
        for event, value in self._events.feed(content):
            if self._member is not None:
                yield from self._go_on(self._member, event, value)
            elif self._list is not None and event != "end_array":
                yield from self._begin(event, value)
            else:
                yield from self._pass_by(event, value)

    def _pass_by(self, event: str, value: Any) -> Iterator[Found]:
        depth = self.depth
        if event == "map_key" and depth == 1:
            self._name = value
        elif event == "start_array" and (depth == 1 or (depth == 2 and self._name in LISTS)):
            self._list = f"/{self._name}" if self._name else ""
            self._list_depth, self._index = depth, 0
        elif event == "end_array":
            self._list = None
        if depth == 0:
            if not self._found_any:
                yield "", TOO_LARGE, ()
            self._name, self._list, self._found_any = "", None, False

    def _begin(self, event: str, value: Any) -> Iterator[Found]:
        self._found_any = True
        pointer = f"{self._list}/{self._index}"
        self._index += 1
        if event in {"start_map", "start_array"}:
            self._member = _Member(pointer, self._events.fed)
            self._member.take(event, value)
        else:
            yield pointer, value, ()

    def _go_on(self, member: "_Member", event: str, value: Any) -> Iterator[Found]:
        # Counted from the end of the piece in which it starts: what is called too large surely is.
        if self._events.told - member.started <= self._limit:
            member.take(event, value)
        else:
            member.forget()
        if self.depth == self._list_depth:
            self._member = None
            yield member.pointer, member.content, (DUPLICATE_KEY,) if member.repeated else ()


@dataclass(slots=True)
class _Member:
    pointer: str
    started: int
    content: Any = None
    repeated: bool = False
    open: list[Any] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def take(self, event: str, value: Any) -> None:
        if event == "map_key":
            self.repeated = self.repeated or value in self.open[-1]
            self.keys[-1] = value
        elif event in {"end_map", "end_array"}:
            self.open.pop()
            self.keys.pop()
        else:
            opened: Any = {} if event == "start_map" else [] if event == "start_array" else None
            self._put(value if opened is None else opened)
            if opened is not None:
                self.open.append(opened)
                self.keys.append("")

    def _put(self, value: object) -> None:
        if not self.open:
            self.content = value
        elif isinstance(self.open[-1], list):
            self.open[-1].append(value)
        else:
            self.open[-1][self.keys[-1]] = value

    def forget(self) -> None:
        self.content = TOO_LARGE
        self.open.clear()
        self.keys.clear()

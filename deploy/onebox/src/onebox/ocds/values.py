"""The JSON values of a stream, whether on one line each, on many, or one after another on the same line."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import IO

from onebox.ocds.decoding import TOO_DEEP, TOO_LARGE, NotReadable, decode
from onebox.ocds.document import Position, Problem
from onebox.ocds.events import Events
from onebox.ocds.lines import DOCUMENT_LIMIT, Line, Lines
from onebox.ocds.members import Members

BLANK_LINE = Problem("blank-line", "The line is blank.")
UNFINISHED = Problem("unfinished-json", "The JSON value does not end.")


@dataclass(frozen=True, slots=True)
class Value:
    """A JSON value and where it starts."""

    position: Position
    content: object
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """A place that could not be read."""

    position: Position
    problem: Problem


def values(stream: IO[bytes], limit: int = DOCUMENT_LIMIT) -> Iterator[Value | Fault]:
    """Read the values of a stream; a bad one is told and passed by.

    One value, of at most limit bytes, is held at a time. Of a larger package or list, the members are read one by one.
    """
    lines = Lines(stream, limit)
    first_blank = 0
    on_one_line = False
    while (line := lines.next()) is not None:
        if line.is_blank:
            first_blank = first_blank or line.number
            continue
        # Between values of many lines a blank line is only white space; in JSON Lines it is a line without a value.
        if first_blank and on_one_line:
            yield from (Fault(Position(number), BLANK_LINE) for number in range(first_blank, line.number))
        first_blank = 0
        on_one_line = yield from _from(line, lines, limit)


def _from(line: Line, lines: Lines, limit: int) -> Generator[Value | Fault, None, bool]:
    """Read what starts on a line; return whether it also ends there."""
    if len(line.content) > limit:
        yield from _large([line], lines, limit)
        return True
    found, problem = _decoded([line])
    if problem is None or problem == TOO_DEEP or _ends_here(events := Events(), line):
        yield from found
        if problem is not None:
            yield Fault(Position(line.number), problem)
        return True
    yield from _assembled(line, events, lines, limit)
    return False


def _ends_here(events: Events, line: Line) -> bool:
    try:
        _pass(events, line)
    except NotReadable:
        return True
    return events.depth == 0


def _assembled(first: Line, events: Events, lines: Lines, limit: int) -> Iterator[Value | Fault]:
    """Read a value that goes on over several lines."""
    held = [first]
    size = len(first.content)
    while events.depth > 0:
        line = lines.next()
        if line is not None:
            held.append(line)
            size += len(line.content)
        if size > limit:
            yield from _large(held, lines, limit)
            return
        try:
            _pass(events, line)
        except NotReadable as broken:
            yield Fault(Position(first.number), broken.problem)
            if broken.problem != TOO_DEEP:
                # Perhaps the first line alone is broken: what follows is looked at again.
                lines.put_back(held[1:])
            lines.skip_to_opening()
            return
    found, problem = _decoded(held)
    yield from found
    if problem is not None:
        yield Fault(Position(first.number), problem)


def _large(held: Sequence[Line], lines: Lines, limit: int) -> Iterator[Value | Fault]:
    number = held[0].number
    members = Members(limit)
    silent = True
    for line in chain(held, iter(lines.next, None)):
        try:
            for pointer, content, problems in members.feed(line.content):
                silent = False
                position = Position(number, pointer)
                yield Fault(position, content) if isinstance(content, Problem) else Value(position, content, problems)
        except NotReadable as broken:
            yield Fault(Position(number), broken.problem)
            lines.skip_to_opening()
            return
        if line.ends and members.depth == 0:
            break
    if members.depth > 0:
        yield Fault(Position(number), UNFINISHED)
    elif silent:
        yield Fault(Position(number), TOO_LARGE)


def _pass(events: Events, line: Line | None) -> None:
    if line is None:
        raise NotReadable(UNFINISHED)
    for _ in events.feed(line.content):
        pass


def _decoded(lines: Sequence[Line]) -> tuple[list[Value], Problem | None]:
    found: list[Value] = []
    position = Position(lines[0].number)
    try:
        for content, problems in decode(b"".join(line.content for line in lines)):
            found.append(Value(position, content, problems))
    except NotReadable as broken:
        return found, broken.problem
    return found, None

"""What a JSON text holds, told piece by piece while it is read."""

from collections.abc import Iterator
from typing import Any

import ijson

from onebox.ocds.decoding import INVALID, NESTING_LIMIT, NUMBER_TOO_LARGE, TOO_DEEP, NotReadable
from onebox.ocds.document import Problem

# Named, because the others of ijson's parsers find an error later than where it is, or need yajl to be installed.
_PARSER: Any = ijson.get_backend("yajl2_c")

# So much is given to the parser at once; its events wait in memory.
_PIECE = 2**16

_CHANGE = {"start_map": 1, "start_array": 1, "end_map": -1, "end_array": -1}


class Events:
    """Tells the parser's events.

    Units: depth counts the objects and lists now open, 0 between two values. Of the bytes, fed counts those that were
    given to the parser, and told those of which every event has been told.
    """

    def __init__(self) -> None:
        self.depth = 0
        self.fed = 0
        self.told = 0
        self._waiting: Any = ijson.sendable_list()
        self._parser: Any = _PARSER.basic_parse_coro(self._waiting, multiple_values=True, use_float=False)

    def feed(self, content: bytes) -> Iterator[tuple[str, Any]]:
        """Yield the events of the next part of the text.

        Raises:
            NotReadable: as soon as the text can no longer become valid JSON.
        """
        for start in range(0, len(content), _PIECE):
            problem = self._send(content[start : start + _PIECE])
            for event, value in self._waiting:
                self.depth += _CHANGE.get(event, 0)
                if self.depth > NESTING_LIMIT:
                    raise NotReadable(TOO_DEEP)
                yield event, value
            del self._waiting[:]
            self.told = self.fed
            if problem is not None:
                raise NotReadable(problem)

    def _send(self, piece: bytes) -> Problem | None:
        self.fed += len(piece)
        try:
            self._parser.send(piece)
        except ijson.JSONError:
            return INVALID
        except (ArithmeticError, ValueError, SystemError):
            # The event that waits last is then not whole and must not be looked at.
            del self._waiting[:]
            return NUMBER_TOO_LARGE
        return None

"""Reads the XML of a bank's message: no declarations, one of the namespaces that are read here, elements by paths."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from shared.kernel.errors import Invalid

_SCHEME = "urn:iso:std:iso:20022:tech:xsd:"
_LONGEST_TEXT = 140


@dataclass(frozen=True, slots=True)
class Node:
    """An element, asked by paths in its message's namespace; kind is what refusals call the message."""

    element: Element
    namespace: str
    kind: str

    def all(self, path: str) -> list["Node"]:
        steps = "/".join(f"{{{self.namespace}}}{step}" for step in path.split("/"))
        return [Node(found, self.namespace, self.kind) for found in self.element.findall(steps)]

    def first(self, *paths: str) -> "Node | None":
        return next((found for path in paths for found in self.all(path)), None)

    def text(self, *paths: str) -> str | None:
        found = self.first(*paths)
        return (found.element.text or "").strip()[:_LONGEST_TEXT] or None if found else None

    def needed(self, *paths: str) -> str:
        text = self.text(*paths)
        if text is None:
            raise self.incomplete(paths[0])
        return text

    def incomplete(self, path: str) -> Invalid:
        return Invalid(f"{self.kind}-incomplete", f"The message has no {path}.")


def read_message(content: bytes, kind: str, versions: Collection[str]) -> Node:
    """Read a message of one of the versions.

    Raises:
        Invalid: xml-with-declarations, xml-malformed, and <kind>-format-unknown.
    """
    try:
        root: Any = defusedxml.ElementTree.fromstring(content, forbid_dtd=True)
    except DefusedXmlException as danger:
        raise Invalid(
            "xml-with-declarations", "A message declares no document type and no entities of its own."
        ) from danger
    except (ParseError, ValueError, LookupError) as error:
        raise Invalid("xml-malformed", "The message is not well-formed XML.") from error
    namespace = root.tag[1:].partition("}")[0]
    known = [f"{_SCHEME}{version}" for version in versions]
    if namespace not in known or root.tag != f"{{{namespace}}}Document":
        raise Invalid(
            f"{kind}-format-unknown",
            "The message is none of those that are read here.",
            satisfied_by=f"{' or '.join(versions)}.",
        )
    return Node(root, namespace, kind)

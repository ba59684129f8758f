"""The forms that documents may have, and where one is kept: by the SHA-256 of its content."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shared.kernel.errors import Invalid

Holds = Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class MediaType:
    """A form that documents may have, and how its files begin."""

    extension: str
    holds: Holds


def check_media_type(media_type: str, content: bytes) -> MediaType:
    """Hold a document to the form it is said to have.

    Raises:
        Invalid: document-empty, media-type-not-admitted, document-not-of-media-type.
    """
    if not content:
        raise Invalid("document-empty", "A document holds something.")
    form = MEDIA_TYPES.get(media_type)
    if form is None:
        raise Invalid(
            "media-type-not-admitted",
            "Documents of this form are not taken.",
            satisfied_by=f"One of: {', '.join(MEDIA_TYPES)}.",
        )
    if not form.holds(content):
        raise Invalid("document-not-of-media-type", "The document does not have the form that it is said to have.")
    return form


def object_key(digest: str) -> str:
    """Say where a document is kept: by its digest alone, never by a name."""
    if not _DIGEST.fullmatch(digest):
        raise ValueError("no digest")
    return f"documents/{digest[:2]}/{digest}"


_DIGEST = re.compile(r"[0-9a-f]{64}")


def _begins(*beginnings: bytes) -> Holds:
    return lambda content: content.startswith(beginnings)


def _office_open(part: bytes) -> Holds:
    # A ZIP file whose directory names the parts that the format has (ECMA-376).
    return lambda content: content.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in content and part in content


def _open_document(media_type: str) -> Holds:
    # A ZIP file whose first entry is its media type, not compressed (ISO/IEC 26300-3).
    return lambda content: content[:4] == b"PK\x03\x04" and content[30:].startswith(f"mimetype{media_type}".encode())


def _text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _json(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return _text(content)


_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
MEDIA_TYPES: Mapping[str, MediaType] = {
    "application/pdf": MediaType("pdf", _begins(b"%PDF-")),
    "image/png": MediaType("png", _begins(b"\x89PNG\r\n\x1a\n")),
    "image/jpeg": MediaType("jpg", _begins(b"\xff\xd8\xff")),
    "text/plain": MediaType("txt", _text),
    "text/csv": MediaType("csv", _text),
    "application/json": MediaType("json", _json),
    f"{_OFFICE}.wordprocessingml.document": MediaType("docx", _office_open(b"word/")),
    f"{_OFFICE}.spreadsheetml.sheet": MediaType("xlsx", _office_open(b"xl/")),
    f"{_OPEN}.text": MediaType("odt", _open_document(f"{_OPEN}.text")),
    f"{_OPEN}.spreadsheet": MediaType("ods", _open_document(f"{_OPEN}.spreadsheet")),
}

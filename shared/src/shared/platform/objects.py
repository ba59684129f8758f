"""Files, kept in object storage under keys that are made from their content: a folder, S3, or memory in tests."""

from collections.abc import AsyncIterable, AsyncIterator
from functools import cached_property
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import ObjectStore, from_url

from shared.kernel.errors import not_here

_CHUNK = 256 * 1024


class Objects:
    """One place where files are kept, by URL: `file:///folder`, `s3://bucket/prefix`, `memory:///`; a path is a folder.

    It is opened when the first file is put or asked for. S3 takes its region and credentials from the environment, as
    every tool for it does.
    """

    def __init__(self, place: str) -> None:
        self._url = place if ":/" in place else Path(place).absolute().as_uri()

    async def put(self, key: str, content: bytes) -> None:
        """Keep a file; what is there already under the key, is the same file."""
        try:
            await obstore.put_async(self._store, key, content, mode="create")
        except AlreadyExistsError:
            return

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """Find a file, and hand it over in pieces.

        Raises:
            NotFound: not-found, before the first piece.
        """
        try:
            found = await obstore.get_async(self._store, key)
        except FileNotFoundError as error:
            raise not_here() from error
        return _pieces(found.stream(min_chunk_size=_CHUNK))

    @cached_property
    def _store(self) -> ObjectStore:
        if self._url.startswith("file:"):
            return from_url(self._url, mkdir=True)
        return from_url(self._url)


async def _pieces(stream: AsyncIterable[Any]) -> AsyncIterator[bytes]:
    async for piece in stream:
        yield bytes(piece)

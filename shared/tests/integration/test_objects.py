"""Object storage: the fake of the tests and the folder behave the same."""

import asyncio
from pathlib import Path

import pytest

from shared.kernel.errors import NotFound
from shared.platform.objects import Objects

KEY = "documents/ab/" + "ab" * 32


async def content(objects: Objects, key: str = KEY) -> bytes:
    return b"".join([piece async for piece in await objects.read(key)])


@pytest.fixture(params=["memory", "folder by URL", "folder by path"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    places = {
        "memory": "memory:///",
        "folder by URL": (tmp_path / "objects").as_uri(),
        "folder by path": str(tmp_path / "objects with blanks"),
    }
    return Objects(places[request.param])


class TestObjects:
    async def test_file_comes_back_as_it_was_when_it_is_asked_for(self, objects: Objects) -> None:
        for key, kept in ((KEY, bytes(range(256)) * 10_000), ("documents/cd/small", b"x")):
            await objects.put(key, kept)
            assert await content(objects, key) == kept

    async def test_first_file_stays_when_the_key_is_used_again(self, objects: Objects) -> None:
        await objects.put(KEY, b"first")
        await objects.put(KEY, b"second")
        assert await content(objects) == b"first"

    async def test_file_is_whole_when_many_put_it_at_once(self, objects: Objects) -> None:
        kept = b"same" * 100_000
        await asyncio.gather(*(objects.put(KEY, kept) for _ in range(8)))
        assert await content(objects) == kept

    async def test_nothing_is_found_when_nothing_was_put(self, objects: Objects) -> None:
        for key in (KEY, "documents"):
            with pytest.raises(NotFound):
                await objects.read(key)

    async def test_no_key_leads_out_of_the_place_when_it_tries_to(self, objects: Objects) -> None:
        for key in ("documents/../../etc/passwd", "../x"):
            with pytest.raises(ValueError, match="path"):
                await objects.read(key)
            with pytest.raises(ValueError, match="path"):
                await objects.put(key, b"x")


def test_nothing_is_made_when_no_file_is_ever_asked_for(tmp_path: Path) -> None:
    Objects(str(tmp_path / "objects"))
    assert list(tmp_path.iterdir()) == []


async def test_files_are_still_there_when_the_folder_is_opened_again(tmp_path: Path) -> None:
    await Objects(str(tmp_path / "objects")).put(KEY, b"kept")
    assert await content(Objects(str(tmp_path / "objects"))) == b"kept"

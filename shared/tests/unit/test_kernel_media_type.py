"""The forms that documents may have."""

import pytest

from shared.kernel.errors import Invalid
from shared.kernel.media_type import check_media_type, object_key


@pytest.mark.parametrize(
    ("content", "admitted"),
    [
        (b'{"format":"coxswain-evidence-pack/1"}', True),
        (b"[]", True),
        (b"{", False),
        (b"\xff\xfe", False),
        ('{"a": 1}'.encode("utf-16"), False),
        (b"[" * 100_000, False),
        (b"%PDF-1.7", False),
    ],
)
def test_json_is_admitted_when_it_is_json_in_utf_8(content: bytes, admitted: bool) -> None:
    if admitted:
        assert check_media_type("application/json", content).extension == "json"
        return
    with pytest.raises(Invalid) as refused:
        check_media_type("application/json", content)
    assert refused.value.code == "document-not-of-media-type"


@pytest.mark.parametrize("digest", ["", "A" * 64, "../" + "a" * 61, "a" * 63])
def test_object_is_kept_under_a_digest_alone(digest: str) -> None:
    assert object_key("a" * 64) == f"documents/aa/{'a' * 64}"
    with pytest.raises(ValueError, match="no digest"):
        object_key(digest)

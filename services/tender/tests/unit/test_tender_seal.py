"""Sealing schemes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Invalid
from tender.domain.seal import SCHEMES, scheme


@given(st.sampled_from(sorted(SCHEMES)), st.binary(min_size=1))
def test_content_comes_back_as_it_was_when_an_envelope_is_opened(name: str, content: bytes) -> None:
    scheme(name).check(content, "/body/financial")
    assert scheme(name).unseal(content) == content


def test_envelope_is_refused_when_it_is_empty() -> None:
    with pytest.raises(Invalid) as refusal:
        scheme("access/v1").check(b"", "/body/technical")
    assert (refusal.value.code, refusal.value.pointer) == ("envelope-malformed", "/body/technical")


@pytest.mark.parametrize("name", ["", "access", "access/v2", "ACCESS/V1"])
def test_scheme_is_refused_when_nobody_knows_it(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        scheme(name)
    assert (refusal.value.code, refusal.value.satisfied_by) == ("seal-scheme-unknown", "One of: access/v1.")

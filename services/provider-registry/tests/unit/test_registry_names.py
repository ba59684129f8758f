"""Names made comparable: what tells nothing is taken off, and what is alike is found by what it shares."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_registry.domain.names import best_similarity, keys, normalised, similarity


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("  Oarsmen   CARE, Ltd. ", "oarsmen care"),
        ("The Oarsmen-Care Co.", "oarsmen care"),
        ("\uff2f\uff41rsmen Care", "oarsmen care"),
        ("Société Étoile S.A.R.L.", "societe etoile"),
        ("Lebenshilfe e.V.", "lebenshilfe"),
        ("Straßenhilfe gGmbH", "strassenhilfe"),
        ("St. John's House", "st johns house"),
        ("St. John\u2019s House", "st johns house"),
        ("湖滨养老服务有限公司", "湖滨养老服务"),
        ("湖濱養老服務有限公司", "湖濱養老服務"),
        ("湖滨社会工作服务中心", "湖滨社会工作服务中心"),
        ("Ltd", "ltd"),
    ],
)
def test_name_keeps_what_tells_it_apart(name: str, plain: str) -> None:
    assert normalised(name) == plain


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("Oarsmen Care Ltd", "OARSMEN CARE", 100, 100),
        ("Care Oarsmen", "Oarsmen Care", 100, 100),
        ("Oarsmen Neighbourhood Care", "Oarsmen Neighborhood Care", 95, 99),
        ("Oarsmen Neighbourhood Care", "Scullers Neighbourhood Care", 0, 87),
        ("湖滨社会工作服务中心", "湖濱社会工作服务中心", 88, 99),
        ("湖滨社会工作服务中心", "江岸养老院", 0, 50),
    ],
)
def test_names_are_alike_as_far_as_they_share_what_tells(one: str, other: str, least: int, most: int) -> None:
    assert least <= similarity(one, other) <= most
    assert similarity(one, other) == similarity(other, one)


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_bounded_and_mutual(one: str, other: str) -> None:
    assert 0 <= similarity(one, other) == similarity(other, one) <= 100
    assert similarity(one, one) == 100
    assert normalised(normalised(one)) == normalised(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Oarsmen Neighbourhood Care", "Oarsmen Neighborhood Care Ltd"),
        ("Harbour Day Care", "Harbor Day Care Services"),
        ("Lakeside Meals", "Meals Lakeside"),
        ("湖滨区社会工作服务中心", "湖滨社会工作服务中心"),
        ("Zephyr", "ZEPHYR e.V."),
    ],
)
def test_names_that_are_alike_share_a_key(one: str, other: str) -> None:
    assert keys(one) & keys(other)


def test_keys_are_bounded_whatever_the_name_is() -> None:
    assert len(keys(" ".join(f"word{number:03}x{number}" for number in range(60)))) <= 8 + 28 + 1
    assert keys("") == keys("...") == frozenset()


def test_best_of_several_names_counts() -> None:
    assert best_similarity(["Harbour", "Oarsmen Care"], ["Oarsmen Care Ltd"]) == 100
    assert best_similarity([], ["Oarsmen"]) == 0

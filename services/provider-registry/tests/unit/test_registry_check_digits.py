"""Check digits against published numbers and against an independent implementation."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import lei, luhn
from stdnum.au import abn
from stdnum.be import vat
from stdnum.ch import uid
from stdnum.cn import uscc
from stdnum.cz import dic
from stdnum.dk import cvr
from stdnum.es import cif
from stdnum.fi import ytunnus
from stdnum.fr import siret
from stdnum.no import orgnr
from stdnum.pl import nip, regon
from stdnum.pt import nif

from provider_registry.domain.check_digits import ALGORITHMS
from provider_registry.domain.identifier_schemes import identifier_schemes, valid_identifier
from provider_registry.domain.provider_data import Identifier
from shared.kernel.errors import Invalid

# Numbers that registers, org-id.guide or the standard's own text give as examples.
PUBLISHED = (
    ("XI-LEI", "724500PMK2A2M1SQQ228"),
    ("XI-LEI", "959800Q2SYC34EQAPG59"),
    ("XI-LEI", "549300ITS31QK8VRBQ14"),
    ("CN-USCI", "G1610000713522976L"),
    ("CN-USCI", "G1330000MCW06863XQ"),
    ("CN-USCI", "G11100007178352756"),
    ("CN-USCI", "91110000600037341L"),
    ("BE-BCE_KBO", "0521.749.439"),
    ("BE-BCE_KBO", "0518.884.078"),
    ("SE-ON", "556091-2148"),
    ("SE-ON", "556012-5790"),
    ("DK-CVR", "36729929"),
    ("DK-CVR", "10053021"),
    ("FR-RCS", "404 833 048"),
    ("FR-INSEE", "732 829 320 00074"),
    ("FR-INSEE", "35600000000048"),
    ("NO-BRC", "988 077 917"),
    ("FI-PRO", "2077474-0"),
    ("PL-NIP", "856-734-62-15"),
    ("CH-FDJP", "CHE-100.155.212"),
    ("AU-ABN", "51 824 753 556"),
    ("GB-CHC", "1090095"),
    ("GB-COH", "09506232"),
    ("GB-MPR", "IP031455"),
)
DIGITS = "0123456789"
CREDIT_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
Oracle = Callable[[str], bool]
# algorithm: alphabet, lengths, what comes before, what decides instead
ORACLES: dict[str, tuple[str, tuple[int, ...], str, Oracle]] = {
    # The other implementation wants digits where the standard has letters for newer registration authorities.
    "gb-32100": (CREDIT_CODE, (16,), "91", lambda number: uscc.calc_check_digit(number) == number[-1]),
    "iso-7064-mod-97-10": (DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ", (18,), "", lei.is_valid),
    "luhn": (DIGITS, (9, 10, 11), "", luhn.is_valid),
    "siren-siret": (
        DIGITS,
        (9, 14),
        "",
        lambda number: (len(number) == 9 and luhn.is_valid(number)) or siret.is_valid(number),
    ),
    "be-mod-97": (DIGITS, (8,), "05", vat.is_valid),
    "cz-mod-11": (DIGITS, (7,), "2", dic.is_valid),
    "pt-mod-11": (DIGITS, (8,), "5", nif.is_valid),
    "pl-regon": (DIGITS, (9, 14), "", regon.is_valid),
    "es-nif": (DIGITS, (8,), "G", cif.is_valid),
    "no-mod-11": (DIGITS, (9,), "", orgnr.is_valid),
    "dk-mod-11": (DIGITS, (7,), "3", cvr.is_valid),
    "fi-mod-11": (DIGITS, (8,), "", ytunnus.is_valid),
    "pl-nip": (DIGITS, (10,), "", nip.is_valid),
    "ch-mod-11": (DIGITS, (9,), "CHE", uid.is_valid),
    "au-mod-89": (DIGITS, (10,), "5", abn.is_valid),
}
# A remainder of ten and one of nought give the same check digit here, so that these miss some substitutions.
NOT_ALL_CAUGHT = {"cz-mod-11", "pl-regon", "pt-mod-11"}


@pytest.mark.parametrize(("scheme", "number"), PUBLISHED)
def test_published_number_is_taken(scheme: str, number: str) -> None:
    written = valid_identifier(Identifier(scheme, number), "model")
    assert written == Identifier(scheme, "".join(one for one in number if one.isalnum()))


@pytest.mark.parametrize("algorithm", ORACLES)
@given(data=st.data())
def test_number_is_taken_exactly_when_another_implementation_takes_it(algorithm: str, data: st.DataObject) -> None:
    alphabet, lengths, beginning, oracle = ORACLES[algorithm]
    length = data.draw(st.sampled_from(lengths))
    number = beginning + data.draw(st.text(alphabet, min_size=length, max_size=length))
    # One of these has the right check digit nearly always, so that both answers are compared.
    for last in alphabet:
        tried = number[:-1] + last
        assert ALGORITHMS[algorithm](tried) == bool(oracle(tried)), tried


@pytest.mark.parametrize("algorithm", sorted(ORACLES.keys() - NOT_ALL_CAUGHT))
@given(data=st.data())
def test_every_single_wrong_digit_is_caught(algorithm: str, data: st.DataObject) -> None:
    alphabet, lengths, beginning, oracle = ORACLES[algorithm]
    length = lengths[0]
    number = beginning + data.draw(st.text(alphabet, min_size=length, max_size=length))
    valid = [number[:-2] + left + right for left in DIGITS for right in alphabet if oracle(number[:-2] + left + right)]
    place = data.draw(st.integers(len(beginning), len(number) - 1))
    for one in valid[:3]:
        # A digit is taken for another digit, and a letter for another letter: ISO 7064 promises no more of letters.
        wrong = [other for other in alphabet if other != one[place] and other.isdigit() == one[place].isdigit()]
        if algorithm == "es-nif" and place == len(one) - 1:
            wrong = [other for other in DIGITS if other != one[place]]
        assert [other for other in wrong if ALGORITHMS[algorithm](one[:place] + other + one[place + 1 :])] == []


def test_every_algorithm_is_one_of_a_scheme_and_is_tried_here() -> None:
    used = {scheme.check for scheme in identifier_schemes().values()} - {None}
    assert used == ALGORITHMS.keys() == ORACLES.keys()


@pytest.mark.parametrize(
    ("scheme", "number", "code"),
    [
        ("ZZ-NONE", "1", "identifier-scheme-unknown"),
        ("xi-lei", "724500PMK2A2M1SQQ228", "identifier-scheme-unknown"),
        ("XI-LEI", "724500PMK2A2M1SQQ22", "identifier-malformed"),
        ("XI-LEI", "724500PMK2A2M1SQQ229", "identifier-check-digit-wrong"),
        ("NO-BRC", "000 000 000", "identifier-malformed"),
        ("CN-USCI", "91110000600037341I", "identifier-malformed"),
        ("CN-USCI", "91110000600037341M", "identifier-check-digit-wrong"),
        ("FR-RCS", "404833047", "identifier-check-digit-wrong"),
        ("GB-CHC", "12345", "identifier-malformed"),
        ("NL-KVK", "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18", "identifier-malformed"),
    ],
)
def test_number_is_refused_when_it_cannot_be_one(scheme: str, number: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        valid_identifier(Identifier(scheme, number), "model")
    assert refusal.value.code == code
    assert refusal.value.pointer is not None
    assert number not in refusal.value.detail


def test_example_register_is_taken_under_the_model_pack_alone() -> None:
    example = Identifier("XX-REG", "oarsmen")
    assert valid_identifier(example, "model") == example
    with pytest.raises(Invalid) as refusal:
        valid_identifier(example, "uk-2023")
    assert refusal.value.code == "identifier-scheme-unknown"

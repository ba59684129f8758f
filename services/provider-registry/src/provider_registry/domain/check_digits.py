"""Check digits of registration numbers, under the names that identifier schemes know them by."""

from collections.abc import Callable, Mapping, Sequence

Check = Callable[[str], bool]
# The letters I, O, S, V and Z are left out: they are taken for digits and for each other.
_CREDIT_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def unified_social_credit_code(number: str) -> bool:
    """Hold 18 characters to their last one.

    Source: GB 32100-2015, 4.4: weights 3^i modulo 31.
    """
    total = sum(_CREDIT_CODE.index(one) * pow(3, place, 31) for place, one in enumerate(number[:-1]))
    return (total + _CREDIT_CODE.index(number[-1])) % 31 == 0


def modulo_97_10(number: str) -> bool:
    """Hold letters and digits to their last two digits.

    Source: ISO 7064, MOD 97-10; ISO 17442 for the legal entity identifier.
    """
    return int("".join(str(int(one, 36)) for one in number)) % 97 == 1


def luhn(number: str) -> bool:
    """Hold digits to their last one.

    Source: ISO/IEC 7812-1, annex B.
    """
    doubled = [2 * int(one) for one in number[-2::-2]]
    return (sum(map(int, number[-1::-2])) + sum(one // 10 + one % 10 for one in doubled)) % 10 == 0


def siren_or_siret(number: str) -> bool:
    """Hold the number of a French unit, or of one of its establishments, to its last digit.

    Source: INSEE, SIRENE: Luhn; of La Poste's establishments the sum of the digits is a multiple of 5.
    """
    if len(number) == _SIRET and number.startswith(_LA_POSTE) and not luhn(number):
        return sum(map(int, number)) % 5 == 0
    return luhn(number) and luhn(number[:9])


def belgian_enterprise_number(number: str) -> bool:
    """Hold ten digits to their last two, which are 97 less the remainder of the others by 97.

    Source: Crossroads Bank for Enterprises, structure of the enterprise number.
    """
    return (int(number[:-2]) + int(number[-2:])) % 97 == 0


def czech_identification_number(number: str) -> bool:
    """Hold eight digits to their last one.

    Source: Act 111/2009 on basic registers, identification number of a person (IČO): weights 8 to 2, modulo 11.
    """
    rest = -_weighed(number[:-1], range(8, 1, -1)) % 11
    return (rest or 1) % 10 == int(number[-1])


def portuguese_collective_person_number(number: str) -> bool:
    """Hold nine digits to their last one.

    Source: Decree-Law 129/98, number of identification of collective persons: weights 9 to 2, modulo 11.
    """
    return -_weighed(number[:-1], range(9, 1, -1)) % 11 % 10 == int(number[-1])


def regon(number: str) -> bool:
    """Hold nine digits, or fourteen of a local unit, to their last one.

    Source: Polish regulation on the register of entities of the national economy, annex 1: modulo 11.
    """
    first = _weighed(number[:8], (8, 9, 2, 3, 4, 5, 6, 7)) % 11 % 10 == int(number[8])
    local = (2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8)
    return first and (len(number) == 9 or _weighed(number[:13], local) % 11 % 10 == int(number[13]))


def spanish_tax_number(number: str) -> bool:
    """Hold the tax number of a legal entity to its last character, a digit or the letter that stands for it.

    Source: Order EHA/451/2008, annex: Luhn over the seven digits.
    """
    digit = next(one for one in "0123456789" if luhn(number[1:8] + one))
    return number[-1] in (digit, "JABCDEFGHI"[int(digit)])


def _weighed(number: str, weights: Sequence[int]) -> int:
    return sum(int(one) * weight for one, weight in zip(number, weights, strict=True))


def _weighted(modulus: int, weights: Sequence[int], remainder: int = 0) -> Check:
    """Make the check of the digits in a number by their weighted sum."""
    return lambda number: _weighed("".join(filter(str.isdigit, number)), weights) % modulus == remainder


_SIRET, _LA_POSTE = 14, "356000000"
ALGORITHMS: Mapping[str, Check] = {
    "gb-32100": unified_social_credit_code,
    "iso-7064-mod-97-10": modulo_97_10,
    "luhn": luhn,
    "siren-siret": siren_or_siret,
    "be-mod-97": belgian_enterprise_number,
    "cz-mod-11": czech_identification_number,
    "pt-mod-11": portuguese_collective_person_number,
    "pl-regon": regon,
    "es-nif": spanish_tax_number,
    # Central Coordinating Register for Legal Entities, Brønnøysund.
    "no-mod-11": _weighted(11, (3, 2, 7, 6, 5, 4, 3, 2, 1)),
    # Danish Business Authority, CVR number.
    "dk-mod-11": _weighted(11, (2, 7, 6, 5, 4, 3, 2, 1)),
    # Finnish Patent and Registration Office, business ID.
    "fi-mod-11": _weighted(11, (7, 9, 10, 5, 8, 4, 2, 1)),
    # Act on the registration and identification of taxpayers, art. 8c.
    "pl-nip": _weighted(11, (6, 5, 7, 2, 3, 4, 5, 6, 7, -1)),
    # Swiss Federal Statistical Office, enterprise identification number (eCH-0097).
    "ch-mod-11": _weighted(11, (5, 4, 3, 2, 7, 6, 5, 4, 1)),
    # Australian Business Register, format of the ABN: the first digit counts one less.
    "au-mod-89": _weighted(89, (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19), 10),
}

"""One form of writing for equal JSON values, so that they have equal digests."""

from decimal import Decimal
from hashlib import sha256
from json.encoder import encode_basestring

from shared.kernel.errors import Invalid

# From here on a number is written with an exponent.
LARGEST_PLAIN = 10**21

_LITERALS = {None: "null", True: "true", False: "false"}


def digest(value: object) -> str:
    """Return the SHA-256 of a JSON value, in hexadecimal; how the value was written down makes no difference.

    Raises:
        Invalid: value-not-json, if it holds anything that JSON text read without loss does not give.
    """
    return sha256(canonical(value).encode(errors="surrogatepass")).hexdigest()


def salted_digest(salt: str, value: object) -> str:
    """Return the SHA-256 of a salt's bytes followed by a JSON value, in hexadecimal.

    Without the salt nobody finds the value by trying likely ones.

    Units: the salt is in hexadecimal digits.

    Raises:
        Invalid: value-not-json.
    """
    return sha256(bytes.fromhex(salt) + canonical(value).encode(errors="surrogatepass")).hexdigest()


def canonical(value: object) -> str:
    """Write a JSON value in the one way that all equal values are written.

    Numbers keep all their digits. Up to 15 significant digits, where a binary number loses nothing, the text is that of
    the JSON Canonicalization Scheme.

    Raises:
        Invalid: value-not-json.
    Source: RFC 8785
    """
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        members = (f"{encode_basestring(key)}:{canonical(value[key])}" for key in sorted(value, key=_code_units))
        return f"{{{','.join(members)}}}"
    if isinstance(value, (list, tuple)):
        return f"[{','.join(map(canonical, value))}]"
    return _scalar(value)


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None or isinstance(value, bool):
        return _LITERALS[value]
    if isinstance(value, int) and abs(value) < LARGEST_PLAIN:
        return str(value)
    if isinstance(value, (int, Decimal)):
        return _number(Decimal(value))
    raise Invalid("value-not-json", "The value holds something that is not JSON, or a number that is not exact.")


def _code_units(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def _number(number: Decimal) -> str:
    """Write a number as ECMAScript does, but exactly.  Source: ECMA-262, Number::toString; RFC 8785, 3.2.2.3."""
    if not number.is_finite():
        raise Invalid("value-not-json", "The value holds a number that is not finite.")
    sign, all_digits, exponent = number.as_tuple()
    written = "".join(map(str, all_digits)).lstrip("0")
    digits = written.rstrip("0")
    if not digits:
        return "0"
    # The number is 0.DIGITS times ten to the power of point.
    point = len(written) + int(exponent)
    minus = "-" if sign else ""
    if len(digits) <= point <= 21:
        return minus + digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{minus}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{minus}0.{'0' * -point}{digits}"
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{minus}{digits[0]}{fraction}e{point - 1:+d}"

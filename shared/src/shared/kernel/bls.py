"""BLS signatures over BLS12-381 whose keys are points of G2 and whose signatures are points of G1.

Source: draft-irtf-cfrg-bls-signature; RFC 9380, suite BLS12381G1_XMD:SHA-256_SSWU_RO_.
"""

import contextlib
import hashlib
import sys
from collections.abc import Iterator
from functools import lru_cache

KEY_BYTES = 96
SIGNATURE_BYTES = 48
DOMAIN = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
_HALF = KEY_BYTES // 2


@contextlib.contextmanager
def recursion_limit_kept() -> Iterator[None]:
    """Keep how deep calls may nest while py_ecc is imported: it allows so much that a nested body ends the process."""
    limit = sys.getrecursionlimit()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


@lru_cache(maxsize=64)
def signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether a signature is the key's on a message.

    Units: key and signature compressed, 96 and 48 bytes; it takes about half a second.
    """
    if (len(key), len(signature)) != (KEY_BYTES, SIGNATURE_BYTES):
        return False
    # What these import takes a second, and only draws by a round of drand need it.
    with recursion_limit_kept():
        from py_ecc.bls.g2_primitives import subgroup_check  # noqa: PLC0415
        from py_ecc.bls.hash_to_curve import hash_to_G1  # noqa: PLC0415
        from py_ecc.bls.point_compression import decompress_G1, decompress_G2  # noqa: PLC0415
        from py_ecc.fields import optimized_bls12_381_FQ12 as FQ12  # noqa: PLC0415 - the name it has everywhere
        from py_ecc.optimized_bls12_381.optimized_curve import G2, neg  # noqa: PLC0415
        from py_ecc.optimized_bls12_381.optimized_pairing import final_exponentiate, pairing  # noqa: PLC0415

    try:
        point = decompress_G1(int.from_bytes(signature))  # type: ignore[arg-type]
        public = decompress_G2((int.from_bytes(key[:_HALF]), int.from_bytes(key[_HALF:])))  # type: ignore[arg-type]
    except ValueError:
        return False
    # A point outside the group could be moved without the signature ceasing to hold.
    if not subgroup_check(point):
        return False
    hashed = hash_to_G1(message, DOMAIN, hashlib.sha256)  # type: ignore[arg-type]
    # Both pairings share the one expensive last step.
    product = pairing(G2, point, final_exponentiate=False) * pairing(public, neg(hashed), final_exponentiate=False)
    return bool(final_exponentiate(product) == FQ12.one())

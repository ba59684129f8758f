"""A network of drand whose secret is known, so that a test can have any round signed."""

import hashlib
from functools import lru_cache

from shared.kernel.bls import DOMAIN, recursion_limit_kept

with recursion_limit_kept():
    from py_ecc.bls.hash_to_curve import hash_to_G1
    from py_ecc.bls.point_compression import compress_G1, compress_G2
    from py_ecc.optimized_bls12_381.optimized_curve import G2, multiply

_SECRET = 20_260_302
KEY = b"".join(int(half).to_bytes(48) for half in compress_G2(multiply(G2, _SECRET)))
"""The public key, to put in the place of quicknet's."""


@lru_cache(maxsize=16)
def signature(round_number: int) -> str:
    """Sign a round, in hexadecimal digits."""
    message = hashlib.sha256(round_number.to_bytes(8)).digest()
    hashed = hash_to_G1(message, DOMAIN, hashlib.sha256)  # type: ignore[arg-type]
    return int(compress_G1(multiply(hashed, _SECRET))).to_bytes(48).hex()

"""The parts a supervisor is made of."""

from enum import StrEnum


class InspectionBodyType(StrEnum):
    """How independent an inspection body is.

    Source: ISO/IEC 17020: A is a third party, B serves its own parent organisation, C takes part in what it inspects.
    """

    A = "A"
    B = "B"
    C = "C"

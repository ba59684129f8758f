"""What cannot be worked with."""


class Unusable(Exception):  # noqa: N818 - a state of the input
    """The input is of no use; the text says why in one sentence."""

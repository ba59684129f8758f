"""What can be in the way of Kafka, told to a person."""


class KafkaUnavailable(Exception):  # noqa: N818 - a fact of the machine
    """Why Kafka cannot run on this machine: one sentence that says what to install."""


class KafkaNotStarted(Exception):  # noqa: N818 - a fact of the machine
    """Why the broker of a data folder does not start."""

"""Apache Kafka as it comes from Maven, one broker on this machine: for tests, and for a cluster without containers."""

from shared.platform.embedded_kafka.jars import cache_folder, prepare
from shared.platform.embedded_kafka.problems import KafkaNotStarted, KafkaUnavailable
from shared.platform.embedded_kafka.server import RunningKafka, start

__all__ = [
    "KafkaNotStarted",
    "KafkaUnavailable",
    "RunningKafka",
    "cache_folder",
    "prepare",
    "start",
]

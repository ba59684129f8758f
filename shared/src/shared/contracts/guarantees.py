"""What whoever sends public events guarantees, and whoever reads them does."""

from dataclasses import dataclass

from shared.contracts.event import MOST_BYTES


@dataclass(frozen=True, slots=True)
class Guarantee:
    """One thing to rely on; what stands between backquotes is code."""

    title: str
    text: str


PARTITIONS = 6
REPLICAS = 3
LARGEST_MESSAGE = 1024 * 1024
RETENTION_MS = -1

GUARANTEES = (
    Guarantee(
        "Two ways to the same events",
        "Over Kafka an event is a message in the binary mode of CloudEvents: the key is the `partitionkey` in UTF-8, "
        "the attributes are headers that begin with `ce_`, and the value is the data alone as JSON. Over HTTP each "
        "service serves its log at `GET /v1/events?after=POSITION` in the structured mode: a JSON array of objects "
        "with the same attributes as members, without `ce_`, numbers and truth values as such, and the data as the "
        "member `data`; `GET /v1/events/stream` sends the same objects as Server-Sent Events and resumes with "
        "`Last-Event-ID`. An installation may put a prefix before the names of its topics.",
    ),
    Guarantee(
        "Order",
        "Events with the same `partitionkey` are in order: over HTTP altogether, over Kafka within a topic. Where "
        "one service tells of one key on several topics, as tender, award and contract, Kafka keeps no order between "
        "them: a reader who needs it reads all of them and holds an event back until the one at its `predecessor` is "
        "read. A key is on the partition with the same number in each of them, so one member of a consumer group can "
        "have them all. Positions of a service have no gaps, so a reader of all its topics knows what is missing. "
        "`sequence` tells the order of one aggregate. Between services there is no order; a reader is ready for "
        "either to be first.",
    ),
    Guarantee(
        "At least once",
        "Every event is sent, and may be sent again. A repetition has the same `id`, `position` and content, so a "
        "reader remembers, together with what it made of it, how far it has read each `partitionkey` on each topic, "
        "and leaves out what is not behind that.",
    ),
    Guarantee(
        "Nothing is deleted",
        "Topics and feeds keep every event without limit of time. A new reader begins at the first one: "
        "`auto.offset.reset=earliest`, or `after=0`.",
    ),
    Guarantee(
        "Compatibility",
        "It is full and transitive: a reader written for any older schema of a type reads every newer event of it, "
        "and a reader written for the newest schema reads every older event. Fields are only ever added, and only "
        "such as may be absent; anything else is a new type with a new number at its end. Every golden example stays "
        "as it is.",
    ),
    Guarantee(
        "What a reader skips",
        "Fields that it does not know, types that it does not know, repetitions, and, if it acts in earnest, every "
        "event with `sandbox` true. A message that is not as described here, or whose key is not what its data say, "
        "does not come from the owner of the topic: a reader sets it aside and goes on.",
    ),
    Guarantee(
        "Size",
        f"The data have at most {MOST_BYTES:,} bytes, a message with its key and headers {LARGEST_MESSAGE:,}. "
        "Documents are not sent but named by their SHA-256.",
    ),
    Guarantee(
        "Everything is public",
        "An event holds only what anybody may read at that moment, and no personal data.",
    ),
)

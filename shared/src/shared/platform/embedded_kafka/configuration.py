"""How the one broker is set up: small, quick to start, and strict about what a real cluster is strict about."""

HOST = "127.0.0.1"
READY = "Kafka Server started"  # what it logs once it answers
LOG_FOLDER = "log"

# Kafka takes log.dirs from its working folder; the data folder's own name, which may hold anything, is in no file.
_SERVER = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=CLIENTS
listeners=CLIENTS://{host}:{port},CONTROLLER://{host}:{controller_port}
listener.security.protocol.map=CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={log_folder}

# Topics come from their declaration, never from a misspelt name.
auto.create.topics.enable=false

# Kafka's own topics, on one broker.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=4

# A group of one need not wait for others, and a killed member may be missed sooner than after 6 seconds.
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000

# After a kill its own controller takes the broker for another one until the session of the killed one is over.
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000

# No topic of ours is compacted; the cleaner would take 128 MB for its table.
log.cleaner.dedupe.buffer.size=4194304
"""

LOGGING = """\
rootLogger.level=warn
rootLogger.appenderRef.console.ref=console
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{ISO8601} %p %m (%c{1})%n
logger.server.name=kafka.server.KafkaRaftServer
logger.server.level=info
"""

# On a machine with few cores the second compiler takes from everybody else more than it gives back.
JAVA_OPTIONS = (
    "-Xms32m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",  # which would leave a file in /tmp when killed
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    "-Dlog4j2.configurationFile=log4j2.properties",
)


def server_properties(port: int, controller_port: int) -> str:
    return _SERVER.format(host=HOST, port=port, controller_port=controller_port, log_folder=LOG_FOLDER)

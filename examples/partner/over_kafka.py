"""Follow a Coxswain over Kafka: `over_kafka.py BOOTSTRAP_SERVERS SCHEMAS_URL TOPIC... [--until-idle]`.

Prints one line an event. Needs aiokafka, httpx and jsonschema; of Coxswain it knows the published schemas alone.
"""

import asyncio
import json
import sys
from functools import cache

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from jsonschema import Draft202012Validator


@cache
def schema(url: str, event_type: str) -> Draft202012Validator:
    return Draft202012Validator(httpx.get(f"{url}/{event_type}.json").raise_for_status().json())


async def follow(servers: str, schemas: str, topics: list[str], until_idle: bool) -> None:
    read: dict[tuple[str, str], int] = {}  # keep this where you keep what you make of the events, in one transaction
    options = {"group_id": "partner", "auto_offset_reset": "earliest", "enable_auto_commit": False}
    async with AIOKafkaConsumer(*topics, bootstrap_servers=servers, **options) as consumer:
        while True:
            batches = await consumer.getmany(timeout_ms=5_000)
            if until_idle and not batches and consumer.assignment():
                return
            for place, messages in batches.items():
                for message in messages:
                    event = {name[3:]: value.decode() for name, value in message.headers if name.startswith("ce_")}
                    key, position = (message.topic, event["partitionkey"]), int(event["position"])
                    if position > read.get(key, 0):  # else it is a repetition
                        data = json.loads(message.value)
                        schema(schemas, event["type"]).validate(data)
                        print(event["source"], position, event["type"], key[1], json.dumps(data), flush=True)
                        read[key] = position
                await consumer.commit({TopicPartition(*place): messages[-1].offset + 1})


words = [word for word in sys.argv[1:] if word != "--until-idle"]
asyncio.run(follow(words[0], words[1], words[2:], "--until-idle" in sys.argv))

"""Follow a Coxswain service over HTTP: `over_http.py SERVICE_URL SCHEMAS_URL [--until-idle]`.

Prints one line an event. Needs httpx and jsonschema; of Coxswain it knows the published schemas alone.
"""

import json
import sys
from functools import cache

import httpx
from jsonschema import Draft202012Validator


@cache
def schema(url: str, event_type: str) -> Draft202012Validator:
    return Draft202012Validator(httpx.get(f"{url}/{event_type}.json").raise_for_status().json())


def follow(service: str, schemas: str, until_idle: bool) -> None:
    after = 0  # keep this where you keep what you make of the events, in one transaction
    with httpx.Client(timeout=60) as http:
        while True:
            asked = {"after": after, "limit": 1000, "wait": 0 if until_idle else 30}
            events = http.get(f"{service}/v1/events", params=asked).raise_for_status().json()
            if until_idle and not events:
                return
            for event in events:
                schema(schemas, event["type"]).validate(event["data"])
                told = (event["source"], event["position"], event["type"], event["partitionkey"])
                print(*told, json.dumps(event["data"]), flush=True)
                after = event["position"]


words = [word for word in sys.argv[1:] if word != "--until-idle"]
follow(words[0], words[1], "--until-idle" in sys.argv)

"""The catalogue of published events: topic, owner, type, schema, golden examples."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from shared.contracts import (
    advance,
    appropriation,
    audit,
    award,
    bank,
    budget,
    challenge,
    contract,
    framework,
    inspection,
    panel,
    preparation,
    provider,
    provider_case,
    provider_eligibility,
    provider_evidence,
    provider_programmes,
    provider_results,
    provider_screening,
    provider_years,
    tender,
    withholding,
)
from shared.contracts.event import EventData

TOPICS: Mapping[str, str] = {
    "tender": "tender",
    "award": "tender",
    "contract": "tender",
    "budget": "budget",
    "inspection": "evaluation",
    "audit": "evaluation",
    "provider": "provider-registry",
    "feedback": "portal",
}
_MODULES = (
    tender,
    preparation,
    panel,
    challenge,
    award,
    bank,
    framework,
    contract,
    appropriation,
    budget,
    advance,
    withholding,
    inspection,
    audit,
    provider,
    provider_programmes,
    provider_results,
    provider_screening,
    provider_case,
    provider_years,
    provider_evidence,
    provider_eligibility,
)


@cache
def event_types() -> Mapping[str, type[EventData]]:
    """Return every published event type, by its name."""
    found = (
        value
        for module in _MODULES
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, EventData) and hasattr(value, "TYPE")
    )
    return {model.TYPE: model for model in sorted(found, key=lambda model: model.TYPE)}


def read(event_type: str, data: Mapping[str, Any]) -> EventData:
    """Read an event's data as its declared type.

    Raises:
        KeyError: for a type the catalogue does not hold.
        pydantic.ValidationError: for data that is not of the type.
    """
    return event_types()[event_type].model_validate(data)


def schema(event_type: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of an event type's data, with the catalogue's names on it."""
    model = event_types()[event_type]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:coxswain:event:{event_type}",
        "title": event_type,
        "x-topic": model.topic(),
        "x-owner": model.OWNER,
        "x-key": model.KEY,
        # As a reader validates: a field with a default may be absent, since events older than the field are without it.
        **{key: value for key, value in model.model_json_schema(mode="validation").items() if key != "title"},
    }


def published_schema(event_type: str) -> dict[str, Any]:
    """Return the schema as it was last published with the product."""
    text = files("shared.contracts").joinpath("schemas", f"{event_type}.schema.json").read_text("utf-8")
    return dict(json.loads(text))


def golden_examples() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every example ever shipped as (event type, file name, data)."""
    for folder in sorted(files("shared.contracts").joinpath("examples").iterdir(), key=lambda item: item.name):
        for file in sorted(folder.iterdir(), key=lambda item: item.name):
            yield folder.name, file.name, json.loads(file.read_text("utf-8"))

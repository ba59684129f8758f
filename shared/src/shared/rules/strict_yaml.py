"""YAML that says each thing once."""

from collections.abc import Hashable
from typing import Any

import yaml


class _StrictYaml(yaml.SafeLoader):
    """Refuses a key that is no text or is written twice: plain YAML lets the last one win without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        if not all(isinstance(key, str) for key in keys) or len(set(keys)) < len(keys):
            raise yaml.MarkedYAMLError(problem="a key is not text or is written twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep=deep)


def read(text: str) -> Any:
    """Read a document.

    Raises:
        yaml.YAMLError: for what is no YAML, and for a mapping whose keys are not each another text.
    """
    try:
        return yaml.load(text, Loader=_StrictYaml)  # noqa: S506 - a SafeLoader made stricter
    except (ValueError, RecursionError) as unreadable:  # a day that no calendar has; nested without end
        raise yaml.YAMLError(f"it cannot be read: {type(unreadable).__name__}") from unreadable

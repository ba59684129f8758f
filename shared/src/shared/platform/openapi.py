"""What the API documents say beyond what each route declares."""

from typing import Any

from fastapi import FastAPI

_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Names this request: sent again with the same body, it is answered as the first time and done once.",
    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,100}$"},
}
_DRY_RUN = {
    "name": "dry_run",
    "in": "query",
    "required": False,
    "description": "Answer as if it were done, and undo it.",
    "schema": {"type": "boolean", "default": False},
}


class DocumentedAPI(FastAPI):
    """An application whose document also names what every command takes."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        if self.openapi_schema is None:
            document = super().openapi()
            for path in document["paths"].values():
                for method, operation in path.items():
                    # What anybody may ask without a token changes nothing, and is no command.
                    if method in {"post", "put", "patch", "delete"} and "security" in operation:
                        parameters = operation.setdefault("parameters", [])
                        parameters += [{**_KEY, "required": method == "post"}, _DRY_RUN]
            self.openapi_schema = document
        return self.openapi_schema

"""What the API documents say beyond what each route declares."""

import threading
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from starlette.requests import Request

from shared.platform.problems import MEDIA_TYPE

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


_SHARED_PARAMETERS = {
    "IdempotencyKey": {**_KEY, "required": True},
    "OptionalIdempotencyKey": {**_KEY, "required": False},
    "DryRun": _DRY_RUN,
}


class DocumentedAPI(FastAPI):
    """An application whose document also names what every command takes, and says once what is always the same."""

    def __init__(self, **values: Any) -> None:
        # Before the rest: the application sets its routes up as it is made.
        self._writing = threading.Lock()
        self._documented: list[tuple[APIRouter, dict[int | str, dict[str, Any]]]] = []
        super().__init__(**values)

    def answer(self, router: APIRouter, responses: dict[int | str, dict[str, Any]] | None = None) -> None:
        """Answer by a router's routes as they are; responses are documented of its routes, with those of all.

        FastAPI would make every route of a router that is included anew, at the first request.
        """
        self.router.routes.extend(router.routes)
        self._documented.append((router, responses or {}))

    def setup(self) -> None:
        """Serve the document, written beside the event loop: a large service's takes seconds on a busy machine."""

        async def document(request: Request) -> JSONResponse:
            written = await run_in_threadpool(self.openapi)
            root = request.scope.get("root_path", "").rstrip("/")
            return JSONResponse({**written, "servers": [{"url": root}]} if root else written)

        if self.openapi_url:
            self.add_route(self.openapi_url, document, include_in_schema=False)

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        with self._writing:
            return self._written()

    def _written(self) -> dict[str, Any]:
        if self.openapi_schema is not None:
            return self.openapi_schema
        described = FastAPI(
            title=self.title,
            summary=self.summary,
            version=self.version,
            responses=self.router.responses,
            generate_unique_id_function=self.router.generate_unique_id_function,
        )
        for router, responses in self._documented:
            described.include_router(router, responses=responses)
        document = self.openapi_schema = described.openapi()
        components = document.setdefault("components", {})
        for path in document["paths"].values():
            for method, operation in path.items():
                # What anybody may ask without a token changes nothing, and is no command.
                if method in {"post", "put", "patch", "delete"} and "security" in operation:
                    key = "IdempotencyKey" if method == "post" else "OptionalIdempotencyKey"
                    operation.setdefault("parameters", []).extend(map(_parameter, (key, "DryRun")))
                    components.setdefault("parameters", {}).update(_SHARED_PARAMETERS)
                components.setdefault("responses", {}).update(_share_problems(operation["responses"]))
        return document


def _parameter(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{name}"}


def _share_problems(responses: dict[str, Any]) -> dict[str, Any]:
    """Put a reference in the place of every problem, and return the problems; each is of its own media type alone."""
    shared = {}
    for status, answer in list(responses.items()):
        if MEDIA_TYPE in answer.get("content", {}):
            schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
            shared[f"Problem{status}"] = {"description": answer["description"], "content": {MEDIA_TYPE: schema}}
            responses[status] = {"$ref": f"#/components/responses/Problem{status}"}
    return shared

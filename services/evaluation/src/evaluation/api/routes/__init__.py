"""The evaluation's API."""

from evaluation.api.routes import contracts, external, overdue, supervision_files, supervisors
from evaluation.api.routes.external import LARGER_BODIES

ROUTERS = (supervisors.router, supervision_files.router, contracts.router, external.router, overdue.router)

__all__ = ["LARGER_BODIES", "ROUTERS"]

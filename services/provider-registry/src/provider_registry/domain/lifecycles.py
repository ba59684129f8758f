"""Every lifecycle of the service: what the documents draw, and the tests hold the code to."""

from provider_registry.domain.application import APPLICATION
from provider_registry.domain.case_parts import CASE
from provider_registry.domain.document import DOCUMENT
from provider_registry.domain.yearly_report import YEARLY_REPORT

LIFECYCLES = (DOCUMENT, CASE, YEARLY_REPORT, APPLICATION)

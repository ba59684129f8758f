"""The registry's own tables."""

from sqlalchemy import Column, MetaData, Text

from shared.platform.database import document_table
from shared.platform.tables import NAMING

metadata = MetaData(naming_convention=NAMING)

providers = document_table(
    "providers",
    metadata,
    Column("organisation", Text, nullable=False, unique=True),
    Column("identifier", Text, nullable=False, unique=True),
)
track_records = document_table("track_records", metadata)

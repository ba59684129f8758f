"""The portal's read model: every table is built from events alone."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, MetaData, Table, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.platform.tables import NAMING

metadata = MetaData(naming_convention=NAMING)

timeline = Table(
    "timeline",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("source", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("ocid", Text),
    Column("plan", Text),
    Column("time", DateTime(timezone=True), nullable=False),
    Column("sandbox", Boolean, nullable=False),
    Column("event", JSONB, nullable=False),
    UniqueConstraint("source", "position"),
)
Index("timeline_ocid", timeline.c.ocid, postgresql_where=text("ocid IS NOT NULL"))
Index("timeline_plan", timeline.c.plan, postgresql_where=text("plan IS NOT NULL"))
Index("timeline_key", timeline.c.key)

procedures = Table(
    "procedures",
    metadata,
    Column("ocid", Text, primary_key=True),
    Column("external", Boolean, nullable=False),
    Column("sandbox", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("title", Text),
    Column("buyer", Text),
    Column("suppliers", ARRAY(Text), nullable=False),
    Column("last_event_at", DateTime(timezone=True), nullable=False),
    Column("document", JSONB, nullable=False),
)
Index("procedures_place", procedures.c.external, procedures.c.last_event_at.desc(), procedures.c.ocid.desc())
Index("procedures_suppliers", procedures.c.suppliers, postgresql_using="gin")

providers = Table(
    "providers",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("document", JSONB, nullable=False),
)

# Not from `tables`: only who has read this knows that the entries of lists are insert-only.
from provider_registry.db.screening import metadata
from shared.platform import migrations, tables

migrations.run(tables.metadata, metadata)

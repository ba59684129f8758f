"""The tables of what lies between the ledger and the bank: accounts, files, statements."""

from sqlalchemy import Column, Text

from budget.db.tables import metadata
from shared.platform.database import document_table

payee_accounts = document_table("payee_accounts", metadata, Column("organisation", Text, nullable=False, unique=True))

"""The only SQL: tables and queries, as plain functions over the caller's `Connection`.

They never commit and never await; rows come in, domain objects go out.
"""

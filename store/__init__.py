"""The only code that talks to a time-series database: InfluxDB and its relatives, or one SQLite file."""

from store.base import Part, Rejected, Store, StoreError, Unavailable
from store.query import Aggregate, Condition, Query, Row, Select
from store.tally import Item, Newest, Span, Tallied, Tally
from store.url import open_store

__all__ = [
    "Aggregate",
    "Condition",
    "Item",
    "Newest",
    "Part",
    "Query",
    "Rejected",
    "Row",
    "Select",
    "Span",
    "Store",
    "StoreError",
    "Tallied",
    "Tally",
    "Unavailable",
    "open_store",
]

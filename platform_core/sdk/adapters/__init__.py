"""Readers of common file formats, ready to be named in ``Solution(adapters=…)`` or to build adapters from.

Importing this room is light; polars is imported when a Parquet file is read.
"""

from platform_core.sdk.adapters.base import FormatAdapter
from platform_core.sdk.adapters.decoding import MAX_FIELD, Decoded, binary_kind, decode_file
from platform_core.sdk.adapters.json_text import DamagedJson, parse_json
from platform_core.sdk.adapters.proposing import propose_columns
from platform_core.sdk.adapters.rows import RawRow, TableFile, raw_table, to_records
from platform_core.sdk.adapters.table import TableAdapter

__all__ = [
    "MAX_FIELD",
    "DamagedJson",
    "Decoded",
    "FormatAdapter",
    "RawRow",
    "TableAdapter",
    "TableFile",
    "binary_kind",
    "decode_file",
    "parse_json",
    "propose_columns",
    "raw_table",
    "to_records",
]

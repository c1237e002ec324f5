"""Reads transcoded files of the corpus with PyArrow, and prints what is wrong with them.

`python check_transcoded.py <values.json> <file>…` compares every value with `values.json`, verifies the checksum of every
page, and recomputes the statistics and sizes of every column chunk. It prints a JSON list of problems.
"""

import json
import os
import sys

import pyarrow.compute as pc
import pyarrow.parquet as pq
from exact_values import exact_column

with open(sys.argv[1]) as recorded:
    VALUES = json.load(recorded)


def problems(path):
    file = pq.ParquetFile(path, page_checksum_verification=True, coerce_int96_timestamp_unit="us")
    metadata = file.metadata
    table = file.read()
    for name, column in zip(table.column_names, table.columns):
        if exact_column(column.combine_chunks()) != VALUES[name.split(".")[0]]:
            yield f"{name} has other values"
    if not metadata.created_by.startswith("Lakeshore version "):
        yield f"it was created by {metadata.created_by}"
    end = 4
    for index in range(metadata.num_row_groups):
        group = metadata.row_group(index)
        rows = file.read_row_group(index)
        for at in range(group.num_columns):
            chunk = group.column(at)
            start = chunk.dictionary_page_offset or chunk.data_page_offset
            if start != end:
                yield f"{chunk.path_in_schema} starts at {start}, not {end}"
            end = start + chunk.total_compressed_size
            if not chunk.has_offset_index:
                yield f"{chunk.path_in_schema} has no offset index"
            statistics = chunk.statistics
            if statistics is None:
                yield f"{chunk.path_in_schema} has no statistics"
            elif chunk.path_in_schema in rows.column_names:
                column = rows.column(chunk.path_in_schema)
                if statistics.null_count != column.null_count:
                    yield f"{chunk.path_in_schema} has {statistics.null_count} nulls"
                if statistics.has_min_max and chunk.physical_type in ("INT32", "INT64", "BYTE_ARRAY", "BOOLEAN"):
                    expected = pc.min_max(column).as_py()
                    if (statistics.min, statistics.max) != (expected["min"], expected["max"]):
                        yield f"{chunk.path_in_schema} has the bounds {statistics.min} and {statistics.max}"
    if os.path.getsize(path) <= end:
        yield "its chunks are longer than the file"


print(json.dumps([f"{os.path.basename(path)}: {problem}" for path in sys.argv[2:] for problem in problems(path)]))

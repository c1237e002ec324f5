"""Compares rows of staged Parquet files with `values.arrow`, value by value.

    compare_rows.py <folder> <columns, or * for all> <file> …

Prints the first difference, and nothing if there is none.
"""

import pathlib
import sys

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

sys.path.append(str(pathlib.Path(__file__).parent.parent / "parquet-corpus"))
from exact_values import exact_column

folder, columns, *files = sys.argv[1:]
expected = pa.feather.read_table(f"{folder}/values.arrow")
if columns != "*":
    expected = expected.select(columns.split(","))
read = pa.concat_tables([pq.read_table(file) for file in files])


def values(table, name):
    return [value for chunk in table.column(name).chunks for value in exact_column(chunk)]


if read.column_names != expected.column_names:
    sys.exit(f"the columns are {read.column_names}")
for name in expected.column_names:
    wanted, found = values(expected, name), values(read, name)
    if len(found) != len(wanted):
        sys.exit(f"{name} has {len(found)} values of {len(wanted)}")
    for row, (one, other) in enumerate(zip(wanted, found)):
        if one != other:
            sys.exit(f"{name}[{row}] is {other}, not {one}")

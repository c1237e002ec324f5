"""Records what PyArrow reads from the files of apache/parquet-testing, which the repository does not contain.

`python record_parquet_testing.py <folder of parquet-testing>` writes `parquet-testing.json` next to this file: for each
file, the number of its rows and a digest of each column, or that PyArrow fails. A digest is the SHA-256 of the column's
values as JSON, a line each, in the form that `exact_values.py` describes.
"""

import hashlib
import json
import os
import sys

import pyarrow.parquet as pq
from exact_values import exact_column


def digest(column):
    lines = [json.dumps(value, ensure_ascii=False, separators=(",", ":")) for chunk in column.chunks for value in exact_column(chunk)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def record(file):
    try:
        table = pq.ParquetFile(file, page_checksum_verification=True, coerce_int96_timestamp_unit="us").read()
        if sum(column.nbytes for column in table.columns) > 1 << 30:
            return {"error": "TooLarge"}
        return {"rows": len(table), "columns": {name: digest(column) for name, column in zip(table.column_names, table.columns)}}
    except Exception as error:
        return {"error": type(error).__name__}


def main(root):
    found = {}
    for folder in ["data", "data/geospatial", "bad_data"]:
        for name in sorted(os.listdir(f"{root}/{folder}")):
            if name.endswith(".parquet"):
                found[f"{folder}/{name}"] = record(f"{root}/{folder}/{name}")
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "parquet-testing.json"), "w") as out:
        lines = [f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in found.items()]
        out.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1])

"""PyIceberg on one catalog, of the REST kind and named `peer` unless told. A request is `{"code": …}`: Python that leaves what it found in `answer`.

What one request defines, the next one knows.
"""

import warnings

import json_lines

warnings.filterwarnings("ignore")

import pyarrow as pa
from pyiceberg.catalog import load_catalog

settings = {"name": "peer", "type": "rest", **json_lines.settings()}
names = {"catalog": load_catalog(settings.pop("name"), **settings), "pa": pa}


def run(request):
    names["answer"] = None
    exec(request["code"], names)
    return names["answer"]


json_lines.answer_all(run)

"""PyIceberg on one catalog, by default a REST catalog named `peer`. A request is `{"code": …}`: Python that assigns its
result to `answer`.

Later requests see the names that earlier ones define.
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

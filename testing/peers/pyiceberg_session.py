"""PyIceberg on one catalog, by default a REST catalog named `peer`. A request is `{"code": …}`: Python that assigns its
result to `answer`.

Later requests see the names that earlier ones define. With `socket` in its settings it has many sessions, one for each
connection, with a catalog and names of its own.
"""

import warnings

import json_lines

warnings.filterwarnings("ignore")

import pyarrow as pa
from pyiceberg.catalog import load_catalog

settings = json_lines.settings()


def open_session(settings):
    properties = {"name": "peer", "type": "rest", **settings}
    names = {"catalog": load_catalog(properties.pop("name"), **properties), "pa": pa}

    def run(request):
        names["answer"] = None
        exec(request["code"], names)
        return names["answer"]

    return run


if "socket" in settings:
    json_lines.serve(settings["socket"], open_session)
else:
    json_lines.answer_all(open_session(settings))

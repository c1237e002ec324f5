"""DuckDB in memory. A request is `{"sql": …}`: statements, of which the last one gives the rows of the answer.

The extensions in its settings lie where `INSTALL` would put them, so it downloads nothing.
"""

import importlib
import pathlib
import tempfile

import duckdb
import json_lines

extensions = json_lines.settings()["extensions"]


def installed(folder):
    platform = duckdb.execute("PRAGMA platform").fetchone()[0]
    target = pathlib.Path(folder, f"v{duckdb.__version__}", platform)
    target.mkdir(parents=True)
    for name in extensions:
        package = pathlib.Path(importlib.import_module(f"duckdb_extension_{name}").__file__).parent
        file = f"{name}.duckdb_extension"
        (target / file).symlink_to(next(package.rglob(file)))
    return folder


with tempfile.TemporaryDirectory() as folder:
    connection = duckdb.connect(config={"extension_directory": installed(folder)})
    json_lines.answer_all(lambda request: connection.execute(request["sql"]).fetchall())

"""Spark on one REST catalog, `peer`. A request is `{"sql": …}`; the response is the rows, every value as text or null.

A request `{"code": …}` runs Python with `spark`; the response is its variable `answer`.

With `socket` in its settings it has many sessions, one for each connection: each has settings, catalogs and variables
of its own, and all share the Java process.
"""

import json_lines
from pyspark.sql import SparkSession

settings = json_lines.settings()
builder = (
    SparkSession.builder.master("local[2]")
    .appName("interop")
    .config("spark.jars", settings["jar"])
    .config("spark.driver.memory", settings.get("memory", "1g"))
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.sql.warehouse.dir", settings["scratch"])
    .config("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
    .config("spark.sql.defaultCatalog", "peer")
    .config("spark.sql.catalog.peer", "org.apache.iceberg.spark.SparkCatalog")
    .config("spark.sql.catalog.peer.type", "rest")
    .config("spark.sql.catalog.peer.cache-enabled", "false")
)
first = builder.getOrCreate()
first.sparkContext.setLogLevel("ERROR")
# Py4J looks for each part of such a name in every jar, each time.
jvm_session = first._jvm.org.apache.spark.sql.SparkSession


def open_session(settings):
    spark = first.newSession()
    # Only now, because the builder's settings show in the arguments of the Java process.
    for key, value in settings["catalog"].items():
        spark.conf.set(f"spark.sql.catalog.peer.{key}", value)

    def run(request):
        # A thread without a session of its own would get the first one.
        jvm_session.setActiveSession(spark._jsparkSession)
        if "code" in request:
            scope = {"spark": spark, "answer": None}
            exec(request["code"], scope)
            return scope["answer"]
        rows = spark.sql(request["sql"]).collect()
        return [[None if value is None else str(value) for value in row] for row in rows]

    return run


if "socket" in settings:
    json_lines.serve(settings["socket"], open_session)
else:
    json_lines.answer_all(open_session(settings))
first.stop()

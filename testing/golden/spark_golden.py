"""Writes and reads golden tables with Spark and Iceberg's Java library, in one JVM, on one REST catalog, `peer`.

A request is `{"write": name}`, which runs the recipe of that name, or `{"read": table, "snapshotId" | "ref": …,
"reader": "spark" | "java" | "lineage"}`, or `{"metadataTable": name, "of": table, "snapshotId"?: …}`. Rows are in the
form that `golden_rows.py` describes.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "peers"))

import json_lines
import golden_rows
from pyspark.sql import SparkSession

settings = json_lines.settings()
builder = (
    SparkSession.builder.master("local[1]")
    .appName("golden")
    .config("spark.jars", settings["jar"])
    .config("spark.driver.extraClassPath", settings["firstJar"])
    .config("spark.driver.memory", "1g")
    .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.ui.enabled", "false")
    .config("spark.sql.shuffle.partitions", "1")
    .config("spark.sql.session.timeZone", "UTC")
    .config("spark.sql.warehouse.dir", settings["scratch"])
    .config("spark.sql.extensions", "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
    .config("spark.sql.defaultCatalog", "peer")
    .config("spark.sql.catalog.peer", "org.apache.iceberg.spark.SparkCatalog")
    .config("spark.sql.catalog.peer.type", "rest")
    .config("spark.sql.catalog.peer.uri", settings["uri"])
    .config("spark.sql.catalog.peer.cache-enabled", "false")
)
spark = builder.getOrCreate()
spark.sparkContext.setLogLevel("ERROR")

import spark_recipes

recipes = spark_recipes.Recipes(spark, settings)


def read_metadata_table(request):
    """The columns with Spark's types, and the rows, of a metadata table."""
    name = f"peer.golden.{request['of']}.{request['metadataTable']}"
    version = f" VERSION AS OF {request['snapshotId']}" if "snapshotId" in request else ""
    frame = spark.sql(f"SELECT * FROM {name}{version}")
    columns = [[field.name, field.dataType.simpleString()] for field in frame.schema.fields]
    return {"columns": columns, "rows": golden_rows.record(list(row) for row in frame.collect())}


def run(request):
    if "metadataTable" in request:
        return read_metadata_table(request)
    if "write" in request:
        return recipes.write(request["write"])
    if request.get("reader") == "java":
        return recipes.read_with_java(request)
    return recipes.read_with_spark(request)


if __name__ == "__main__":
    json_lines.answer_all(run)
    spark.stop()

"""The golden tables that Spark and Iceberg's Java library write. Every recipe is a method named as its table."""

import os

import golden_rows

MERGE_ON_READ = {
    "write.delete.mode": "merge-on-read",
    "write.update.mode": "merge-on-read",
    "write.merge.mode": "merge-on-read",
}


class Recipes:
    def __init__(self, spark, root, scratch):
        self.spark = spark
        self.jvm = spark._jvm
        self.root = root
        self.scratch = scratch

    def write(self, name):
        getattr(self, name)()

    # Reading

    def read_with_spark(self, request):
        table = f"peer.golden.{request['read']}"
        columns = "*, _row_id, _last_updated_sequence_number" if request.get("reader") == "lineage" else "*"
        if "ref" in request:
            suffix = f"VERSION AS OF '{request['ref']}'"
        else:
            suffix = f"VERSION AS OF {request['snapshotId']}"
        rows = self.spark.sql(f"SELECT {columns} FROM {table} {suffix}")
        return {"columns": rows.columns, "rows": golden_rows.record(rows.collect())}

    def read_with_java(self, request):
        iceberg = self.jvm.org.apache.iceberg
        table = self.table(request["read"])
        scan = iceberg.data.IcebergGenerics.read(table)
        if "ref" in request:
            snapshot_id = table.refs()[request["ref"]].snapshotId()
            schema = table.schema() if table.refs()[request["ref"]].isBranch() else None
        else:
            snapshot_id, schema = int(request["snapshotId"]), None
        scan = scan.useSnapshot(snapshot_id)
        if schema is None:
            schema = iceberg.util.SnapshotUtil.schemaFor(table, snapshot_id)
        scan = scan.project(schema)
        types = [field.type() for field in schema.columns()]
        rows = []
        found = scan.build().iterator()
        while found.hasNext():
            row = found.next()
            rows.append([self.java_value(row.get(i), kind) for i, kind in enumerate(types)])
        found.close()
        return {"columns": [field.name() for field in schema.columns()], "rows": golden_rows.record(rows)}

    def java_value(self, value, kind):
        """Python's value of a Java one. Nanoseconds and variants, which Python lacks, are text."""
        if value is None or isinstance(value, (bool, int, str, float)):
            if isinstance(value, float) and kind.typeId().toString() == "FLOAT":
                return float(value)
            return value
        name = kind.typeId().toString()
        if name == "STRUCT":
            return [self.java_value(value.get(i), field.type()) for i, field in enumerate(kind.fields())]
        if name == "LIST":
            return [self.java_value(item, kind.elementType()) for item in value]
        if name == "MAP":
            pairs = [
                [self.java_value(entry.getKey(), kind.keyType()), self.java_value(entry.getValue(), kind.valueType())]
                for entry in value.entrySet()
            ]
            return sorted((golden_rows.to_json(pair) for pair in pairs), key=golden_rows.sort_key)
        if name in ("BINARY", "FIXED"):
            if isinstance(value, (bytes, bytearray)):
                return bytes(value)
            return bytes(self.jvm.org.apache.iceberg.util.ByteBuffers.toByteArray(value))
        if name == "DECIMAL":
            return value if not hasattr(value, "toPlainString") else value.toPlainString()
        if name in ("TIMESTAMP", "TIMESTAMP_NANO", "TIME"):
            local = value.toLocalDateTime() if hasattr(value, "toLocalDateTime") and kind_has_zone(kind) else value
            digits = "nnnnnnnnn" if name == "TIMESTAMP_NANO" else "SSSSSS"
            pattern = f"HH:mm:ss.{digits.replace('n', 'S')}"
            if name != "TIME":
                pattern = f"uuuu-MM-dd'T'{pattern}"
            return local.format(self.jvm.java.time.format.DateTimeFormatter.ofPattern(pattern))
        return value.toString()

    # What recipes share

    def sql(self, *statements):
        rows = None
        for statement in statements:
            rows = self.spark.sql(statement)
        return rows

    def create(self, name, columns, version, partitioned="", properties=None):
        set_properties = {"format-version": version, "write.parquet.compression-codec": "zstd", **(properties or {})}
        listed = ", ".join(f"'{key}' = '{value}'" for key, value in set_properties.items())
        self.sql(
            f"CREATE TABLE golden.{name} ({columns}) USING iceberg {partitioned and f'PARTITIONED BY ({partitioned})'}"
            f" LOCATION '{self.root}/{name}' TBLPROPERTIES ({listed})"
        )

    def table(self, name):
        spark3 = self.jvm.org.apache.iceberg.spark.Spark3Util
        return spark3.loadIcebergTable(self.spark._jsparkSession, f"peer.golden.{name}")

    # Deletes

    def spark_position_deletes_by_partition(self):
        self.create(
            "spark_position_deletes_by_partition",
            "id BIGINT NOT NULL, city STRING, fare DECIMAL(9, 2)",
            2,
            "city",
            {**MERGE_ON_READ, "write.delete.granularity": "partition"},
        )
        name = "golden.spark_position_deletes_by_partition"
        self.sql(
            f"INSERT INTO {name} VALUES (1, 'ABQ', 1.50), (2, 'ABQ', 2.50), (3, 'JFK', 3.50), (4, 'JFK', NULL), (5, NULL, 5.00)",
            f"INSERT INTO {name} VALUES (6, 'ABQ', 6.50), (7, 'JFK', 7.50), (8, NULL, 8.00), (9, 'ABQ', 9.00)",
            f"DELETE FROM {name} WHERE id IN (2, 6, 4, 8)",
            # Removes a row of a file that has a delete file already, so two apply.
            f"DELETE FROM {name} WHERE id IN (1, 3)",
            f"INSERT INTO {name} VALUES (2, 'ABQ', 20.50)",
        )

    def spark_position_deletes_by_file(self):
        self.create(
            "spark_position_deletes_by_file",
            "id INT, city STRING, at TIMESTAMP",
            2,
            "bucket(2, id)",
            {**MERGE_ON_READ, "write.delete.granularity": "file"},
        )
        name = "golden.spark_position_deletes_by_file"
        self.sql(
            f"INSERT INTO {name} SELECT id, concat('c', id % 3), timestamp_seconds(1000000000 + id) FROM range(20)",
            f"INSERT INTO {name} SELECT id, concat('c', id % 3), timestamp_seconds(1000000000 + id) FROM range(20, 30)",
            f"DELETE FROM {name} WHERE id % 7 = 3",
            f"UPDATE {name} SET city = 'moved' WHERE id IN (0, 21, 29)",
            f"""MERGE INTO {name} t USING (SELECT * FROM VALUES (1, 'one'), (2, 'two'), (100, 'new') AS s(id, city)) s
              ON t.id = s.id WHEN MATCHED AND s.id = 2 THEN DELETE WHEN MATCHED THEN UPDATE SET t.city = s.city
              WHEN NOT MATCHED THEN INSERT (id, city, at) VALUES (s.id, s.city, NULL)""",
        )

    def spark_deletion_vectors(self):
        self.create("spark_deletion_vectors", "id BIGINT, city STRING", 3, "city", MERGE_ON_READ)
        name = "golden.spark_deletion_vectors"
        self.sql(
            f"INSERT INTO {name} SELECT id, concat('c', id % 2) FROM range(100)",
            f"INSERT INTO {name} SELECT id, concat('c', id % 2) FROM range(100, 130)",
            f"DELETE FROM {name} WHERE id BETWEEN 10 AND 39 OR id IN (101, 129)",
            # Replaces the vector of the first file; the vectors of one commit share a Puffin file.
            f"DELETE FROM {name} WHERE id IN (0, 99, 128)",
            f"UPDATE {name} SET city = 'c9' WHERE id IN (50, 51)",
            f"DELETE FROM {name} WHERE city = 'c9' AND id = 51",
        )

    def spark_deletes_upgraded_to_v3(self):
        self.create(
            "spark_deletes_upgraded_to_v3",
            "id BIGINT, city STRING",
            2,
            "",
            {**MERGE_ON_READ, "write.delete.granularity": "partition"},
        )
        name = "golden.spark_deletes_upgraded_to_v3"
        self.sql(
            f"INSERT INTO {name} SELECT id, concat('c', id % 2) FROM range(10)",
            f"INSERT INTO {name} SELECT id, concat('c', id % 2) FROM range(10, 20)",
            f"DELETE FROM {name} WHERE id IN (1, 2, 11, 12)",
            f"ALTER TABLE {name} SET TBLPROPERTIES ('format-version' = '3')",
            f"INSERT INTO {name} SELECT id, concat('c', id % 2) FROM range(20, 30)",
            # A vector for a file that the older position deletes also name, and one for a new file.
            f"DELETE FROM {name} WHERE id IN (3, 21)",
            f"DELETE FROM {name} WHERE id IN (13, 22)",
        )


def kind_has_zone(kind):
    return kind.shouldAdjustToUTC() if hasattr(kind, "shouldAdjustToUTC") else False

"""The golden tables that Spark and Iceberg's Java library write. Every recipe is a method named as its table."""

import decimal
import inspect
import json
import struct
import urllib.request

import golden_rows
from pyspark import java_gateway

MERGE_ON_READ = {
    "write.delete.mode": "merge-on-read",
    "write.update.mode": "merge-on-read",
    "write.merge.mode": "merge-on-read",
}


class BiFunction:
    """A Python function that Java calls."""

    class Java:
        implements = ["java.util.function.BiFunction"]

    def __init__(self, function):
        self.function = function

    def apply(self, first, second):
        return self.function(first, second)


class ShreddingFunction(BiFunction):
    """The Parquet type into which the variants of a column are shredded."""

    class Java:
        implements = ["org.apache.iceberg.parquet.VariantShreddingFunction"]


class Recipes:
    def __init__(self, spark, settings):
        self.spark = spark
        self.jvm = spark._jvm
        self.iceberg = self.jvm.org.apache.iceberg
        self.uri = settings["uri"]
        self.root = settings["root"]
        self.scratch = settings["scratch"]
        self.keys = 0

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
        iceberg = self.iceberg
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
        if value is None or isinstance(value, (bool, int, str, decimal.Decimal)):
            return value
        if isinstance(value, float):
            # Java's text of a float is that of the float, not of its double.
            return struct.unpack("f", struct.pack("f", value))[0] if kind.typeId().toString() == "FLOAT" else value
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
            return bytes(self.iceberg.util.ByteBuffers.toByteArray(value))
        if name == "VARIANT":
            return json.dumps(self.variant_json(value.value()), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if name == "TIME":
            return self.format_time(value, "HH:mm:ss.SSSSSS")
        if name in ("TIMESTAMP", "TIMESTAMP_NANO"):
            local = value.toLocalDateTime() if kind.shouldAdjustToUTC() else value
            return self.format_time(local, f"uuuu-MM-dd'T'HH:mm:ss.{'S' * (6 if name == 'TIMESTAMP' else 9)}")
        return value.toString()

    def variant_json(self, value):
        kind = value.type().toString()
        if kind == "OBJECT":
            whole = value.asObject()
            names, found = whole.fieldNames().iterator(), {}
            while names.hasNext():
                name = names.next()
                found[name] = self.variant_json(whole.get(name))
            return found
        if kind == "ARRAY":
            items = value.asArray()
            return [self.variant_json(items.get(i)) for i in range(items.numElements())]
        found = value.asPrimitive().get()
        if kind == "DATE":
            return self.jvm.java.time.LocalDate.ofEpochDay(found).toString()
        if kind == "TIMESTAMPTZ":
            return self.iceberg.util.DateTimeUtil.microsToIsoTimestamptz(found)
        if isinstance(found, decimal.Decimal):
            # JSON has a number with the same digits, which Python writes for few decimals only.
            if str(found) != repr(float(found)):
                raise ValueError(f"{found} would be recorded as {float(found)!r}")
            return float(found)
        return found

    def format_time(self, value, pattern):
        return value.format(self.jvm.java.time.format.DateTimeFormatter.ofPattern(pattern))

    # What recipes share

    def sql(self, *statements):
        rows = None
        for statement in statements:
            rows = self.spark.sql(statement)
        return rows

    def new(self, columns, version, partitioned="", properties=None):
        """Creates the table of the recipe that calls this. @returns its name in statements"""
        name = inspect.stack()[1].function
        set_properties = {"format-version": version, "write.parquet.compression-codec": "zstd", **(properties or {})}
        listed = ", ".join(f"'{key}' = '{value}'" for key, value in set_properties.items())
        self.sql(
            f"CREATE TABLE golden.{name} ({columns}) USING iceberg {partitioned and f'PARTITIONED BY ({partitioned})'}"
            f" LOCATION '{self.root}/{name}' TBLPROPERTIES ({listed})"
        )
        return f"golden.{name}"

    def table(self, name):
        """Iceberg's own table, of which Spark does not have to know all types."""
        catalog = self.iceberg.spark.Spark3Util.loadIcebergCatalog(self.spark._jsparkSession, "peer")
        namespace = self.spark.sparkContext._gateway.new_array(self.jvm.java.lang.String, 1)
        namespace[0] = "golden"
        identifiers = self.iceberg.catalog
        return catalog.loadTable(identifiers.TableIdentifier.of(identifiers.Namespace.of(namespace), name))

    def create_with_schema(self, name, version, fields, partition_fields=(), properties=None):
        """Creates a table with types that Spark's SQL has no names for. Fields are `(name, type[, required])`."""
        listed = [
            {"id": i + 1, "name": field[0], "type": field[1], "required": len(field) > 2 and field[2]}
            for i, field in enumerate(fields)
        ]
        body = {
            "name": name,
            "location": f"{self.root}/{name}",
            "schema": {"type": "struct", "schema-id": 0, "fields": listed},
            "partition-spec": {"spec-id": 0, "fields": list(partition_fields)},
            "properties": {"format-version": str(version), **(properties or {})},
        }
        request = urllib.request.Request(
            f"{self.uri}/v1/namespaces/golden/tables",
            json.dumps(body).encode(),
            {"content-type": "application/json"},
        )
        urllib.request.urlopen(request).close()

    def record_reader(self, query):
        """Java's records of a query, through a table of its own: values keep their Java types on the way."""
        self.keys += 1
        name = f"scratch_keys_{self.keys}"
        self.sql(
            f"CREATE TABLE golden.{name} USING iceberg LOCATION 'file://{self.scratch}/{name}' AS {query}",
        )
        return self.iceberg.data.IcebergGenerics.read(self.table(name)).build()

    def java_list(self, items):
        made = self.jvm.java.util.ArrayList()
        for item in items:
            made.add(item)
        return made

    def output(self, table, name):
        location = table.locationProvider().newDataLocation(name)
        return self.iceberg.encryption.EncryptionUtil.plainAsEncryptedOutput(table.io().newOutputFile(location))

    def first_record(self, query):
        found = self.record_reader(query)
        record = found.iterator().next()
        found.close()
        return record

    def delete_equal(self, name, columns, query, partition_row=None, spec_id=None, file_format="PARQUET"):
        """Commits an equality delete file with the rows of a query, by Iceberg's own writer.

        `partition_row` is a query for a row of the table whose partition the file belongs to.
        """
        table = self.table(name)
        spec = table.spec() if spec_id is None else table.specs()[spec_id]
        schema = table.schema()
        delete_schema = schema.select(self.java_list(columns))
        fields = [schema.findField(column).fieldId() for column in columns]
        ids = self.spark.sparkContext._gateway.new_array(self.jvm.int, len(fields))
        for i, field_id in enumerate(fields):
            ids[i] = field_id
        partition = None
        if partition_row is not None:
            partition = self.iceberg.PartitionKey(spec, schema)
            wrapper = self.iceberg.data.InternalRecordWrapper(schema.asStruct())
            partition.partition(wrapper.wrap(self.first_record(partition_row)))
        factory = self.iceberg.data.GenericAppenderFactory(schema, spec, ids, delete_schema, None)
        kind = getattr(self.iceberg.FileFormat, file_format)
        self.keys += 1
        output = self.output(table, f"equality-{self.keys}.{file_format.lower()}")
        writer = factory.newEqDeleteWriter(output, kind, partition)
        found = self.record_reader(query)
        records = found.iterator()
        while records.hasNext():
            writer.write(records.next())
        found.close()
        writer.close()
        table.newRowDelta().addDeletes(writer.toDeleteFile()).commit()

    # Deletes by position

    def spark_position_deletes_by_partition(self):
        name = self.new("id BIGINT NOT NULL, city STRING, fare DECIMAL(9, 2)", 2, "city", {**MERGE_ON_READ, "write.delete.granularity": "partition"})
        self.sql(
            f"INSERT INTO {name} VALUES (1, 'ABQ', 1.50), (2, 'ABQ', 2.50), (3, 'JFK', 3.50), (4, 'JFK', NULL), (5, NULL, 5.00)",
            f"INSERT INTO {name} VALUES (6, 'ABQ', 6.50), (7, 'JFK', 7.50), (8, NULL, 8.00), (9, 'ABQ', 9.00)",
            f"DELETE FROM {name} WHERE id IN (2, 6, 4, 8)",
            # Removes a row of a file that has a delete file already, so two apply.
            f"DELETE FROM {name} WHERE id IN (1, 3)",
            f"INSERT INTO {name} VALUES (2, 'ABQ', 20.50)",
        )

    def spark_position_deletes_by_file(self):
        name = self.new("id INT, city STRING, at TIMESTAMP", 2, "bucket(2, id)", {**MERGE_ON_READ, "write.delete.granularity": "file"})
        self.sql(
            f"INSERT INTO {name} SELECT id, concat('c', id % 3), timestamp_seconds(1000000000 + id) FROM range(20)",
            f"DELETE FROM {name} WHERE id % 7 = 3",
            f"""MERGE INTO {name} t USING (SELECT * FROM VALUES (1, 'one'), (2, 'two'), (100, 'new') AS s(id, city)) s
              ON t.id = s.id WHEN MATCHED AND s.id = 2 THEN DELETE WHEN MATCHED THEN UPDATE SET t.city = s.city
              WHEN NOT MATCHED THEN INSERT (id, city, at) VALUES (s.id, s.city, NULL)""",
        )

    def spark_deletion_vectors(self):
        name = self.new("id BIGINT, city STRING", 3, "city", MERGE_ON_READ)
        self.sql(
            f"INSERT INTO {name} SELECT id, concat('c', id % 2) FROM range(60)",
            f"DELETE FROM {name} WHERE id BETWEEN 10 AND 39 OR id = 59",
            # Replaces a vector. The vectors of one commit share a Puffin file.
            f"DELETE FROM {name} WHERE id IN (0, 58, 57)",
            f"UPDATE {name} SET city = 'c9' WHERE id IN (50, 51)",
            f"DELETE FROM {name} WHERE city = 'c9' AND id = 51",
        )

    def spark_deletes_upgraded_to_v3(self):
        name = self.new("id BIGINT, city STRING", 2, "", {**MERGE_ON_READ, "write.delete.granularity": "partition"})
        self.sql(
            f"INSERT INTO {name} SELECT id, concat('c', id % 2) FROM range(10)",
            f"INSERT INTO {name} SELECT id, concat('c', id % 2) FROM range(10, 20)",
            f"DELETE FROM {name} WHERE id IN (1, 2, 11, 12)",
            f"ALTER TABLE {name} SET TBLPROPERTIES ('format-version' = '3')",
            f"INSERT INTO {name} SELECT id, concat('c', id % 2) FROM range(20, 30)",
            # A vector for a file that the older position deletes also name, and one for a new file.
            f"DELETE FROM {name} WHERE id IN (3, 21)",
        )

    # Deletes by value

    def java_equality_deletes(self):
        columns = "id BIGINT, name STRING, day DATE, fare DECIMAL(9, 2), score DOUBLE, place STRUCT<town: STRING, zip: INT>"
        name = self.new(columns, 2)
        row = "named_struct('town', {}, 'zip', {})"
        self.sql(
            f"""INSERT INTO {name} VALUES
            (1, 'a', DATE '2001-01-01', 1.00, 1.5, {row.format("'x'", 1)}), (2, 'a', NULL, 2.00, double('NaN'), NULL),
            (3, NULL, DATE '1969-12-31', 3.00, -0.0D, {row.format("'x'", 2)}), (4, 'b', NULL, NULL, 0.0D, {row.format('NULL', 3)}),
            (5, 'c', DATE '2001-01-01', 1.00, NULL, {row.format("'y'", 4)}), (6, '', NULL, 6.00, 6.5, NULL),
            (7, 'd', DATE '1969-12-31', 3.00, 7.5, {row.format("'y'", 5)}), (8, 'e', NULL, 8.00, 8.5, {row.format("'z'", 6)})"""
        )
        table = "java_equality_deletes"
        # One column, with a null.
        self.delete_equal(table, ["name"], "SELECT * FROM VALUES ('a'), (NULL) AS t(name)")
        # The same values again: newer than the deletes.
        self.sql(f"INSERT INTO {name} VALUES (9, 'a', NULL, 2.00, 9.5, NULL), (10, NULL, DATE '2001-01-01', NULL, NULL, NULL)")
        # Several columns, dates among them, with nulls.
        self.delete_equal(
            table,
            ["day", "fare"],
            """SELECT day, CAST(fare AS DECIMAL(9, 2)) AS fare FROM VALUES (DATE '1969-12-31', 3.00), (NULL, NULL),
            (DATE '2001-01-01', 2.00) AS t(day, fare)""",
        )
        # A field of a struct, and floating-point numbers.
        self.delete_equal(table, ["place.zip"], "SELECT named_struct('zip', 6) AS place")
        self.delete_equal(table, ["score"], "SELECT * FROM VALUES (double('NaN')), (-0.0D), (6.5D) AS t(score)")

    def java_equality_deletes_by_partition(self):
        name = self.new("id INT, city STRING, at TIMESTAMP", 2, "bucket(4, id)")
        table = "java_equality_deletes_by_partition"
        rows = "SELECT CAST(id AS INT) AS id, concat('c', id % 3) AS city, timestamp_seconds(id * 86400) AS at FROM range({}, {})"
        self.sql(f"INSERT INTO {name} {rows.format(0, 12)}")
        # Deletes 'c1' in the bucket of row 1 only.
        self.delete_equal(table, ["city"], "SELECT 'c1' AS city", rows.format(1, 2))
        self.sql(f"ALTER TABLE {name} REPLACE PARTITION FIELD bucket(4, id) WITH days(at)", f"INSERT INTO {name} {rows.format(0, 4)}")
        # In the older spec: not for files of the newer one.
        self.delete_equal(table, ["id"], "SELECT * FROM VALUES (0) AS t(id)", rows.format(0, 1), 0)
        self.sql(f"ALTER TABLE {name} DROP PARTITION FIELD days(at)")
        # Without partitions: for files of every spec.
        self.delete_equal(table, ["id", "city"], "SELECT * FROM VALUES (3, 'c0'), (4, 'c0'), (5, 'c2') AS t(id, city)")
        self.sql(f"INSERT INTO {name} {rows.format(3, 4)}")

    def java_equality_deletes_on_dropped_column(self):
        name = self.new("id INT, code STRING, note STRING", 2)
        table = "java_equality_deletes_on_dropped_column"
        self.sql(f"INSERT INTO {name} VALUES (1, 'x', 'a'), (2, 'y', 'b'), (3, NULL, 'c'), (4, 'x', 'd')")
        self.delete_equal(table, ["code"], "SELECT * FROM VALUES ('x'), (NULL) AS t(code)")
        # Spark cannot read the table later. It does read it while the column is there.
        rows = golden_rows.record(self.sql(f"SELECT * FROM {name}").collect())
        if rows != [["2", "y", "b"]]:
            raise ValueError(f"Spark reads {rows}")
        self.sql(
            f"ALTER TABLE {name} DROP COLUMN code",
            f"ALTER TABLE {name} ADD COLUMN code STRING",
            f"INSERT INTO {name} VALUES (5, 'e', 'x'), (6, NULL, NULL)",
        )

    def java_all_kinds_of_deletes(self):
        name = self.new("id BIGINT, city STRING", 2, "city", {**MERGE_ON_READ, "write.delete.granularity": "partition"})
        table = "java_all_kinds_of_deletes"
        self.sql(f"INSERT INTO {name} SELECT id, concat('c', id % 2) FROM range(20)", f"DELETE FROM {name} WHERE id IN (0, 1)")
        self.delete_equal(table, ["id"], "SELECT * FROM VALUES (2L), (4L) AS t(id)", "SELECT 0L AS id, 'c0' AS city")
        self.sql(
            f"ALTER TABLE {name} SET TBLPROPERTIES ('format-version' = '3')",
            f"INSERT INTO {name} VALUES (2, 'c0'), (21, 'c1')",
            f"DELETE FROM {name} WHERE id IN (6, 21)",
        )
        self.delete_equal(table, ["id"], "SELECT * FROM VALUES (8L), (9L) AS t(id)", "SELECT 0L AS id, 'c0' AS city")

    # Layout

    def spark_v1_upgraded(self):
        name = self.new("id BIGINT, city STRING, fare FLOAT", 1, "city")
        self.sql(
            f"INSERT INTO {name} VALUES (1, 'ABQ', 1.5), (2, 'JFK', NULL), (7, 'JFK', 7.5), (3, NULL, 3.5)",
            f"INSERT INTO {name} VALUES (4, 'JFK', 4.5)",
            f"DELETE FROM {name} WHERE city = 'ABQ'",
            f"ALTER TABLE {name} SET TBLPROPERTIES ('format-version' = '2', 'write.delete.mode' = 'merge-on-read')",
            f"INSERT INTO {name} VALUES (5, 'JFK', 5.5), (6, 'OSL', 6.5)",
            f"DELETE FROM {name} WHERE id IN (2, 6)",
        )

    def spark_partition_evolution(self):
        name = self.new("id BIGINT, city STRING, at TIMESTAMP, fare DECIMAL(9, 2)", 2)
        row = "({0}, '{1}', TIMESTAMP '2001-0{2}-03 04:05:06.789', {0}.25)"
        insert = lambda *rows: f"INSERT INTO {name} VALUES {', '.join(row.format(*values) for values in rows)}, ({rows[0][0]}0, NULL, NULL, NULL)"
        self.sql(
            insert((1, "ABQ", 1), (2, "JFK", 2)),
            f"ALTER TABLE {name} ADD PARTITION FIELD bucket(3, id)",
            f"ALTER TABLE {name} ADD PARTITION FIELD days(at)",
            insert((3, "ABQ", 3), (4, "JFK", 4)),
            f"ALTER TABLE {name} REPLACE PARTITION FIELD days(at) WITH months(at)",
            f"ALTER TABLE {name} DROP PARTITION FIELD bucket(3, id)",
            f"ALTER TABLE {name} ADD PARTITION FIELD truncate(2, city)",
            f"ALTER TABLE {name} ADD PARTITION FIELD truncate(10, fare)",
            insert((5, "ABQ", 5), (6, "JFK", 6)),
            f"ALTER TABLE {name} RENAME COLUMN city TO town",
            f"ALTER TABLE {name} ADD PARTITION FIELD town",
            insert((7, "ABQ", 7)),
        )

    def spark_schema_evolution(self):
        name = self.new(
            """id INT, name STRING, ratio FLOAT, fare DECIMAL(9, 2), place STRUCT<lat: FLOAT, town: STRING>,
            stops ARRAY<STRUCT<n: INT, label: STRING>>, tags MAP<STRING, STRUCT<x: INT, y: STRING>>""",
            2,
        )
        self.sql(
            f"""INSERT INTO {name} VALUES
            (1, 'one', 0.1, 1.25, named_struct('lat', 1.5, 'town', 'a'), array(named_struct('n', 1, 'label', 'p'), NULL),
              map('k', named_struct('x', 1, 'y', 'q'), 'l', NULL)),
            (2147483647, NULL, NULL, NULL, NULL, NULL, NULL), (-2147483648, 'three', -0.0, -9999999.99, named_struct('lat', NULL, 'town', NULL), array(), map())""",
            f"ALTER TABLE {name} ALTER COLUMN id TYPE BIGINT",
            f"ALTER TABLE {name} ALTER COLUMN ratio TYPE DOUBLE",
            f"ALTER TABLE {name} ALTER COLUMN fare TYPE DECIMAL(20, 2)",
            f"ALTER TABLE {name} RENAME COLUMN name TO title",
            f"ALTER TABLE {name} ALTER COLUMN fare FIRST",
            f"ALTER TABLE {name} RENAME COLUMN place.town TO city",
            f"ALTER TABLE {name} ADD COLUMN place.zip INT FIRST",
            f"ALTER TABLE {name} ALTER COLUMN place.lat TYPE DOUBLE",
            f"ALTER TABLE {name} DROP COLUMN stops.element.label",
            f"ALTER TABLE {name} ADD COLUMN stops.element.label STRING",
            f"ALTER TABLE {name} ALTER COLUMN stops.element.n TYPE BIGINT",
            f"ALTER TABLE {name} ADD COLUMN tags.value.z DOUBLE AFTER x",
            f"ALTER TABLE {name} RENAME COLUMN tags.value.y TO why",
            f"""INSERT INTO {name} VALUES (123456789012345678.25, 3000000000, 'four', 0.1D, named_struct('zip', 7, 'lat', 2.5D, 'city', 'b'),
              array(named_struct('n', 3000000000, 'label', 'new')), map('m', named_struct('x', 2, 'z', 2.5D, 'why', 'w')))""",
            f"ALTER TABLE {name} DROP COLUMN title",
            f"ALTER TABLE {name} ADD COLUMN title INT",
            f"ALTER TABLE {name} RENAME COLUMN ratio TO name",
            f"INSERT INTO {name} VALUES (5.00, 5, 5.5D, NULL, NULL, NULL, 5)",
        )

    def spark_types(self):
        fields = [
            ("a_boolean", "boolean"), ("an_int", "int"), ("a_long", "long"), ("a_float", "float"), ("a_double", "double"),
            ("small", "decimal(9, 2)"), ("large", "decimal(18, 0)"), ("huge", "decimal(38, 10)"), ("a_date", "date"),
            ("local", "timestamp"), ("instant", "timestamptz"), ("a_string", "string"), ("a_uuid", "uuid"),
            ("a_fixed", "fixed[3]"), ("a_binary", "binary"),
        ]
        self.create_with_schema("spark_types", 2, fields)
        self.sql(
            """INSERT INTO golden.spark_types VALUES
            (true, 2147483647, 9223372036854775807, float('NaN'), double('Infinity'), 9999999.99, 999999999999999999,
              9999999999999999999999999999.9999999999, DATE '9999-12-31', TIMESTAMP_NTZ '9999-12-31 23:59:59.999999',
              TIMESTAMP '2001-02-03 04:05:06.000007+02:00', 'Łódź 🚣', 'f47ac10b-58cc-4372-a567-0e02b2c3d479', X'00FF7F', X''),
            (false, -2147483648, -9223372036854775808, float('-Infinity'), -0.0D, -9999999.99, -999999999999999999,
              -9999999999999999999999999999.9999999999, DATE '0001-01-01', TIMESTAMP_NTZ '1582-10-15 00:00:00',
              TIMESTAMP '1969-12-31 23:59:59.999999Z', '', '00000000-0000-0000-0000-000000000000', X'010203', X'00FF'),
            (NULL, 0, 0, float('1.17549435E-38'), 4.9E-324D, 0.01, 0, 0.0000000001, DATE '1970-01-01',
              TIMESTAMP_NTZ '1970-01-01 00:00:00', TIMESTAMP '1970-01-01 00:00:00Z', 'null', NULL, NULL, X'6E'),
            (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)""",
        )

    def spark_nested_types(self):
        name = self.new(
            """id INT, lists ARRAY<ARRAY<ARRAY<INT>>>, maps MAP<INT, MAP<STRING, ARRAY<DECIMAL(20, 3)>>>,
            keys MAP<STRUCT<a: INT, b: DATE>, BOOLEAN>, deep STRUCT<a: STRUCT<b: STRUCT<c: ARRAY<STRUCT<d: BINARY, e: TIMESTAMP>>>>>""",
            2,
        )
        self.sql(
            f"""INSERT INTO {name} VALUES
            (1, array(array(array(1, NULL), array(), NULL), NULL, array()),
              map(1, map('a', array(1.5, NULL), 'b', NULL), 2, NULL, 3, map()),
              map(named_struct('a', 1, 'b', DATE '2001-01-01'), true, named_struct('a', NULL, 'b', NULL), NULL),
              named_struct('a', named_struct('b', named_struct('c', array(named_struct('d', X'01', 'e', TIMESTAMP '2001-01-01 00:00:00Z'), NULL))))),
            (2, array(), map(), map(), named_struct('a', NULL)), (3, NULL, NULL, NULL, NULL),
            (4, NULL, NULL, NULL, named_struct('a', named_struct('b', NULL)))"""
        )

    def spark_hive_import(self):
        # Below the table, because it keeps the locations of the files.
        files = f"{self.root}/spark_hive_import/imported"
        rows = self.sql(
            """SELECT * FROM VALUES (1, 1.5D, array(named_struct('n', 1)), 2001, 'ABQ'), (2, NULL, NULL, 2001, 'a b/c=d'),
            (3, 3.5D, array(), 2002, NULL) AS t(id, fare, items, year, city)"""
        )
        rows.write.partitionBy("year", "city").parquet(files)
        name = self.new("id INT, fare DOUBLE, items ARRAY<STRUCT<n: INT>>, year INT, city STRING", 2, "year, city")
        self.sql(f"CALL peer.system.add_files(table => '{name}', source_table => '`parquet`.`{files}`')")
        self.sql(
            f"ALTER TABLE {name} RENAME COLUMN fare TO price",
            f"ALTER TABLE {name} RENAME COLUMN city TO town",
            f"INSERT INTO {name} VALUES (4, 4.5, NULL, 2003, 'OSL')",
        )

    def spark_refs(self):
        name = self.new("id INT, city STRING", 2)
        self.sql(
            f"INSERT INTO {name} VALUES (1, 'a')",
            f"ALTER TABLE {name} CREATE TAG first",
            f"ALTER TABLE {name} CREATE BRANCH audit",
            f"INSERT INTO {name}.branch_audit VALUES (2, 'b')",
            f"ALTER TABLE {name} RENAME COLUMN city TO town",
            f"INSERT INTO {name} VALUES (3, 'c')",
            f"ALTER TABLE {name} CREATE TAG `the 2nd/tag`",
        )

    # Format version 3

    def java_defaults(self):
        name = self.new("id INT, place STRUCT<town: STRING>", 3)
        self.sql(f"INSERT INTO {name} VALUES (1, named_struct('town', 'a')), (2, NULL)")
        types, literal = self.iceberg.types.Types, self.iceberg.expressions.Literal
        text = lambda value, kind: literal.of(value).to(kind)
        update = self.table("java_defaults").updateSchema().allowIncompatibleChanges()
        update.addRequiredColumn("state", types.StringType.get(), literal.of("then"))
        update.addColumn("count", types.IntegerType.get(), literal.of(7))
        update.addColumn("total", types.LongType.get(), literal.of(9007199254740993))
        update.addColumn("ratio", types.DoubleType.get(), literal.of(0.1))
        update.addColumn("ok", types.BooleanType.get(), literal.of(True))
        update.addColumn("day", types.DateType.get(), text("2001-02-03", types.DateType.get()))
        update.addColumn("at", types.TimestampType.withZone(), text("2001-02-03T04:05:06.000007+00:00", types.TimestampType.withZone()))
        update.addColumn("place", "zip", types.IntegerType.get(), None, literal.of(99))
        update.commit()
        self.sql(f"INSERT INTO {name} VALUES (3, named_struct('town', 'c', 'zip', NULL), 'now', NULL, 3, NULL, false, NULL, NULL)")
        update = self.table("java_defaults").updateSchema()
        update.updateColumnDefault("count", literal.of(8))
        update.renameColumn("state", "status")
        update.commit()
        self.sql(f"INSERT INTO {name} VALUES (4, NULL, 'last', 4, NULL, 4.5, NULL, DATE '2004-04-04', NULL)")

    def spark_row_lineage(self):
        name = self.new("id INT, city STRING", 3, "", {"write.update.mode": "copy-on-write", "write.delete.mode": "merge-on-read"})
        self.sql(
            f"INSERT INTO {name} SELECT CAST(id AS INT), concat('c', id % 2) FROM range(6)",
            f"INSERT INTO {name} VALUES (10, 'x'), (11, 'y')",
            # Copies the other rows with their ids.
            f"UPDATE {name} SET city = 'updated' WHERE id = 2",
            f"DELETE FROM {name} WHERE id IN (0, 10)",
            f"CALL peer.system.rewrite_data_files(table => '{name}', options => map('rewrite-all', 'true', 'min-input-files', '1'))",
            f"INSERT INTO {name} VALUES (12, 'z')",
        )

    def java_types_v3(self):
        kinds = ["int", "time", "timestamp_ns", "timestamptz_ns", "uuid", "fixed[3]", "unknown"]
        self.create_with_schema("java_types_v3", 3, [("id", "int"), *[(f"c{i}", kind) for i, kind in enumerate(kinds[1:])]])
        time = self.jvm.java.time
        at = lambda text: [time.LocalDateTime.parse(text), time.OffsetDateTime.parse(f"{text}+02:00")]
        uuid = self.jvm.java.util.UUID.fromString
        self.append_records(
            "java_types_v3",
            [
                [1, time.LocalTime.parse("23:59:59.999999"), *at("2001-02-03T04:05:06.123456789"), uuid("f47ac10b-58cc-4372-a567-0e02b2c3d479"), bytearray(b"\x00\xff\x7f"), None],
                [2, time.LocalTime.parse("00:00:00"), *at("1969-12-31T23:59:59.999999999"), uuid("00000000-0000-0000-0000-000000000000"), bytearray(b"abc"), None],
                [3, None, None, None, None, None, None],
            ],
        )

    def java_variants(self):
        self.create_with_schema("java_variants", 3, [("id", "int"), ("v", "variant")])
        variants = self.iceberg.variants
        names = variants.Variants.metadata(self.java_list(["a", "b", "ünï"]))
        whole = variants.Variants.object(names)
        inner = variants.Variants.object(names)
        inner.put("b", variants.Variants.of("Łódź 🚣"))
        inner.put("ünï", variants.Variants.ofNull())
        items = variants.Variants.array()
        for item in [variants.Variants.of(1), inner, variants.Variants.of("x" * 100), variants.Variants.of(False)]:
            items.add(item)
        whole.put("a", items)
        whole.put("b", variants.Variants.of(3000000000))
        empty = variants.Variants.emptyMetadata()
        single = lambda value: variants.Variant.of(empty, value)
        self.append_records(
            "java_variants",
            [
                [1, variants.Variant.of(names, whole)],
                [2, None],
                [3, single(variants.Variants.ofNull())],
                [4, single(variants.Variants.of(-9223372036854775808))],
                [5, single(variants.Variants.of(True))],
                [6, single(variants.Variants.of(1.5))],
                [7, single(variants.Variants.of("text"))],
                [8, single(variants.Variants.ofIsoDate("2001-02-03"))],
                [9, single(variants.Variants.ofIsoTimestamptz("2001-02-03T04:05:06.000007+00:00"))],
            ],
        )

    def java_shredded_variants(self):
        """Variants whose fields have Parquet columns of their own, as far as their values fit."""
        self.create_with_schema("java_shredded_variants", 3, [("id", "int"), ("v", "variant")])
        variants = self.iceberg.variants
        of = variants.Variants.of
        names = variants.Variants.metadata(self.java_list(["amount", "born", "flag", "inner", "name", "rest", "tags"]))

        def whole(**fields):
            found = variants.Variants.object(names)
            for name, value in fields.items():
                found.put(name, value)
            return found

        def items(*values):
            found = variants.Variants.array()
            for value in values:
                found.add(value)
            return found

        def row(value):
            # Iceberg 1.10.1 writes an object with left over fields wrongly unless it was read from bytes.
            order = self.jvm.java.nio.ByteOrder.LITTLE_ENDIAN
            written = self.jvm.java.nio.ByteBuffer.allocate(value.sizeInBytes()).order(order)
            value.writeTo(written, 0)
            return variants.Variant.of(names, variants.Variants.value(names, written))

        decimal_of = lambda text: of(self.jvm.java.math.BigDecimal(text))
        date = variants.Variants.ofIsoDate
        rows = [
            # All fields fit, and none is left over.
            row(whole(amount=decimal_of("1234567.91"), born=date("1969-12-31"), flag=of(True), name=of("Łódź 🚣"))),
            # A field that has no column, fields that are absent, and a decimal with too many digits for its column.
            row(whole(amount=decimal_of("12345678.91"), name=of("left over"), rest=of(7))),
            # Fields whose values have another type than their column, and null.
            row(whole(amount=of("many"), born=of(1969), flag=variants.Variants.ofNull(), name=of(5))),
            # An object in an object: fits, fits in part, is no object.
            row(whole(inner=whole(amount=of(9223372036854775807), name=of("in")))),
            row(whole(inner=whole(amount=of(1.5), rest=of("out")))),
            row(whole(inner=items(of(1)))),
            # Arrays.
            row(whole(tags=items(of("a"), of("b")))),
            row(whole(tags=items(of("a"), of(2), variants.Variants.ofNull(), whole(rest=of(False))))),
            row(whole(tags=items())),
            row(whole(tags=of("no list"))),
            # No object, an object without fields, a null of the variant's own, and no variant.
            row(of("text")),
            row(whole()),
            row(variants.Variants.ofNull()),
            None,
        ]
        self.append_shredded_records(
            "java_shredded_variants",
            [[i + 1, value] for i, value in enumerate(rows)],
            """required group amount { optional binary value; optional int32 typed_value (DECIMAL(9, 2)); }
              required group born { optional binary value; optional int32 typed_value (DATE); }
              required group flag { optional binary value; optional boolean typed_value; }
              required group name { optional binary value; optional binary typed_value (STRING); }
              required group inner { optional binary value; optional group typed_value {
                required group amount { optional binary value; optional int64 typed_value; }
                required group name { optional binary value; optional binary typed_value (STRING); }
              } }
              required group tags { optional binary value; optional group typed_value (LIST) {
                repeated group list { required group element { optional binary value; optional binary typed_value (STRING); } }
              } }""",
        )

    def append_records(self, name, rows):
        """Appends a file with Iceberg's own writer of records."""
        table = self.table(name)
        factory = self.iceberg.data.GenericAppenderFactory(table.schema(), table.spec())
        writer = factory.newDataWriter(self.output(table, "records.parquet"), self.iceberg.FileFormat.PARQUET, None)
        for record in self.records(table, rows):
            writer.write(record)
        writer.close()
        table.newAppend().appendFile(writer.toDataFile()).commit()

    def append_shredded_records(self, name, rows, typed_value):
        """Appends a file whose variants are shredded into the fields `typed_value`, in Parquet's language of schemas."""
        table, parquet = self.table(name), self.iceberg.parquet.Parquet
        output = self.output(table, "records.parquet")
        schemas = self.iceberg.shaded.org.apache.parquet.schema.MessageTypeParser
        shredded = schemas.parseMessageType(f"message variant {{ optional group typed_value {{ {typed_value} }} }}")
        java_gateway.ensure_callback_server_started(self.spark.sparkContext._gateway)
        create_writer = self.iceberg.data.parquet.GenericParquetWriter.create
        appender = (
            parquet.write(output)
            .forTable(table)
            .createWriterFunc(BiFunction(lambda schema, file_type: create_writer(schema, file_type)))
            .variantShreddingFunc(ShreddingFunction(lambda _field_id, _name: shredded.getType("typed_value")))
            .build()
        )
        for record in self.records(table, rows):
            appender.add(record)
        appender.close()
        data_file = self.iceberg.DataFiles.builder(table.spec()).withEncryptedOutputFile(output)
        table.newAppend().appendFile(data_file.withMetrics(appender.metrics()).withFormat("parquet").build()).commit()

    def records(self, table, rows):
        for row in rows:
            record = self.iceberg.data.GenericRecord.create(table.schema())
            for i, value in enumerate(row):
                record.set(i, value)
            yield record

    # Formats of files

    def spark_avro(self):
        avro = {"write.format.default": "avro", "write.delete.format.default": "avro", **MERGE_ON_READ}
        name = self.new(
            """id BIGINT, flag BOOLEAN, n INT, f FLOAT, d DOUBLE, dec DECIMAL(20, 3), day DATE, at TIMESTAMP, local TIMESTAMP_NTZ,
            text STRING, bytes BINARY, items ARRAY<STRUCT<x: INT>>, tags MAP<STRING, DECIMAL(9, 2)>, codes MAP<INT, STRING>""",
            2,
            "bucket(2, id)",
            avro,
        )
        self.sql(
            f"""INSERT INTO {name} VALUES (1, true, -1, float('NaN'), -0.0D, -12345678901234567.891, DATE '1969-12-31',
              TIMESTAMP '2001-02-03 04:05:06.000007Z', TIMESTAMP_NTZ '0001-01-01 00:00:00', 'Ł', X'00FF', array(named_struct('x', 1), NULL),
              map('a', 1.25, 'b', NULL), map(1, 'one', -2, NULL)),
              (9223372036854775807, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)""",
            f"ALTER TABLE {name} SET TBLPROPERTIES ('write.avro.compression-codec' = 'zstd')",
            f"ALTER TABLE {name} RENAME COLUMN text TO words",
            f"ALTER TABLE {name} DROP COLUMN flag",
            f"ALTER TABLE {name} ALTER COLUMN n TYPE BIGINT",
            f"ALTER TABLE {name} ALTER COLUMN f TYPE DOUBLE",
            f"ALTER TABLE {name} ADD COLUMN flag STRING FIRST",
            f"INSERT INTO {name} SELECT 'f', id, id, 0, 0, id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM range(2, 6)",
            f"DELETE FROM {name} WHERE id IN (1, 3)",
        )

    def spark_orc(self):
        name = self.new("id INT, city STRING", 2, "", {"write.format.default": "orc"})
        self.sql(f"INSERT INTO {name} VALUES (1, 'a')")

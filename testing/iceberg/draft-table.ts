/**
 * A metadata file of format version 4, written by hand after the draft: its locations are relative to the table's, its
 * manifests are Parquet, and every record has a field that no version of the specification has yet.
 */
export const DRAFT_TABLE = `{
  "format-version": 4, "table-uuid": "5b0c1d9e-8a5f-4a4e-9a53-0d4f0c6f1a11", "location": "s3://lake/demo/trips",
  "last-sequence-number": 2, "last-updated-ms": 1700086400000, "last-column-id": 3, "current-schema-id": 1,
  "schemas": [
    {"type": "struct", "schema-id": 0, "fields": [{"id": 1, "name": "id", "required": true, "type": "long"}]},
    {"type": "struct", "schema-id": 1, "identifier-field-ids": [1], "future": [1], "fields": [
      {"id": 1, "name": "id", "required": true, "type": "long"},
      {"id": 2, "name": "city", "required": false, "type": "string", "future": 9007199254740993},
      {"id": 3, "name": "route", "required": false, "type": "vector[3]"}]}],
  "default-spec-id": 0,
  "partition-specs": [{"spec-id": 0, "future": 1, "fields": [
    {"name": "city", "transform": "identity", "source-id": 2, "field-id": 1000, "future": {}}]}],
  "last-partition-id": 1000, "default-sort-order-id": 1,
  "sort-orders": [{"order-id": 1, "future": 1, "fields": [
    {"transform": "identity", "source-id": 1, "direction": "asc", "null-order": "nulls-first", "future": true}]}],
  "properties": {"owner": "ada"},
  "current-snapshot-id": 3055729675574597004, "next-row-id": 9223372036854775807,
  "snapshots": [
    {"snapshot-id": 3051729675574597004, "sequence-number": 1, "timestamp-ms": 1700000000000,
     "manifest-list": "metadata/snap-1.parquet", "schema-id": 0, "first-row-id": 0, "added-rows": 10,
     "summary": {"operation": "append", "added-records": "10", "total-records": "10"}},
    {"snapshot-id": 3055729675574597004, "parent-snapshot-id": 3051729675574597004, "sequence-number": 2,
     "timestamp-ms": 1700086400000, "manifest-list": "metadata/snap-2.parquet", "schema-id": 1, "first-row-id": 10,
     "added-rows": 5, "future": {"root": "metadata/root-2.parquet"},
     "summary": {"operation": "append", "added-records": "5", "total-records": "15", "total-files-size": "1024",
       "total-data-files": "2", "total-delete-files": "0"}}],
  "snapshot-log": [
    {"snapshot-id": 3051729675574597004, "timestamp-ms": 1700000000000},
    {"snapshot-id": 3055729675574597004, "timestamp-ms": 1700086400000, "future": 1}],
  "metadata-log": [{"metadata-file": "metadata/00000.metadata.json", "timestamp-ms": 1700000000000, "future": 1}],
  "refs": {
    "main": {"snapshot-id": 3055729675574597004, "type": "branch", "future": 1},
    "q1-close": {"snapshot-id": 3051729675574597004, "type": "tag"}},
  "statistics": [{"snapshot-id": 3055729675574597004, "statistics-path": "metadata/stats.puffin",
    "file-size-in-bytes": 413, "file-footer-size-in-bytes": 42, "blob-metadata": []}],
  "partition-statistics": [],
  "future": 9158179788527662767
}`

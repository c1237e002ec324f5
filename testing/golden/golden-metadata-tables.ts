import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import {
  isOfOneSnapshot,
  METADATA_TABLE_NAMES,
  type MetadataTableName,
} from '@/lib/iceberg/metadata/metadata-table-names'
import type { Type } from '@/lib/iceberg/schema/types'
import type { GoldenRows } from './golden-tables'

/** The metadata tables of golden tables as Spark reads them. */

const FOLDER = path.join(import.meta.dirname, 'metadata-tables')

/** With deletes of all kinds, row lineage, several specs, schemas, branches and formats. */
export const TABLES_WITH_METADATA_TABLES = [
  'java_all_kinds_of_deletes',
  'java_types_v3',
  'pyiceberg_evolution',
  'spark_deletes_upgraded_to_v3',
  'spark_deletion_vectors',
  'spark_nested_types',
  'spark_partition_evolution',
  'spark_refs',
  'spark_row_lineage',
  'spark_schema_evolution',
  'spark_v1_upgraded',
  'trino_position_deletes',
] as const

/** A type is Spark's text, such as `map<int,bigint>`. */
export type MetadataTableRows = {
  columns: readonly (readonly [name: string, type: string])[]
  rows: GoldenRows['rows']
}

export type MetadataTableRead = { name: MetadataTableName; snapshotId?: string } & (
  | (MetadataTableRows & { problem?: never })
  /** Why Spark cannot read it. */
  | { problem: string }
)

/** Tables that only Lakeshore has, or Trino and Lakeshore. */
const NOT_IN_SPARK: readonly MetadataTableName[] = ['partition_statistics', 'properties', 'statistics']

/** Each read takes Spark a quarter of a second, so only some tables are read at an older snapshot. */
const READ_AT_OLDEST_SNAPSHOT: readonly string[] = ['spark_partition_evolution', 'spark_v1_upgraded']

/** The reads of Spark for a table: its current state, and for tables of one snapshot also the oldest one. */
export function metadataTableTargets(
  table: string,
  oldestSnapshotId: string,
): { name: MetadataTableName; snapshotId?: string }[] {
  const names = METADATA_TABLE_NAMES.filter((name) => !NOT_IN_SPARK.includes(name))
  const older = READ_AT_OLDEST_SNAPSHOT.includes(table)
    ? names.filter((name) => isOfOneSnapshot(name) && name !== 'position_deletes')
    : []
  return [...names.map((name) => ({ name })), ...older.map((name) => ({ name, snapshotId: oldestSnapshotId }))]
}

/** The table whose metadata tables Trino reads, and Trino's metadata tables. */
export const TABLE_READ_WITH_TRINO = 'spark_position_deletes_by_file'
export const TRINO_METADATA_TABLES = [
  'all_entries',
  'entries',
  'files',
  'history',
  'manifests',
  'metadata_log_entries',
  'partitions',
  'properties',
  'refs',
  'snapshots',
] as const satisfies readonly MetadataTableName[]

/** The name of the record of Trino's reads. */
export const TRINO_RECORD = `trino_reads_${TABLE_READ_WITH_TRINO}`

/** @param table or {@link TRINO_RECORD} */
export function readRecordedMetadataTables(table: string): MetadataTableRead[] {
  const file = path.join(FOLDER, `${table}.json`)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as MetadataTableRead[]) : []
}

/** With a line per row, so that a change of the record can be reviewed. */
export function writeRecordedMetadataTables(table: string, reads: readonly MetadataTableRead[]): void {
  mkdirSync(FOLDER, { recursive: true })
  const entries = reads.map((read) => {
    if (read.problem !== undefined) return JSON.stringify(read)
    const { rows, ...head } = read
    return `${JSON.stringify(head).slice(0, -1)},"rows":[${rows.map((row) => `\n${JSON.stringify(row)}`).join(',')}]}`
  })
  writeFileSync(path.join(FOLDER, `${table}.json`), `[\n${entries.join(',\n')}\n]\n`)
}

/** The name of a type in Spark. */
export function sparkType(type: Type): string {
  if (typeof type !== 'string') {
    switch (type.type) {
      case 'struct':
        return `struct<${type.fields.map((field) => `${field.name}:${sparkType(field.type)}`).join(',')}>`
      case 'list':
        return `array<${sparkType(type.element)}>`
      case 'map':
        return `map<${sparkType(type.key)},${sparkType(type.value)}>`
    }
  }
  if (type.startsWith('decimal')) return type.replace(', ', ',')
  if (type.startsWith('fixed')) return 'binary'
  const names: Record<string, string> = {
    long: 'bigint',
    timestamptz: 'timestamp',
    timestamp: 'timestamp_ntz',
    uuid: 'string',
  }
  return names[type] ?? type
}

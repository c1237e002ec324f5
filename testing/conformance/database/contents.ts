import type { Database } from '@/server/db/database'
import type { Tables } from '@/server/db/tables'
import { compareBytes, selectRows } from './testbed'

/**
 * All tables, each with the columns that order its rows; null: ordered by all columns, by bytes, because another
 * program may have created the table.
 */
const ORDERS: Record<keyof Tables, string | null> = {
  iceberg_tables: null,
  iceberg_namespace_properties: null,
  table_folders: 'catalog, namespace, table_name, folder',
  audit: 'seq',
  snapshot_writers: 'table_uuid, snapshot_id, audit_id',
  table_clients: 'table_uuid, day, client, version, library, access',
  idempotency: 'actor_id, key',
  pending_writes: 'id',
  proposals: 'id',
  audit_receivers: 'name',
  change_policies: 'catalog, namespace',
  users: 'lower(username)',
  user_groups: 'lower(name)',
  group_members: 'group_id, user_id',
  grants: 'id',
  access_requests: 'id',
  identities: 'issuer, subject',
  sessions: 'id',
  used_sign_ins: 'state',
  sign_in_attempts: 'key',
  catalog_name: 'id',
  shared_settings: 'name',
  write_probe: 'id',
  data_file_sizes: 'file_path',
  workers: 'id',
  tokens: 'id',
  saved_queries: 'id',
  saved_query_versions: 'query_id, version',
  shortcuts: 'user_id, kind, catalog, target',
  metrics_reports: 'report',
  runs: 'id',
  run_logs: 'run_id, seq',
  bulk_changes: 'id',
  bulk_change_tables: 'bulk_change_id, position',
  schedules: 'id',
  loaded_files: 'schedule_id, location, path, version',
  loaded_inputs: 'run_id, position',
  uploads: 'id',
  upload_parts: 'upload_id, start_byte',
  connections: 'lower(name)',
  connection_credentials: 'sealed',
  search_objects: 'id',
  search_entries: 'id',
  search_pending: 'catalog, namespace, name',
  search_catalogs: 'catalog',
  fact_tables: 'id',
  fact_changes: 'recorded_at_ms, id',
  fact_commits: 'table_id, seq',
  fact_deletes: 'table_id, seq',
  fact_hours: 'table_id, period, term, operation, writer_id',
  fact_days: 'table_id, period, term, operation, writer_id',
  fact_months: 'period, table_id, term, operation',
  fact_lake_hours: 'period, catalog, term, operation, writer_id',
  fact_lake_days: 'period, catalog, term, operation, writer_id',
  fact_events: 'id',
  fact_writers: 'id',
  fact_checks: 'table_id',
  fact_catalogs: 'catalog',
  fact_leases: 'name',
  fact_size_days: 'table_id, period, bucket',
  fact_lake_size_days: 'period, catalog, bucket',
  fact_details: 'table_id, seq',
  fact_storage: 'table_id',
  fact_parts: 'table_id, part',
  fact_part_days: 'table_id, period, part',
  fact_lake_part_days: 'period, catalog, part',
  fact_column_sizes: 'table_id, field_id',
  fact_column_days: 'table_id, field_id, period',
  fact_storage_cuts: 'table_id, cut, name',
  fact_files: 'table_id, file_key',
  fact_partitions: 'table_id',
  fact_partition_days: 'table_id, period, partition_name, term',
  lakeshore_migrations: 'name',
}

/** Every row of every table. */
export async function readAllTables(database: Database): Promise<{ table: string; row: Record<string, unknown> }[]> {
  const contents: { table: string; row: Record<string, unknown> }[] = []
  for (const [table, order] of Object.entries(ORDERS)) {
    const found = await selectRows(database, `SELECT * FROM ${table} ${order === null ? '' : `ORDER BY ${order}`}`)
    if (order === null) found.sort((one, other) => compareBytes(JSON.stringify(one), JSON.stringify(other)))
    for (const { seq: _, ...row } of found) contents.push({ table, row })
  }
  return contents
}

const ULID = /[0-7][0-9A-HJKMNP-TV-Z]{25}/g
/** Current times; times that a test chooses do not match. */
const TIME = /\b1[6-9]\d{11}\b/g

/**
 * Serializes a value, replacing each id by the number of different ids before it, and each current time by a constant.
 * Maps are unordered.
 */
export function maskIdsAndTimes(value: unknown): string {
  const ids = new Map<string, number>()
  const sortMaps = (_: string, one: unknown) =>
    one instanceof Map ? [...one].sort(([a], [b]) => compareBytes(String(a), String(b))) : one
  const text = JSON.stringify(value, sortMaps, 2)
  return text.replaceAll(TIME, 'now').replaceAll(ULID, (id) => {
    const number = ids.get(id) ?? ids.size
    ids.set(id, number)
    return `id ${number}`
  })
}

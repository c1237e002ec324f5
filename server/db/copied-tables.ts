import 'server-only'
import type { Tables } from './tables'

/** How a table is copied: rows are read and compared in the order of its key, by bytes. */
export type CopiedTable = {
  name: CopiedName
  key: readonly string[]
  /** Columns that PostgreSQL bounds, in characters. */
  maxCharacters?: Readonly<Record<string, number>>
}

const MAX_NAME_CHARS = 255
const MAX_VALUE_CHARS = 1000

/** The search index is not copied: the first crawl in the new database rebuilds it. */
type CopiedName = Exclude<keyof Tables, `search_${string}`>

/** Referenced tables come before the tables that refer to them. The compiler reports a missing table. */
const TABLES: Record<CopiedName, Omit<CopiedTable, 'name'>> = {
  iceberg_tables: {
    key: ['catalog_name', 'table_namespace', 'table_name'],
    maxCharacters: {
      catalog_name: MAX_NAME_CHARS,
      table_namespace: MAX_NAME_CHARS,
      table_name: MAX_NAME_CHARS,
      metadata_location: MAX_VALUE_CHARS,
      previous_metadata_location: MAX_VALUE_CHARS,
      iceberg_type: 5,
    },
  },
  iceberg_namespace_properties: {
    key: ['catalog_name', 'namespace', 'property_key'],
    maxCharacters: {
      catalog_name: MAX_NAME_CHARS,
      namespace: MAX_NAME_CHARS,
      property_key: MAX_NAME_CHARS,
      property_value: MAX_VALUE_CHARS,
    },
  },
  table_folders: { key: ['catalog', 'namespace', 'table_name', 'folder'] },
  users: { key: ['id'] },
  user_groups: { key: ['id'] },
  group_members: { key: ['group_id', 'user_id'] },
  grants: { key: ['id'] },
  access_requests: { key: ['id'] },
  identities: { key: ['issuer', 'subject'] },
  sessions: { key: ['id'] },
  used_sign_ins: { key: ['state'] },
  sign_in_attempts: { key: ['key'] },
  tokens: { key: ['id'] },
  connections: { key: ['id'] },
  connection_credentials: { key: ['connection_id', 'user_id'] },
  saved_queries: { key: ['id'] },
  saved_query_versions: { key: ['query_id', 'version'] },
  shortcuts: { key: ['user_id', 'kind', 'catalog', 'target'] },
  idempotency: { key: ['actor_id', 'key'] },
  pending_writes: { key: ['id'] },
  proposals: { key: ['id'] },
  audit_receivers: { key: ['name'] },
  change_policies: { key: ['catalog', 'namespace'] },
  data_file_sizes: { key: ['file_path'] },
  metrics_reports: { key: ['id'] },
  runs: { key: ['id'] },
  run_logs: { key: ['run_id', 'seq'] },
  bulk_changes: { key: ['id'] },
  bulk_change_tables: { key: ['bulk_change_id', 'position'] },
  schedules: { key: ['id'] },
  loaded_files: { key: ['schedule_id', 'location', 'path', 'version'] },
  loaded_inputs: { key: ['run_id', 'position'] },
  uploads: { key: ['id'] },
  upload_parts: { key: ['upload_id', 'start_byte'] },
  workers: { key: ['id'] },
  catalog_name: { key: ['id'] },
  shared_settings: { key: ['name'] },
  write_probe: { key: ['id'] },
  audit: { key: ['seq'] },
  snapshot_writers: { key: ['table_uuid', 'snapshot_id', 'audit_id'] },
  table_clients: { key: ['table_uuid', 'day', 'client', 'version', 'library', 'access'] },
  fact_tables: { key: ['id'] },
  fact_changes: { key: ['recorded_at_ms', 'id'] },
  fact_commits: { key: ['table_id', 'seq'] },
  fact_deletes: { key: ['table_id', 'seq'] },
  fact_hours: { key: ['table_id', 'period', 'term', 'operation', 'writer_id'] },
  fact_days: { key: ['table_id', 'period', 'term', 'operation', 'writer_id'] },
  fact_months: { key: ['period', 'table_id', 'term', 'operation'] },
  fact_lake_hours: { key: ['period', 'catalog', 'term', 'operation', 'writer_id'] },
  fact_lake_days: { key: ['period', 'catalog', 'term', 'operation', 'writer_id'] },
  fact_events: { key: ['id'] },
  fact_writers: { key: ['id'] },
  fact_checks: { key: ['table_id'] },
  fact_catalogs: { key: ['catalog'] },
  fact_leases: { key: ['name'] },
  fact_size_days: { key: ['table_id', 'period', 'bucket'] },
  fact_lake_size_days: { key: ['period', 'catalog', 'bucket'] },
  fact_details: { key: ['table_id', 'seq'] },
  fact_storage: { key: ['table_id'] },
  fact_parts: { key: ['table_id', 'part'] },
  fact_part_days: { key: ['table_id', 'period', 'part'] },
  fact_lake_part_days: { key: ['period', 'catalog', 'part'] },
  fact_column_sizes: { key: ['table_id', 'field_id'] },
  fact_column_days: { key: ['table_id', 'field_id', 'period'] },
  fact_storage_cuts: { key: ['table_id', 'cut', 'name'] },
  fact_files: { key: ['table_id', 'file_key'] },
  fact_partitions: { key: ['table_id'] },
  fact_partition_days: { key: ['table_id', 'period', 'partition_name', 'term'] },
  lakeshore_migrations: { key: ['name'] },
}

export const MIGRATIONS_TABLE: CopiedTable = { name: 'lakeshore_migrations', ...TABLES.lakeshore_migrations }

/** All tables except the migrations, which are copied last: a database without them is not opened. */
export const COPIED_TABLES: readonly CopiedTable[] = Object.entries(TABLES)
  .map(([name, table]) => ({ name: name as CopiedName, ...table }))
  .filter(({ name }) => name !== MIGRATIONS_TABLE.name)

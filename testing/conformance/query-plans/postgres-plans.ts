import { Client } from 'pg'
import { readsMostRows, type TableScan } from './full-scans'
import type { RecordedStatement } from './recorder'

/** Enough rows that scanning a table is not the fastest way. */
const ROWS = `
  INSERT INTO users SELECT 'user' || i, 'name' || i, 'hash', 0, 'viewer', i, i FROM generate_series(1, 1000) i;
  INSERT INTO iceberg_tables
    SELECT 'c', 'ns' || i % 200, 't' || i, 'file:///lake/ns' || i % 200 || '/t' || i || '/metadata/v1.json', NULL, 'TABLE'
    FROM generate_series(1, 20000) i;
  INSERT INTO iceberg_namespace_properties SELECT 'c', 'ns' || i % 500, 'key' || i, 'v' FROM generate_series(1, 5000) i;
  INSERT INTO table_folders
    SELECT 'c', 'ns' || i % 200, 't' || i, 'file:///folders/t' || i || '/' FROM generate_series(1, 10000) i;
  INSERT INTO audit (id, at_ms, actor_id, actor_name, action, catalog, namespace, table_name, table_uuid, via,
      metadata_location, undoes)
    SELECT 'entry' || i, i, 'u', 'n', 'append', 'c', 'ns', 't', 'uuid' || i % 500, CASE WHEN i % 5 = 0 THEN '{}' END,
      'v' || i, CASE WHEN i % 50 = 0 THEN 'entry' || i - 1 END
    FROM generate_series(1, 20000) i;
  INSERT INTO idempotency SELECT 'user' || i % 100, 'key' || i, 'o', 'r', i FROM generate_series(1, 20000) i;
  INSERT INTO sessions SELECT 'session' || i, 'user' || 1 + i % 1000, i, i FROM generate_series(1, 20000) i;
  INSERT INTO sign_in_attempts SELECT 'key' || i, 1, 0, 0, i FROM generate_series(1, 20000) i;
  INSERT INTO data_file_sizes SELECT 'file' || i, 'uuid' || i % 500, 1, NULL, 1, 1, '{}' FROM generate_series(1, 20000) i;
  INSERT INTO tokens
    SELECT 'token' || i, 'user' || 1 + i % 1000, 'n', 'hash' || i, 'viewer', i, i FROM generate_series(1, 20000) i;
  INSERT INTO metrics_reports
    SELECT 'report' || i, i, 'c', 'ns', 't' || i % 500, 'scan-report', NULL, 'u', '{}' FROM generate_series(1, 20000) i;
  INSERT INTO runs (id, kind, title, state, spec, actor, catalog, namespace, table_name, schedule_id, created_at_ms, finished_at_ms)
    SELECT 'run' || i, 'kind' || i % 10, 't',
      CASE i % 1000 WHEN 0 THEN 'queued' WHEN 1 THEN 'running' ELSE 'succeeded' END,
      '{}', '{}', 'c', 'ns', 't' || i % 500, CASE i % 10 WHEN 0 THEN 'schedule' || i % 200 END, i, i
    FROM generate_series(1, 20000) i;
  INSERT INTO search_objects (catalog, namespace, name, kind, folded, text, changed_at_ms, is_cut)
    SELECT 'lake', 'ns' || i % 100, 't' || i, CASE i % 3 WHEN 0 THEN 'namespace' WHEN 1 THEN 'table' ELSE 'view' END,
      't' || i, 'ns' || i % 100 || '.t' || i, i, 0
    FROM generate_series(1, 5000) i;
  INSERT INTO search_entries (object_id, kind, name, folded, text)
    SELECT id, 'kind' || id % 10, 'column' || id, 'column' || id, 'column' || id FROM search_objects;
  INSERT INTO uploads (id, user_id, catalog, namespace, table_name, file_name, size_bytes, received_bytes, part_count,
      created_at_ms, expires_at_ms)
    SELECT 'upload' || i, 'user' || 1 + i % 1000, 'c', 'ns', 't', 'f', 1, 1, 1, i, i FROM generate_series(1, 20000) i;
  INSERT INTO upload_parts (upload_id, start_byte, size_bytes, name)
    SELECT 'upload' || i, 0, 1, 'p' FROM generate_series(1, 20000) i;
  INSERT INTO schedules (id, kind, title, spec, actor, cron, time_zone, is_enabled)
    SELECT 'schedule' || i, 'k', 't', '{}', '{}', '', '', 1 FROM generate_series(1, 200) i;
  INSERT INTO loaded_files
    SELECT 'schedule' || 1 + i % 200, 'l', 'p' || i, 'v', 1, 1, 'run' || i, CASE i % 1000 WHEN 0 THEN 0 ELSE 1 END
    FROM generate_series(1, 20000) i;
  INSERT INTO loaded_inputs
    SELECT 'run' || i, 0, 'uuid' || i % 500, i % 1000, 'digest' || i, 'f' FROM generate_series(1, 20000) i;
  INSERT INTO run_logs SELECT 'run' || i % 10000, i, i, 'info', 'x' FROM generate_series(1, 50000) i;
  ANALYZE`

type Index = { table: string; columns: readonly string[] }
/** As in `EXPLAIN (FORMAT JSON)`. */
type Step = {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Index Cond'?: string
  Plans?: Step[]
}

/** Explains statements on a database that has some rows of everything, with table scans as the last resort. */
export class PostgresPlans {
  readonly #client: Client
  #indexes: ReadonlyMap<string, Index> = new Map()

  constructor(url: string, schema: string) {
    this.#client = new Client({ connectionString: url, options: `-c search_path=${schema}` })
  }

  async prepare(): Promise<void> {
    await this.#client.connect()
    await this.#client.query(ROWS)
    await this.#client.query('SET enable_seqscan = off')
    const { rows } = await this.#client.query<{ index: string; table: string; columns: string[] }>(
      `SELECT indexrelid::regclass::text AS index, indrelid::regclass::text AS table,
          ARRAY(SELECT pg_get_indexdef(indexrelid, k, true) FROM generate_series(1, indnkeyatts) k ORDER BY k) AS columns
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relnamespace = current_schema()::regnamespace`,
    )
    this.#indexes = new Map(rows.map(({ index, table, columns }) => [index, { table, columns }]))
  }

  close(): Promise<void> {
    return this.#client.end()
  }

  async explain(statement: RecordedStatement): Promise<TableScan[]> {
    const { sql, params } = withExistingCatalog(statement)
    const { rows } = await this.#client.query<{ 'QUERY PLAN': { Plan: Step }[] }>(`EXPLAIN (FORMAT JSON) ${sql}`, [
      ...params,
    ])
    return rows.flatMap((row) => row['QUERY PLAN'].flatMap(({ Plan }) => this.#toScans(Plan, statement)))
  }

  #toScans(step: Step, statement: RecordedStatement): TableScan[] {
    const below = (step.Plans ?? []).flatMap((one) => this.#toScans(one, statement))
    const scan = this.#toScan(step, statement)
    return scan ? [scan, ...below] : below
  }

  #toScan(step: Step, statement: RecordedStatement): TableScan | null {
    const { 'Node Type': type, 'Relation Name': table, 'Index Name': index, 'Index Cond': condition = '' } = step
    if (type === 'Seq Scan' && table !== undefined) return { table, how: type, isFullScan: true }
    if (index === undefined) return null
    const { table: indexed, columns } = this.#indexes.get(index) ?? { table: '', columns: [] }
    // Only conditions on the first columns narrow the part of the index that is read.
    const isNamed = columns.map((column) => new RegExp(`\\b${column}\\b`).test(condition))
    const end = isNamed.indexOf(false)
    const searched = end === -1 ? columns : columns.slice(0, end)
    return {
      table: indexed,
      how: `${type} ${index} ${condition}`.trim(),
      isFullScan: readsMostRows(searched, statement),
    }
  }
}

/** A lake has one catalog. For a name that no row has, PostgreSQL would know that no rows match. */
function withExistingCatalog({ sql, params }: RecordedStatement): RecordedStatement {
  const numbers = [...sql.matchAll(/\b(?:catalog_name|catalog)"?(?: collate "C")? = \$(\d+)/g)].map(([, n]) =>
    Number(n),
  )
  return { sql, params: params.map((value, i) => (numbers.includes(i + 1) ? 'c' : value)) }
}

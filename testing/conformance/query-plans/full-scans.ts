import { expect } from 'vitest'
import type { Tables } from '@/server/db/tables'
import { normalizeSql, type RecordedStatement } from './recorder'

/** How a plan reads one table: `table: how`. */
export type TableScan = { table: string; how: string; isFullScan: boolean }

/** Tables that grow with the lake or with its use: a statement that scans one of them gets slower every day. */
export const GROWING_TABLES: ReadonlySet<string> = new Set<keyof Tables>([
  'iceberg_tables',
  'iceberg_namespace_properties',
  'table_folders',
  'audit',
  'snapshot_writers',
  'table_clients',
  'runs',
  'run_logs',
  'bulk_changes',
  'bulk_change_tables',
  'data_file_sizes',
  'metrics_reports',
  'idempotency',
  'sessions',
  'used_sign_ins',
  'sign_in_attempts',
  'tokens',
  'proposals',
  'search_objects',
  'search_entries',
  'shortcuts',
  'uploads',
  'upload_parts',
  'loaded_files',
  'loaded_inputs',
])

type Allowance = {
  name: string
  /** In the form that {@link normalizeSql} returns. */
  statement: RegExp
  table: keyof Tables
  /** How the table is read. */
  by: RegExp
  reason: string
}

const ALLOWED_SCANS: readonly Allowance[] = [
  {
    name: 'listAudit without filters',
    statement: /^select "audit"\.\*.* order by "audit"\."seq" desc limit \?$/s,
    table: 'audit',
    by: /^SCAN audit$|audit_pkey/,
    reason: 'a page of the newest entries, in the order of the key',
  },
  {
    name: 'listRuns without filters or by state',
    statement: /^select \* from "runs" (where "state" in \(\?…?\) )?order by "id" desc limit \?$/,
    table: 'runs',
    by: /_runs_1$|runs_pkey|runs_by_state/,
    reason: 'a page of the newest runs, in the order of the key; runs that have not ended are few',
  },
  {
    name: 'readMetadataLocations',
    statement: /^select "metadata_location" as "location" from "iceberg_tables"$/,
    table: 'iceberg_tables',
    by: /./,
    reason: 'a command of the command line that examines every table',
  },
  {
    name: 'listTokens of all users',
    statement: /^select "tokens"\."id".* order by "tokens"\."created_at_ms" desc, "tokens"\."id" limit \?$/s,
    table: 'tokens',
    by: /tokens_by_time/,
    reason: 'a page of the newest tokens, in the order of an index',
  },
  {
    name: 'listOpenProposals',
    statement: /^select "id", "entry_kind", "catalog".* from "proposals" where "state" = 'open' and .* limit \?$/s,
    table: 'proposals',
    by: /proposals_open/,
    reason: 'a page of the newest open ones, in the order of an index that has no others',
  },
  {
    name: 'listOpenBulkProposals',
    statement: /^select "bulk_change_id", "catalog", max\("title"\).* from "proposals" where "state" = 'open' and /s,
    table: 'proposals',
    by: /proposals_open/,
    reason: 'the open ones, by an index that has no others',
  },
  {
    name: 'countAttempts and swapAttemptCounts, the last count that stays',
    statement: /^delete from "sign_in_attempts" .* order by "newest"\."last_attempt_ms" desc limit \? offset \?\)$/,
    table: 'sign_in_attempts',
    by: /sign_in_attempts_by_age/,
    reason: 'it passes at most the 50 000 that stay, in an index of numbers',
  },
  {
    name: 'reportChanges, the last report that stays',
    statement: /^delete from "metrics_reports" .* order by "newest"\."id" desc limit \? offset \?\)$/,
    table: 'metrics_reports',
    by: /_metrics_reports_1$|metrics_reports_pkey/,
    reason: 'it passes at most the 20 000 that stay, in the index of the key',
  },
  {
    name: 'listRunKinds, the first kind',
    statement: /^with recursive "kinds"/,
    table: 'runs',
    by: /runs_by_kind/,
    reason: 'PostgreSQL takes the first row of the index, and seeks each of the others',
  },
  ...(['iceberg_tables', 'iceberg_namespace_properties'] as const).map((table) => ({
    name: `settleCatalogName, the least and the greatest name in ${table}`,
    statement: new RegExp(`^select (min|max)\\("catalog_name"\\) as "name" from "${table}"$`),
    table,
    by: new RegExp(`${table}_pkey`),
    reason: 'PostgreSQL takes the first or the last row of the index',
  })),
  {
    name: 'tidyDatabase, the first log',
    statement: /^with recursive "logged"/,
    table: 'run_logs',
    by: /run_logs_pkey/,
    reason: 'PostgreSQL takes the first row of the index, and seeks each of the others',
  },
  {
    name: 'tidyDatabase, the last digest that stays',
    statement: /^select "run_id" as "id" from "loaded_inputs" order by .* offset \?$/,
    table: 'loaded_inputs',
    by: /^SCAN loaded_inputs|loaded_inputs_pkey/,
    reason: 'it passes at most the 200 000 that stay, in the order of the key',
  },
  {
    name: 'tidyDatabase, the oldest run that stays, and those that do not',
    statement: /^select "id" from "runs" where "state" in \(\?…\) (order by|and \("finished_at_ms" <)/,
    table: 'runs',
    by: /runs_by_state|runs_pkey/,
    reason: 'once a night, over the 10 000 that stay and those that have ended since',
  },
  {
    name: 'tidyDatabase, a batch of runs that are removed',
    statement: /^delete from "runs" where "id" in \(\?…\)$/,
    table: 'runs',
    by: /Index Scan runs_by_kind/,
    reason: 'PostgreSQL 18 seeks the ids within each kind, which it estimates to cost as much as their key',
  },
]

const ALLOWED_SEARCH_SCANS: readonly Allowance[] = [
  ...(['search_objects', 'search_entries'] as const).map((table) => ({
    name: 'findHits, the rows that the index of parts found',
    statement: new RegExp(`"${table}_parts" match|search_parts\\(text\\) @>`),
    table,
    by: new RegExp(`^SCAN ${table}$|Index Scan ${table}_parts `),
    reason: 'SQLite says so of a subselect, which reads the rows that the index finds; PostgreSQL uses that index',
  })),
  {
    name: 'findHits without words',
    statement: /order by changed_at_ms desc limit 2000\) as search_objects/,
    table: 'search_objects',
    by: /search_objects_by_time|^SCAN search_objects$/,
    reason: 'the newest 2 000, in the order of an index',
  },
  {
    name: 'listIndexedObjects and readTableSizes',
    statement:
      /^select "namespace", "name"(, "kind", .*)? from "search_objects" where "catalog" = \? (and .*)?order by/s,
    table: 'search_objects',
    by: /search_objects/,
    reason: 'a page of a crawl, or of a choice of tables by size, in the order of the key',
  },
  {
    name: 'addReceiverChange',
    statement: /^insert into "audit_receivers" .*MAX\(seq\)/is,
    table: 'audit',
    by: /audit_pkey/,
    reason: 'the last entry of the key, one row',
  },
  {
    name: 'removeIndexedCatalog',
    statement: /^delete from "search_objects" where "id" in \(select .* limit \?\)$/s,
    table: 'search_objects',
    by: /search_objects/,
    reason: 'some objects of a catalog that is gone',
  },
]

/**
 * Expects that no statement scans a whole table that grows, unless it is allowed to.
 *
 * @param explain how the plan of a statement reads its tables
 */
export async function expectNoFullScans(
  statements: readonly RecordedStatement[],
  explain: (statement: RecordedStatement) => Promise<TableScan[]> | TableScan[],
): Promise<void> {
  const found: string[] = []
  const read = new Set<string>()
  for (const statement of statements) {
    const form = normalizeSql(statement.sql)
    for (const { table, how, isFullScan } of await explain(statement)) {
      read.add(table)
      if (isFullScan && GROWING_TABLES.has(table) && !isAllowed(form, table, how))
        found.push(`${table}: ${how}\n  of ${form}`)
    }
  }
  expect(found).toEqual([])
  expect([...read]).toEqual(expect.arrayContaining([...GROWING_TABLES]))
}

function isAllowed(form: string, table: string, how: string): boolean {
  return [...ALLOWED_SCANS, ...ALLOWED_SEARCH_SCANS].some(
    (one) => one.table === table && one.by.test(how) && one.statement.test(form),
  )
}

/**
 * Whether the index conditions still match most of the table: a lake has one catalog, and most runs have ended.
 *
 * @param columns that the conditions name
 */
export function readsMostRows(columns: readonly string[], { params }: RecordedStatement): boolean {
  const [first, ...others] = columns
  if (first === undefined) return true
  if (others.length > 0) return false
  return first === 'catalog_name' || first === 'catalog' || (first === 'state' && params.includes('succeeded'))
}

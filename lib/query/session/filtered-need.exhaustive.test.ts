import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { QueryEngine, QueryResult } from '@/lib/query/engine'
import type { PlanOperator, PlanScan } from '@/lib/query/query-plan'
import { createDeleteLoader } from '@/lib/scan/deletes/delete-loader'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import { parsePredicateJson } from '@/lib/scan/predicate/predicate-json'
import { findMatches } from '@/lib/scan/prune/find-matches'
import { prunePlan } from '@/lib/scan/prune/prune-plan'
import type { ScanFile } from '@/lib/scan/scan-files'
import { type NodeDuckdb, startNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { nodeEngine } from '@/testing/duckdb/node-engine'
import { type GoldenRead, type GoldenTable, listGoldenTables } from '@/testing/golden/golden-tables'
import { openGoldenFile, planGoldenTable } from '@/testing/golden/open-golden-scan'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { countRemainingRows, decodeColumns, loadDeletedRows, openFile, summarizeFooter } from '@/lib/query/load/decode'
import type { LoadableDelete, LoadableFile } from '@/lib/query/load/decode-messages'
import type { Decoder } from '@/lib/query/load/decoder'
import { createTestSession } from '@/testing/duckdb/test-session'
import { knownFiles } from '@/lib/query/load/table-files'
import type { TableScan } from '@/lib/query/load/table-scan'

/**
 * Statements give the same rows whether the tables are loaded whole or only the rows that DuckDB's plan lets pass. The
 * first table has what conditions go wrong on: nulls, NaN, -0.0, dates, timestamps with zones, decimals, 64-bit ids.
 */

const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-filtered-'))
afterAll(() => rmSync(folder, { recursive: true }))

const FIELDS = Object.entries({
  id: 'long',
  day: 'date',
  ts: 'timestamptz',
  tn: 'timestamp',
  ns: 'timestamp_ns',
  tm: 'time',
  n: 'decimal(38, 10)',
  f: 'float',
  g: 'double',
  b: 'boolean',
  s: 'string',
  u: 'uuid',
  k: 'int',
} satisfies Record<string, Type>).map(([name, type], i): NestedField => ({ id: i + 1, name, type, required: false }))

/** Ids are beyond the numbers that JavaScript has. */
const ROWS = `select 9007199254740993 + i as id, case when i % 13 = 0 then null else date '2023-01-01' + (i // 40)::int end as day,
  timestamptz '2023-01-01 00:00:00+00' + to_minutes(i * 37) as ts, timestamp '2023-01-01' + to_minutes(i * 37) as tn,
  case when i % 5 = 0 then null else (timestamp '2023-01-01' + to_seconds(i))::timestamp_ns end as ns,
  time '00:00:00' + to_seconds(i * 71) as tm, case when i % 7 = 0 then null else ((i - 300) / 8)::decimal(38, 10) end as n,
  case i % 9 when 0 then null when 1 then 'nan' when 2 then -0.0 when 3 then 'inf' else i / 10 - 20 end::float as f,
  case i % 8 when 0 then 'nan' when 1 then 0.0 when 2 then '-inf' else (i - 300) / 3.0 end::double as g,
  case i % 3 when 0 then null else i % 2 = 0 end as b,
  case i % 11 when 0 then null when 1 then '' when 2 then 'it''s' when 3 then '😀' when 4 then 'Ü' else 'k' || (i // 25) end as s,
  case when i % 4 = 0 then null else ('00112233-4455-6677-8899-' || lpad((i * 7)::varchar, 12, '8'))::uuid end as u,
  case when i % 6 = 0 then null else i % 40 end::int as k
  from range(FROM, TO) r(i)`
const FILE_ROWS = 200
const FILE_COUNT = 3

const VALUES: Readonly<Record<string, readonly string[]>> = {
  id: ['9007199254740993', '9007199254741100', '9007199254741593', '5', '9007199254741100.5'],
  day: ["'2023-01-05'", "date '2023-01-09' - 1", "'0044-01-01 (BC)'", "'infinity'", "timestamp '2023-01-05 10:00:00'"],
  ts: ["'2023-01-05T16:30:45+02'", "'2023-01-10 00:00:00Z'", "timestamptz '2023-01-03 12:00:00-05:30'"],
  tn: ["'2023-01-05 12:00:00'", "'2023-01-10'", "'-infinity'"],
  ns: ["'2023-01-01 00:03:00.000000000'", "'2023-01-01 00:05:17'"],
  tm: ["'05:00:00'", "'00:00:00.000001'"],
  n: ['0', '-12.5', '37.3750000000', '1e30'],
  f: ['0', '-0.0', '1.5', "'nan'", "'inf'", '-20.1'],
  g: ['0', "'nan'", "'-inf'", '33.333333333333336', '-0.5'],
  b: ['true', 'false'],
  s: ["''", "'it''s'", "'😀'", "'k1'", "'Ü'", "'k2' || 'x'", "e'a\\nb = 1'"],
  u: ["'00112233-4455-6677-8899-888888888887'", "'00112233-4455-6677-8899-888888884193'"],
  k: ['3', '20', '-1', '99999999999', '7.5'],
}

/** Statements with a slot for each condition on `t`, and on `a` and `b`. */
const TEMPLATES: readonly string[] = [
  'select * from demo.t where T',
  'select count(*), min(id), max(s) from demo.t where T',
  'select k, count(*), sum(n) from demo.t where T group by k having count(*) > 1',
  'select * from demo.t where T or T',
  'select * from demo.t where not (T and T)',
  'select * from demo.t where (T or T) and T',
  'select a.id, b.id from demo.t a join demo.t b on a.k = b.k and A where B',
  'select a.id, b.id from demo.t a left join demo.t b on a.k = b.k and B where A',
  'select a.id, b.id from demo.t a left join demo.t b on a.k = b.k and A',
  'select a.id, b.id from demo.t a left join demo.t b on a.id = b.id and B where b.id is null',
  'select a.id, b.id from demo.t a right join demo.t b on a.id = b.id and A where B',
  'select a.id, b.id from demo.t a full join demo.t b on a.id = b.id and A and B',
  'select a.id, b.id from demo.t a full join demo.t b on a.id = b.id where A',
  'select id from demo.t where k in (select k from demo.t where T) and T',
  'select id from demo.t where k not in (select k from demo.t where T and k is not null)',
  'select id from demo.t a where exists (select 1 from demo.t b where b.k = a.k and B) and A',
  'select id from demo.t a where not exists (select 1 from demo.t b where b.id = a.id and B)',
  'select id, (select max(b.id) from demo.t b where b.k = a.k and B) from demo.t a where A',
  'with c as (select * from demo.t where T) select x.id, y.k from c x join c y using (id) where x.k = 3',
  'with c as materialized (select * from demo.t where T) select count(*) from c union all select k from demo.t where T',
  'select id, row_number() over (partition by k order by id) r from demo.t where T qualify r <= 2',
  'select * from (select id, k, sum(k) over (partition by k) from demo.t) t where k = 7',
  'select * from (select id, k, row_number() over (order by id) r from demo.t) t where k = 7',
  'select * from (select id, k, s from demo.t order by id limit 50) t where k = 7',
  'select id from demo.t where T except select id from demo.t where T',
  'select id from demo.t where T intersect select id from demo.t where T',
  'select count(*) filter (where T), count(*) from demo.t where T',
  'select a.id, q.m from demo.t a, lateral (select max(k) m from demo.t b where b.k = a.k and B) q where A',
  'select id from demo.t a semi join demo.t b on a.k = b.k and B where A',
  'select id from demo.t a anti join demo.t b on a.id = b.id and B where A',
  'select id, case when T then 1 else 2 end from demo.t',
  'select distinct on (k) k, id from demo.t where T order by k, id',
  'select id from demo.t where T order by g desc nulls last, id limit 5',
  'select id from demo.t where T and k = (select max(k) from demo.t where T)',
]

let random = 20_230_101
const nextBelow = (count: number): number => {
  random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fffffff
  return (random >>> 8) % count
}
const choose = <T>(items: readonly T[]): T => {
  const item = items[nextBelow(items.length)]
  if (item === undefined) throw new Error('there is nothing to choose from')
  return item
}

function generateCondition(prefix: string): string {
  const name = choose(Object.keys(VALUES))
  const column = `${prefix}${name}`
  const value = () => choose(VALUES[name] ?? [])
  switch (nextBelow(11)) {
    case 0:
      return `${column} is null`
    case 1:
      return `${column} is not null`
    case 2:
      return `${column} in (${value()}, ${value()}, ${value()}, ${value()})`
    case 3:
      return `${column} between ${value()} and ${value()}`
    case 4:
      return `(${column} < ${value()} or ${column} = ${value()})`
    case 5:
      return name === 's' ? `${column} like 'k1%'` : `not (${column} > ${value()})`
    case 6:
      return name === 'b' ? column : `${column} is distinct from ${value()}`
    default:
      return `${column} ${choose(['=', '<>', '<', '<=', '>', '>='])} ${value()}`
  }
}

const STATEMENTS_PER_TEMPLATE = 3

const generateStatement = (template: string) =>
  template.replaceAll(/\b[TAB]\b/g, (name) => generateCondition({ T: '', A: 'a.', B: 'b.' }[name] ?? ''))

describe('a generated statement', () => {
  let native: DuckDBConnection
  let whole: QueryEngine
  let scan: TableScan

  beforeAll(async () => {
    native = await (await DuckDBInstance.create(':memory:')).connect()
    await native.run("set TimeZone = 'UTC'")
    const ids = FIELDS.map(({ name, id }) => `${name}: ${id}`).join(', ')
    const files: LoadableFile[] = []
    for (let from = 0; from < FILE_ROWS * FILE_COUNT; from += FILE_ROWS) {
      const file = path.join(folder, `${from}.parquet`)
      const sql = ROWS.replace('FROM', String(from)).replace('TO', String(from + FILE_ROWS))
      await native.run(`copy (${sql}) to '${file}' (format parquet, field_ids {${ids}})`)
      files.push(localFile(file, FILE_ROWS))
    }
    await native.run(`create schema demo; create table demo.t as from read_parquet('${folder}/*.parquet')`)
    scan = { ...scanOf(files, FIELDS), planFiltered: async (where) => filesWithMatches(files, FIELDS, where) }
    whole = await startSession(scan, Number.POSITIVE_INFINITY)
  })

  let filteredCount = 0

  test.each(TEMPLATES)(
    'gives the same rows with and without filters, and as many as in native DuckDB: %s',
    async (template) => {
      for (let i = 0; i < STATEMENTS_PER_TEMPLATE; i++) {
        const sql = generateStatement(template)
        // A session that has loaded the columns whole does not filter them.
        const [expected, result] = [await run(whole, sql), await run(await startSession(scan, 0), sql)]
        expect(toRows(result), sql).toEqual(toRows(expected))
        expect(expected.filteredFiles).toBeNull()
        if (result.filteredFiles) filteredCount += 1
        const counted = await native.runAndReadAll(`select count(*) from (${sql}) q`)
        expect(BigInt(result.rowCount), sql).toBe(counted.getRows()[0]?.[0])
      }
    },
  )

  test('of a small table does not fail because of a damaged file that its filter leaves out', async () => {
    const [, second, third] = [0, 1, 2].map((i) => localFile(path.join(folder, `${i * FILE_ROWS}.parquet`), FILE_ROWS))
    const damagedName = path.join(folder, 'damaged.bin')
    writeFileSync(damagedName, readFileSync(path.join(folder, '0.parquet')).fill(0x7f))
    const sound = [second!, third!]
    const damaged = {
      ...scanOf([localFile(damagedName, FILE_ROWS), ...sound], FIELDS),
      planFiltered: async (where: string) => filesWithMatches(sound, FIELDS, where),
    }
    const statement = (from: number) =>
      `select count(*), min(id) from demo.t where id >= ${2n ** 53n + 1n + BigInt(from)}`
    const engine = await startSession(damaged, Number.MAX_SAFE_INTEGER)
    const result = await run(engine, statement(FILE_ROWS))
    expect(toRows(result)).toEqual(toRows(await run(await startSession(scan, 0), statement(FILE_ROWS))))
    expect(result.filteredFiles).not.toBeNull()
    await expect(run(engine, 'select count(*), min(id) from demo.t')).rejects.toMatchObject({ code: 'file-damaged' })
  })

  test('is filtered often', () => {
    expect(filteredCount).toBeGreaterThan((STATEMENTS_PER_TEMPLATE * TEMPLATES.length) / 4)
  })

  test.each(['explain', 'explain analyze'])('says in the plan of %s which files its filter leaves', async (verb) => {
    const scanOfPlan = async (sql: string) => {
      const { plan = [] } = await run(await startSession(scan, 0), `${verb} ${sql}`)
      const scans: (PlanScan | null)[] = []
      const visit = (operators: readonly PlanOperator[]) => {
        for (const operator of operators) {
          if (operator.scan !== null) scans.push(operator.scan)
          visit(operator.children)
        }
      }
      visit(plan)
      expect(scans).toHaveLength(1)
      return scans[0]
    }
    // Every loaded row passes, so DuckDB's own plan has no filter.
    expect(await scanOfPlan('select count(id) from demo.t where id < 9007199254740995')).toMatchObject({
      label: 'demo.t',
      fileCount: 1,
      tableFileCount: FILE_COUNT,
      filter: 'id < 9007199254740995',
    })
    expect(await scanOfPlan('select sum(k) from demo.t')).toMatchObject({
      fileCount: FILE_COUNT,
      tableFileCount: FILE_COUNT,
      filter: null,
    })
  })

  test.each([
    ['select count(*) from demo.t where id < 9007199254740995', 1, 2],
    ["select id from demo.t where day = '2023-01-05'", 1, 37],
    ["select id from demo.t where day >= date '2023-01-05' and day < date '2023-01-05' + interval 1 day", 1, 37],
    ["select s from demo.t where ts < '2023-01-01T02:00:00+01'", 1, 2],
    ["select s from demo.t where s like 'k1%' and id < 9007199254741193", 1, 13],
    ['select id from demo.t where n between 37.25 and 37.375', 1, 2],
    ["select id from demo.t where u = '00112233-4455-6677-8899-888888888887'", 1, 1],
    ['with c as (select * from demo.t where k = 7) select count(*) from c where id < 9007199254741193', 1, 5],
    ['select a.id from demo.t a left join demo.t b on a.id = b.id and b.k = 3 where a.id = 9007199254741193', 1, 1],
  ])('%s loads only rows that it can use', async (sql, files, rows) => {
    const { filteredFiles, cost } = await run(await startSession(scan, 0), sql)
    expect({ files: filteredFiles?.files, rows: cost.rowCount }).toEqual({ files, rows })
    expect(filteredFiles?.totalFiles).toBe(FILE_COUNT)
  })
})

describe('statements over golden tables', () => {
  const { tables: expectations } = JSON.parse(
    readFileSync(path.join(import.meta.dirname, '../../../testing/golden/expectations.json'), 'utf8'),
  ) as { tables: Record<string, { supported: boolean }> }
  const tables = listGoldenTables().filter(({ name }) => expectations[name]?.supported)

  test.each(tables.map((table) => [table.name, table] as const))('give the same rows over %s', async (_, table) => {
    // Filters of earlier snapshots, branches and tags are compared with recorded rows in filtered-golden-tables.test.ts.
    const read = table.reads.at(-1)
    if (!read) throw new Error(`${table.name} has no recorded rows`)
    const scan = await goldenScan(table, read)
    const whole = await startSession(scan, Number.POSITIVE_INFINITY)
    for (const sql of goldenStatements(scan, read)) {
      const [expected, result] = [await attempt(whole, sql), await attempt(await startSession(scan, 0), sql)]
      expect(result, `${read.snapshotId ?? read.ref}: ${sql}`).toEqual(expected)
    }
  })
})

async function attempt(engine: QueryEngine, sql: string): Promise<readonly string[] | string> {
  return await run(engine, sql).then(toRows, (error: unknown) =>
    error instanceof Error ? error.message : String(error),
  )
}

const MAX_GOLDEN_COLUMNS = 4

function goldenStatements({ fields }: TableScan, read: GoldenRead): string[] {
  return fields.slice(0, MAX_GOLDEN_COLUMNS).flatMap(({ name, type }) => {
    const column = `"${name}"`
    const index = read.columns.indexOf(name)
    const value = read.rows.map((row) => row[index] ?? null).find((each) => typeof each === 'string')
    const isCompared = typeof type === 'string' && typeof value === 'string' && !/binary|fixed|geo|variant/.test(type)
    const literal = isCompared ? `'${value.replaceAll("'", "''")}'` : null
    return [
      `select * from demo.t where ${column} is null`,
      ...(literal === null
        ? []
        : [
            `select * from demo.t where ${column} = ${literal}`,
            `select count(*), count(${column}) from demo.t where ${column} >= ${literal}`,
            `select * from demo.t where ${column} <> ${literal}`,
          ]),
    ]
  })
}

async function goldenScan(table: GoldenTable, read: GoldenRead): Promise<TableScan> {
  const { metadata, schema, plan, toScanFile, nameMapping } = await planGoldenTable(table, read)
  const toLoadable = ({ deletes = [], ...file }: ScanFile, fileSizeBytes: number): LoadableFile => ({
    ...file,
    url: file.path,
    name: file.path,
    byteLength: fileSizeBytes,
    tailBytes: 4096,
    nameMapping,
    origin: { path: file.path, sequenceNumber: 1, firstRowId: null },
    deletes: deletes.map((each): LoadableDelete => ({ ...each, url: each.path })),
  })
  const tasks = await plan.listTasks({ fromFile: 0 })
  const files = tasks.map((task) => toLoadable(toScanFile(task), task.fileSizeBytes))
  return {
    ...scanOf(files, schema.fields),
    deleteFileCount: plan.deleteFileCount,
    planFiltered: async (where) => {
      const predicate = bindPredicate(parsePredicateJson(parseExactJson(where)), schema)
      const remaining: LoadableFile[] = []
      for await (const task of prunePlan(plan, predicate, { metadata }).tasks())
        remaining.push(toLoadable(toScanFile(task), task.fileSizeBytes))
      return filteredFiles(remaining)
    },
  }
}

function scanOf(files: readonly LoadableFile[], fields: readonly NestedField[]): TableScan {
  return {
    key: 't',
    snapshotId: '1',
    committedAtMs: 0,
    fields,
    files: knownFiles(files),
    fileCount: files.length,
    rowCount: files.reduce((sum, { recordCount }) => sum + recordCount, 0),
    deleteFileCount: 0,
    deleteBytes: 0,
    fileBytes: files.reduce((sum, { byteLength }) => sum + byteLength, 0),
  }
}

function filteredFiles(files: readonly LoadableFile[]) {
  const rowCount = files.reduce((sum, { recordCount }) => sum + recordCount, 0)
  return { snapshotId: '1', files: knownFiles(files), fileCount: files.length, rowCount }
}

/** The files with rows that pass. */
async function filesWithMatches(files: readonly LoadableFile[], fields: readonly NestedField[], where: string) {
  const predicate = bindPredicate(parsePredicateJson(parseExactJson(where)), { fields })
  const matching: LoadableFile[] = []
  for (const file of files) {
    let count = 0
    for await (const { positions } of findMatches(predicate, await open(file), { createBudget: () => () => {} }))
      count += positions.length
    if (count > 0) matching.push(file)
  }
  return filteredFiles(matching)
}

function localFile(name: string, recordCount: number): LoadableFile {
  const byteLength = readFileSync(name).length
  const rest = { constants: new Map(), nameMapping: null, deletes: [] }
  return { url: name, name, byteLength, recordCount, tailBytes: 4096, ...rest }
}

function open(file: LoadableFile) {
  if (!file.name.startsWith(folder)) return openFile(openGoldenFile(file.name), file, pageCodecs)
  const bytes = readFileSync(file.name)
  const read = async (start: number, end: number) => new Uint8Array(bytes.subarray(start, end))
  return openFile({ name: file.name, byteLength: bytes.length, read }, file, pageCodecs)
}

/** One DuckDB for the sessions that load whole tables and one for the others. */
const wasms = new Map<boolean, Promise<NodeDuckdb>>()

/** Ends the session before of the same kind. */
async function startSession(scan: TableScan, minFilteredBytes: number): Promise<QueryEngine> {
  const loadsWhole = minFilteredBytes === Number.POSITIVE_INFINITY
  const starting = wasms.get(loadsWhole) ?? startNodeDuckdb()
  wasms.set(loadsWhole, starting)
  const wasm = await starting
  for (const schema of ['shadow', 'held', 'lake']) wasm.run(`drop schema if exists ${schema} cascade`)
  const deletes = createDeleteLoader({ open: (file: LoadableDelete) => openGoldenFile(file.path), codecs: pageCodecs })
  const decoder: Decoder = {
    start: () => {},
    readFooter: async (file) => summarizeFooter(await open(file)),
    decodeColumns: async (file, order) => {
      const opened = await open(file)
      return decodeColumns(opened, { ...structuredClone(order), deleted: await loadDeletedRows(deletes, file, opened) })
    },
    countRows: async (file) => {
      const opened = await open(file)
      return { rowCounts: countRemainingRows(opened, await loadDeletedRows(deletes, file, opened)), readBytes: 0 }
    },
  }
  return createTestSession({
    startEngine: async () => nodeEngine(wasm),
    decoder,
    planTable: async () => scan,
    readView: async () => null,
    minFilteredBytes,
  })
}

async function run(engine: QueryEngine, sql: string): Promise<QueryResult> {
  const request = { sql, cursor: 0, connection: 'local', connections: ['local'], maxRows: 100_000 }
  return await engine.run(request, {
    signal: new AbortController().signal,
    onProgress: () => {},
    confirm: async () => true,
  })
}

/** The rows of a result in any order, each as text. */
function toRows({ batches, columns }: QueryResult): string[] {
  const text = (value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : JSON.stringify(value, stringifyBigint)
  return batches
    .flatMap(({ rowCount, value }) =>
      Array.from({ length: rowCount }, (_, row) =>
        columns.map((_column, column) => text(value(row, column))).join(' | '),
      ),
    )
    .sort()
}

function stringifyBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

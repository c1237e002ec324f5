import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { lakeNames } from '@/lib/api/lake-names'
import { planHistoryTable } from '@/lib/api/plan-history-table'
import { planTable } from '@/lib/api/plan-table'
import { readView } from '@/lib/api/read-view'
import { getHistoryTable } from '@/lib/contract/facts/history-tables'
import { UNKNOWN, ZERO } from '@/lib/facts/amounts'
import { EMPTY_HISTORY } from '@/lib/facts/fold-version'
import type { Value } from '@/lib/iceberg/schema/types'
import type { QueryEngine, QueryRequest, QueryResult } from '@/lib/query/engine'
import type { Decoder } from '@/lib/query/load/decoder'
import type { LiveRows, MetadataRows } from '@/lib/query/load/metadata-rows'
import type { PlanHistoryTable } from '@/lib/query/load/table-scan'
import { valueJson, valueText } from '@/lib/scan/value-text'
import { addedFactChanges } from '@/server/db/facts/fact-rows'
import type { FactWriter, WrittenFact } from '@/server/db/facts/fact-writers'
import { newHistoryChange } from '@/server/db/facts/histories'
import { change } from '@/server/db/statement'
import { startNativeEngine } from './native-engine'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { resetNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { nodeEngine } from '@/testing/duckdb/node-engine'
import { createTestSession } from '@/testing/duckdb/test-session'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { fetchFromProgram } from '@/testing/http/program-fetch'

/** The collected history in SQL: from the statement through the HTTP API to our database, in the engines of both sides. */

const home = createTestHome()
const tempDir = mkdtempSync(path.join(tmpdir(), 'lakeshore-history-'))
const HOUR_MS = 3_600_000
const START_MS = Date.UTC(2026, 9, 1)
/** 2^53 + 1 and more, which no JS number holds. */
const FIRST_ID = 9_007_199_254_740_993n
const COMMITS = 45_000
const SPARK: FactWriter = { engine: 'spark', library: null, application: 'app-1', username: 'eva', client: null }

let viewer: SignedInUser
let guest: SignedInUser
let requests: string[]
/** The most rows that a statement reads; null: those of the server. */
let mostRows: number | null = null
/** Tables that tests add. */
let addedCount = 0
/** The process of a query on the server has an engine of its own. */
const engines = new Map<string, () => QueryEngine>()

beforeAll(async () => {
  viewer = await signInAs(home.services, 'viewer')
  guest = await signInAs(home.services, null)
  const resource = { catalog: 'local', namespace: 'shop', table_name: '' }
  const grant = {
    id: 'g1',
    holder_kind: 'user' as const,
    holder_id: guest.userId,
    role: 'viewer' as const,
    ...resource,
  }
  await home.database.commit([
    change(({ db }) => db.insertInto('grants').values({ ...grant, created_at_ms: 1, created_by: 'a test' }), {
      guards: ['access'],
    }),
    ...historyChanges(1, ['shop'], 'orders', [
      { ...fact(1), committedBy: SPARK, operation: 'append', added: { ...ZERO, rows: 100, files: 2, bytes: 900 } },
      {
        ...fact(2),
        operation: 'overwrite',
        added: { ...UNKNOWN, rows: 5 },
        removed: { ...ZERO, rows: 7, deleteFiles: 3 },
      },
      { ...fact(3), kind: 'taken-back', enteredAtMs: fact(2).atMs, added: { ...ZERO, rows: 5 } },
    ]),
    ...historyChanges(2, ['eu', 'shop'], 'secret', [{ ...fact(1), added: { ...ZERO, rows: 1 } }]),
    ...historyChanges(
      3,
      ['many'],
      'events',
      Array.from({ length: COMMITS }, (_, i) => ({ ...fact(i + 1), added: { ...ZERO, rows: i } })),
    ),
  ])
  const wasm = await resetNodeDuckdb()
  const deps = { decoder: noDecoder(), planTable, planHistoryTable: planLimited, readView, lakeNames }
  const browser = createTestSession({ ...deps, startEngine: async () => nodeEngine(wasm) })
  engines.set('browser', () => browser)
  const startNative = () => startNativeEngine({ threads: 1, memoryMiB: 256, tempMiB: 16, tempDir })
  engines.set('server', () => createTestSession({ ...deps, startEngine: startNative }))
})
afterAll(() => rmSync(tempDir, { recursive: true }))

beforeEach(() => {
  actAs(viewer)
  mostRows = null
})
afterEach(() => vi.unstubAllGlobals())

describe.each(['browser', 'server'])('The history in SQL, with the engine of the %s', (engine) => {
  const read = async (sql: string, request: Partial<QueryRequest> = {}) => toRows(await run(engine, sql, request))

  it('has each fact with its writer, exact ids and what is not known as null', async () => {
    const sql = `select committed_at, catalog, namespace, table_name, seq, kind, snapshot_id, operation, engine, library,
        username, rows_added, rows_removed, bytes_added, delete_files_removed, entered_at
      from lakeshore.commits where table_name = 'orders' order by seq`
    expect(await read(sql)).toEqual([
      [...ordersAt(1), '1', 'commit', '9007199254740994', 'append', 'spark', null, 'eva', '100', '0', '900', '0', null],
      [...ordersAt(2), '2', 'commit', '9007199254740995', 'overwrite', null, null, null, '5', '7', null, '3', null],
      [
        ...ordersAt(3),
        '3',
        'taken-back',
        '9007199254740996',
        null,
        null,
        null,
        null,
        '5',
        '0',
        '0',
        '0',
        ...ordersAt(2).slice(0, 1),
      ],
    ])
  })

  it('is filtered by the server, also by ids and times', async () => {
    expect(
      await read(`select table_name, rows_added from lakeshore.commits where snapshot_id = 9007199254740995 and
      committed_at >= '2026-10-01 02:00' and namespace in ('shop', 'eu.shop')`),
    ).toEqual([['orders', '5']])
    expect(
      await read(
        'select seq from lakeshore.commits where snapshot_id between 9007199254740995 and 9007199254740996 and rows_removed is not null and table_name <> $$events$$ order by 1',
      ),
    ).toEqual([['2'], ['3']])
    expect(requests.some((url) => url.includes('/rows?') && !url.includes('where='))).toBe(false)
  })

  it('is ordered and limited by the server where the plan says so', async () => {
    const sql = `select committed_at, rows_added from lakeshore.commits where kind in ('commit', 'off-main') and rows_added > 10
      order by committed_at desc limit 3 offset 1`
    expect((await read(sql)).map(([, rows]) => rows)).toEqual([COMMITS - 2, COMMITS - 3, COMMITS - 4].map(String))
    expect(requests.at(-1)).toMatch(/order=newest-first&limit=4&/)
    expect(
      await read('select seq from lakeshore.commits where table_name = $$orders$$ order by committed_at limit 2'),
    ).toEqual([['1'], ['2']])
    expect(await read('select * from lakeshore.commits limit 2')).toHaveLength(2)
    expect(requests.at(-1)).toMatch(/order=any&limit=2$/)
  })

  it.each([
    `select snapshot_id as committed_at from lakeshore.commits order by committed_at limit 1`,
    `select * from (select snapshot_id as committed_at from lakeshore.commits) as commits order by commits.committed_at limit 1`,
    `select snapshot_id from lakeshore.commits as c(a, b, n, t, u, s, k, committed_at, snapshot_id) order by c.committed_at limit 1`,
    `select snapshot_id from lakeshore.commits where length(table_name) = 6 order by committed_at limit 1`,
  ])('is not limited where the order or a condition is another: %s', async (sql) => {
    await read(sql)
    expect(requests.at(-1)).not.toContain('limit=')
  })

  it('is read by pages, and counted without reading it', async () => {
    expect(await read('select count(*), sum(rows_added) from lakeshore.commits where namespace = $$many$$')).toEqual([
      [String(COMMITS), String((COMMITS * (COMMITS - 1)) / 2)],
    ])
    expect(requests.filter((url) => url.includes('/rows?'))).toHaveLength(3)
    expect(await read('select count(*) from lakeshore.commits')).toEqual([[String(COMMITS + 4 + addedCount)]])
    expect(requests.at(-1)).toContain('rowCount=exact')
  })

  it('has sums by day and term, and is joined', async () => {
    const sql = `select d.day, d.term, d.operation, d.commits, d.rows from lakeshore.files_daily d
      join (select distinct table_name from lakeshore.commits where kind = 'taken-back') c using (table_name) order by all`
    expect(await read(sql)).toEqual([
      ['2026-10-01', 'came-in', 'append', '1', '100'],
      ['2026-10-01', 'removed', 'overwrite', '1', '2'],
      ['2026-10-01', 'replaced', 'overwrite', '0', '5'],
      ['2026-10-01', 'taken-back', null, '1', '5'],
    ])
    expect(
      await read(
        `select day, sum(rows) from lakeshore.files_daily where namespace = 'many' and day < '2026-10-03' group by day order by day`,
      ),
    ).toEqual([
      ['2026-10-01', '253'],
      ['2026-10-02', '828'],
    ])
    expect(await read('select day from lakeshore.files_daily where commits = 23 order by day desc limit 1')).toEqual([
      ['2026-10-01'],
    ])
  })

  it('is selected by its age: the clock of a statement stands still', async () => {
    await read(
      `select count(*) from lakeshore.commits where committed_at > now() - interval 1 day and committed_at::date <= current_date`,
    )
    expect(decodeURIComponent(requests.at(-1) ?? '')).toMatch(/"gt".*"value":"\d{4}-/)
    const [row] = await read(
      `select now() - max(committed_at) > interval 1 day, today() = current_date from lakeshore.commits where namespace = 'shop'`,
    )
    expect(row).toEqual(['true', 'true'])
  })

  it('is read again by each statement, also where a plan needs more columns', async () => {
    const count = 'select count(seq) from lakeshore.commits where namespace = $$fresh$$'
    const before = Number((await read(count))[0]?.[0])
    addedCount += 1
    await home.database.commit(historyChanges(100 + addedCount, ['fresh'], `t${addedCount}`, [fact(1)]))
    expect(await read(count)).toEqual([[String(before + 1)]])
  })

  it('is refused where a statement needs more rows than it may read, before it reads any', async () => {
    mostRows = COMMITS - 1
    await expect(read('select max(rows_added) from lakeshore.commits')).rejects.toMatchObject({ code: 'too-large' })
    const ofMany = `select max(rows_added) from lakeshore.commits where namespace = 'many'`
    await expect(read(ofMany)).rejects.toMatchObject({ code: 'too-large' })
    expect(requests.some((url) => url.includes('/rows?'))).toBe(false)
    expect(await read(`${ofMany} and rows_added <= 7`)).toEqual([['7']])
  })

  it('is explained without reading it', async () => {
    await read('explain select * from lakeshore.commits where kind = $$commit$$')
    await engines
      .get(engine)?.()
      .estimateCost(toRequest('select * from lakeshore.commits'), new AbortController().signal)
    expect(requests.some((url) => url.includes('/rows?'))).toBe(false)
  })

  it('has no snapshots', async () => {
    await expect(read('select * from lakeshore.commits for version as of 5')).rejects.toThrow('has no snapshots')
    await expect(read('select * from lakeshore.commits', { asOf: { ref: 'main' } })).rejects.toThrow('has no snapshots')
  })

  it('has only what the user may read, and counts nothing else', async () => {
    actAs(guest)
    expect(await read('select distinct namespace, table_name from lakeshore.commits')).toEqual([['shop', 'orders']])
    expect(await read('select distinct namespace from lakeshore.files_daily')).toEqual([['shop']])
    expect(await read('select count(*) from lakeshore.commits')).toEqual([['3']])
    expect(await read(`select count(*) from lakeshore.commits where table_name = 'secret' or rows_added >= 0`)).toEqual(
      [['3']],
    )
    const described = await fetch('/api/v1/history-tables/commits')
    expect(getHistoryTable.output.parse(await described.json())).toMatchObject({ rowCount: 3 })
    actAs(await signInAs(home.services, null))
    expect(await read('select count(*) from lakeshore.commits')).toEqual([['0']])
    expect(await read('select * from lakeshore.files_daily')).toEqual([])
  })
})

it('A table of a namespace lakeshore has the name before the history', async () => {
  const catalog = await openTestCatalog(home.services)
  const read = async (sql: string) => toRows(await run('browser', sql))
  await catalog.write({ kind: 'create-namespace', namespace: ['lakeshore'], properties: {} })
  expect(await read('select count(*) > 0 from lakeshore.commits')).toEqual([['true']])
  await catalog.write({
    kind: 'create-table',
    table: { catalog: 'local', namespace: ['lakeshore'], table: 'commits' },
    schema: ONE_COLUMN_SCHEMA,
  })
  const result = await run('browser', 'select * from lakeshore.commits')
  expect(result.tablesRead).toMatchObject([{ identifier: { namespace: ['lakeshore'], table: 'commits' } }])
  expect(result.historyTables).toBeUndefined()
  expect((await run('browser', 'select * from lakeshore.files_daily limit 1')).historyTables).toEqual(['files_daily'])
})

const planLimited: PlanHistoryTable = async (...args) => {
  const scan = await planHistoryTable(...args)
  return scan.metadataRows ? { ...scan, metadataRows: withMostRows(scan.metadataRows) } : scan
}

/** A count is exact as far as a statement reads. */
function withMostRows(rows: MetadataRows): MetadataRows {
  const { live } = rows
  if (live === undefined || mostRows === null) return rows
  const select: LiveRows['select'] = async (...args) => {
    const selected = await live.select(...args)
    return { ...selected, metadataRows: withMostRows(selected.metadataRows) }
  }
  return { ...rows, live: { ...live, maxRows: mostRows, select } }
}

function actAs(user: SignedInUser): void {
  requests = []
  const send = fetchFromProgram(home.services, user.cookie)
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) => {
    requests.push(url)
    return send(url, init)
  })
}

function ordersAt(hour: number): string[] {
  return [`2026-10-01 0${hour}:00:00+00:00`, 'local', 'shop', 'orders']
}

/** The n-th commit of a table, one in each hour. */
function fact(seq: number): WrittenFact {
  return {
    seq,
    kind: 'commit',
    atMs: START_MS + seq * HOUR_MS,
    statedAtMs: null,
    snapshotId: String(FIRST_ID + BigInt(seq)),
    enteredAtMs: null,
    operation: null,
    writer: null,
    committedBy: null,
    branch: null,
    reason: null,
    detail: null,
    added: ZERO,
    removed: ZERO,
  }
}

function historyChanges(id: number, namespace: readonly string[], table: string, rows: readonly WrittenFact[]) {
  return [
    newHistoryChange({
      id,
      table: { catalog: 'local', namespace, table },
      tableUuid: `u-${id}`,
      metadataLocation: 'file:///v1.json',
      version: { properties: {} } as never,
      state: { ...EMPTY_HISTORY, seq: rows.length },
      droppedAtMs: null,
    }),
    ...addedFactChanges({ id, catalog: 'local' }, { rows, events: [] }),
  ]
}

function noDecoder(): Decoder {
  const refuse = () => Promise.reject(new Error('The history has no data files.'))
  return { start: () => undefined, readFooter: refuse, countRows: refuse, decodeColumns: refuse }
}

function toRequest(sql: string): QueryRequest {
  return { sql, cursor: 0, connection: 'local', connections: ['local'], maxRows: 100 }
}

async function run(engine: string, sql: string, request: Partial<QueryRequest> = {}): Promise<QueryResult> {
  const options = { signal: new AbortController().signal, onProgress: () => undefined, confirm: async () => true }
  const result = await engines
    .get(engine)?.()
    .run({ ...toRequest(sql), ...request }, options)
  if (result === undefined) throw new Error(`there is no engine ${engine}`)
  return result
}

function toRows({ columns, batches }: QueryResult): (string | null)[][] {
  return batches.flatMap(({ rowCount, value }) =>
    Array.from({ length: rowCount }, (_, row) =>
      columns.map(({ type }, column) => {
        const cell = value(row, column)
        if (cell === null) return null
        return typeof type === 'string' ? valueText(type, cell as Value, 'UTC') : valueJson(type, cell, 'UTC')
      }),
    ),
  )
}

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createDecodeHandler } from '@/lib/query/load/decode-requests'
import { planTable } from '@/lib/api/plan-table'
import { createLocalDecoder } from '@/lib/query/load/local-decoder'
import { planMetadataTable } from '@/lib/api/plan-metadata-table'
import { createRemoteSource } from '@/lib/api/remote-file'
import { readView } from '@/lib/api/read-view'
import { createRemoteEngine } from '@/lib/client/remote-engine'
import { addConnection } from '@/lib/contract/connections'
import { AppError } from '@/lib/errors'
import type { QueryEngine, QueryProgress, QueryRequest, QueryResult } from '@/lib/query/engine'
import type { PlanOperator, PlanScan } from '@/lib/query/query-plan'
import type { RowValue } from '@/lib/scan/read/row-values'
import { valueText } from '@/lib/scan/value-text'
import { closeSession } from '@/server/db/auth/sessions'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { resetNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { nodeEngine } from '@/testing/duckdb/node-engine'
import { createTestSession } from '@/testing/duckdb/test-session'
import { EngineProcesses } from '@/testing/engines/engine-processes'
import { goldenConnection, GOLDEN_SETTINGS } from '@/testing/golden/golden-connection'
import { listGoldenTables } from '@/testing/golden/golden-tables'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { fetchFromProgram } from '@/testing/http/program-fetch'
import { loadRouteHandler } from '@/testing/http/route-handler'

/** Queries on the server, with its own processes: from the statement through the HTTP API and back. */

const processes = new EngineProcesses()
const tempDir = mkdtempSync(path.join(tmpdir(), 'lakeshore-queries-'))
const home = createTestHome(
  {
    ...GOLDEN_SETTINGS,
    TMPDIR: tempDir,
    LAKESHORE_QUERY_PROCESSES: '2',
    LAKESHORE_QUERY_MEMORY_MIB: '256',
    LAKESHORE_QUERY_DISK_MIB: '64',
  },
  { createSqlEngine: processes.createEngine },
)

const ENDLESS = 'select count(*) from range(10000000) a, range(10000000) b where a.range + b.range < 0'
const WAIT = { timeout: 100_000 }

let viewer: SignedInUser
let browser: QueryEngine
let server: QueryEngine

beforeAll(async () => {
  const admin = await signInAs(home.services, 'admin')
  viewer = await signInAs(home.services, 'viewer')
  const handler = await loadRouteHandler(home.services, addConnection)
  const added = await handler(
    new Request('http://127.0.0.1:3000/api/v1/connections', {
      method: 'POST',
      headers: { cookie: admin.cookie, origin: home.config.publicUrl, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'engines', settings: goldenConnection(), secrets: {} }),
    }),
    { params: Promise.resolve({}) },
  )
  if (!added.ok) throw new Error(await added.text())
  const wasm = await resetNodeDuckdb()
  browser = createTestSession({
    startEngine: async () => nodeEngine(wasm),
    decoder: createLocalDecoder(createDecodeHandler({ ...pageCodecs, avro: avroCodecs }, createRemoteSource)),
    planTable,
    planMetadataTable,
    readView,
  })
  server = createRemoteEngine(browser)
})
beforeEach(() => {
  vi.stubGlobal('fetch', fetchFromProgram(home.services, viewer.cookie))
})
afterEach(() => vi.unstubAllGlobals())
afterAll(() => {
  processes.end()
  rmSync(tempDir, { recursive: true })
})

/** For tests of what a statement returns, not of its process. */
function shareProcess(): void {
  beforeAll(() => processes.share(true))
  afterAll(() => processes.share(false))
}

describe('A query on the server', () => {
  shareProcess()

  it.each(listGoldenTables().map(({ name }) => name))('reads what the browser reads: %s', async (name) => {
    const sql = `select * from engines.golden.${name}`
    const [expected, actual] = [await outcomeOf(browser, sql), await outcomeOf(server, sql)]
    expect(actual).toEqual(expected)
  })

  it('has metadata tables, parameters, several statements and the table’s state at a time', async () => {
    for (const sql of [
      'select count(*) n from engines.golden.spark_types$files',
      'select 1; select 2 as two',
      'with t as (select count(*) n from engines.golden.spark_types) select n + 1 m from t',
    ])
      expect(await outcomeOf(server, sql)).toEqual(await outcomeOf(browser, sql))
    const parameters = [{ name: 'p', type: 'number' as const, isList: false, text: '41' }]
    const result = await run(server, 'select $p + 1 as answer', { parameters })
    expect(result.columns.map(({ name }) => name)).toEqual(['answer'])
    expect(rowsOf(result)).toEqual([['42']])
  })

  it('has calendars and time zones', async () => {
    const sql = `select date_trunc('day', timestamptz '2026-03-29 23:30:00+00' at time zone 'Europe/Berlin') d,
      timestamptz '2026-03-29 12:00:00+02' + interval 1 day t, current_setting('TimeZone') z`
    expect(rowsOf(await run(server, sql))).toEqual([['2026-03-30 00:00:00', '2026-03-30 10:00:00+00:00', 'UTC']])
  })

  it('draws the plan of a query', async () => {
    const { plan = [], isText } = await run(server, 'explain select count(*) from engines.golden.spark_types')
    expect(isText).toBe(true)
    expect(plan.length).toBeGreaterThan(0)
  })

  it.each(['explain', 'explain analyze'])('says what a scan reads, as in the browser: %s', async (explain) => {
    const sql = `${explain} select a_long from engines.golden.spark_types where an_int > 0`
    const [expected, actual] = [scansOf(await run(browser, sql)), scansOf(await run(server, sql))]
    expect(expected).toMatchObject([{ label: 'golden.spark_types' }])
    expect(actual).toEqual(expected)
  })

  it('loads its own columns, so no estimate counts those that the browser has', async () => {
    const sql = 'select a_long, a_string from engines.golden.spark_types'
    await run(browser, sql)
    const { signal } = new AbortController()
    expect(await browser.estimateCost(toRequest(sql), signal)).toMatchObject({ cachedColumns: 2, readBytes: 0 })
    const cost = await server.estimateCost(toRequest(sql), signal)
    expect(cost).toMatchObject({ cachedColumns: 0 })
    expect(cost.readBytes).toBeGreaterThan(0)
    expect(await run(server, sql)).toMatchObject({ columnsRead: 2, cachedColumns: 0, cost: { filesRead: 1 } })
  })

  it('reads no file that is open in the browser only', async () => {
    const failed = run(server, `select * from read_parquet('dropped:trips.parquet')`)
    await expect(failed).rejects.toMatchObject({
      code: 'not-supported',
      message: 'trips.parquet is open in the browser only, and is never sent to the server.',
    })
  })

  it('reports progress, and what it read', async () => {
    const steps: QueryProgress['step'][] = []
    const result = await run(
      server,
      'select * from engines.golden.spark_types',
      {},
      { onProgress: ({ step }) => steps.push(step) },
    )
    expect(steps[0]).toBe('starting')
    expect(result.tablesRead).toMatchObject([{ identifier: { table: 'spark_types' } }])
    expect(result.cost.readBytes).toBeGreaterThan(0)
  })

  it('cuts the result at the requested rows', async () => {
    const result = await run(server, 'select * from range(100000) r(i)', { maxRows: 5000 })
    expect([result.rowCount, result.isTruncated, rowsOf(result).length]).toEqual([5000, true, 5000])
    expect(rowsOf(result).at(-1)).toEqual(['4999'])
  })

  it('refuses a result that is too large', async () => {
    const failed = run(server, `select repeat('x', 1000) t from range(10000)`, {}, { maxResultBytes: 1024 * 1024 })
    await expect(failed).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('The result is larger than'),
    })
  })

  it('says where the SQL is wrong', async () => {
    await expect(run(server, 'select nope from engines.golden.spark_types')).rejects.toMatchObject({
      code: 'query-failed',
      facts: { start: 7, end: 11 },
    })
  })
})

describe('The sandbox of a query', () => {
  shareProcess()

  it.each([
    `select * from read_csv('/etc/passwd')`,
    `select * from read_text('/proc/self/environ')`,
    `select * from read_blob('/etc/../etc/passwd')`,
    `select * from glob('/etc/*')`,
    `select * from sniff_csv('/etc/passwd')`,
    `select * from '/etc/passwd'`,
    `select * from read_parquet('file:///etc/passwd')`,
    `select * from read_csv('http://169.254.169.254/latest/meta-data')`,
    `select * from parquet_scan('s3://other/file.parquet')`,
    `copy (select 1) to '/tmp/lakeshore-escape.csv'`,
    `explain analyze copy (select 1) to '/tmp/lakeshore-escape.csv'`,
    `export database '/tmp/lakeshore-escape'`,
    `attach '/tmp/lakeshore-escape.db' as other`,
    `install httpfs`,
    `load httpfs`,
    `set memory_limit = '100GB'`,
    `set enable_external_access = true`,
    `reset lock_configuration`,
    `pragma database_list`,
    `call pragma_version()`,
    `create table t as select 1`,
    `drop schema held cascade`,
    `select getenv('HOME')`,
    `select * from duckdb_secrets()`,
    `select * from duckdb_settings()`,
    `select * from duckdb_extensions()`,
    `select * from pg_catalog.pg_settings`,
    `select * from pg_settings`,
    `select * from query('select * from duckdb_settings()')`,
    `select current_setting('secret_directory')`,
    `select * from enable_logging()`,
    `with t as (select 1) delete from held.t`,
    `prepare p as select 1`,
    `begin`,
    `checkpoint`,
    `vacuum`,
  ])('refuses %s', async (sql) => {
    await expect(run(server, sql)).rejects.toMatchObject({
      code: expect.stringMatching(/^(query-failed|not-found|not-supported)$/),
    })
  })

  it('runs one statement of several, and none of the others', async () => {
    const result = await run(server, `select 1 as one; set threads = 1; copy (select 1) to '/tmp/lakeshore-escape.csv'`)
    expect(rowsOf(result)).toEqual([['1']])
  })
})

describe('The sandbox of the process of a query', () => {
  it.runIf(process.platform === 'linux')('is in a folder of its own, not in that of the program', async () => {
    await run(server, 'select 1')
    expect(processes.folders.length).toBeGreaterThan(0)
    expect(processes.folders.filter((folder) => path.dirname(folder) !== tempDir)).toEqual([])
  })

  it.each([
    ['a list that grows', /256 MiB of memory/, 'select list(i) l from range(100000000) r(i)'],
    [
      'groups that need more than its disk',
      /64.0 MiB of disk/,
      'select a, count(*) from (select md5(i::varchar) a from range(20000000) r(i)) group by a having count(*) > 1',
    ],
  ])('stops %s', async (_title, limit, sql) => {
    const failed = run(server, sql)
    await expect(failed).rejects.toMatchObject({ code: 'too-large', message: expect.stringMatching(limit) })
    expect(isAlive(processes.pids.at(-1))).toBe(false)
    expect(rowsOf(await run(server, 'select 1'))).toEqual([['1']])
  })

  it('stops a huge cross join after its time', async () => {
    // Only here: on a busy machine, other queries may take longer.
    const { queries } = home.config
    const { seconds } = queries
    Object.assign(queries, { seconds: 3 })
    const failed = run(server, ENDLESS).finally(() => Object.assign(queries, { seconds }))
    await expect(failed).rejects.toMatchObject({ code: 'too-large', message: expect.stringMatching(/ 3 seconds/) })
    expect(isAlive(processes.pids.at(-1))).toBe(false)
    expect(rowsOf(await run(server, 'select 1'))).toEqual([['1']])
  })
})

describe('The process of a query', () => {
  it('ends when the client leaves', async () => {
    const stop = new AbortController()
    const running = run(
      server,
      ENDLESS,
      {},
      { signal: stop.signal, onProgress: ({ step }) => step === 'running' && stop.abort() },
    )
    await expect(running).rejects.toMatchObject({ code: 'cancelled' })
    await vi.waitUntil(() => !isAlive(processes.pids.at(-1)), WAIT)
  })

  it('that is killed from outside is reported, and the next query runs', async () => {
    const running = run(
      server,
      ENDLESS,
      {},
      {
        onProgress: ({ step }) => {
          const pid = processes.pids.at(-1)
          if (step === 'running' && pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGKILL')
        },
      },
    )
    await expect(running).rejects.toMatchObject({ code: 'too-large', message: expect.stringContaining('was killed') })
    expect(rowsOf(await run(server, 'select 1'))).toEqual([['1']])
  })

  it('leaves room for other users', async () => {
    const stop = new AbortController()
    const options = { signal: stop.signal }
    const isRunning = Promise.withResolvers<void>()
    const first = run(
      server,
      ENDLESS,
      {},
      { ...options, onProgress: ({ step }) => step === 'running' && isRunning.resolve() },
    )
    await isRunning.promise
    await expect(run(server, 'select 1')).rejects.toMatchObject({ code: 'too-many-requests' })
    stop.abort()
    await expect(first).rejects.toMatchObject({ code: 'cancelled' })
    await vi.waitUntil(
      () =>
        run(server, 'select 1').then(
          () => true,
          () => false,
        ),
      WAIT,
    )
  })

  it('leaves no folder behind', async () => {
    await vi.waitUntil(() => readdirSync(tempDir).length === 0, WAIT)
    await run(server, 'select 1')
    expect(readdirSync(tempDir)).toEqual([])
  })

  it('ends with the session of the user', async () => {
    const leaving = await signInAs(home.services, 'viewer')
    vi.stubGlobal('fetch', fetchFromProgram(home.services, leaving.cookie))
    await closeSession(home.database, leaving.sessionId)
    await expect(run(server, 'select 1')).rejects.toMatchObject({ code: 'unauthenticated' })
  })
})

type Options = Partial<Parameters<QueryEngine['run']>[1]>

function toRequest(sql: string): QueryRequest {
  return { sql, cursor: 0, connection: 'local', connections: ['local', 'engines'], maxRows: 10_000 }
}

function run(engine: QueryEngine, sql: string, request: Partial<QueryRequest> = {}, options: Options = {}) {
  return engine.run(
    { ...toRequest(sql), ...request },
    { signal: new AbortController().signal, onProgress: () => undefined, confirm: async () => true, ...options },
  )
}

/** The result in text, or the failure. */
function scansOf({ plan = [] }: QueryResult): PlanScan[] {
  const scansIn = ({ scan, children }: PlanOperator): PlanScan[] => [
    ...(scan === null ? [] : [scan]),
    ...children.flatMap(scansIn),
  ]
  return plan.flatMap(scansIn)
}

async function outcomeOf(engine: QueryEngine, sql: string) {
  try {
    const result = await run(engine, sql)
    return {
      names: result.columns.map(({ name }) => name),
      rows: rowsOf(result)
        .map((row) => row.join('|'))
        .toSorted(),
    }
  } catch (error) {
    if (error instanceof AppError) return { code: error.code, message: error.message }
    throw error
  }
}

function rowsOf({ batches, columns }: QueryResult): (string | null)[][] {
  return batches.flatMap(({ rowCount, value }) =>
    Array.from({ length: rowCount }, (_, row) =>
      columns.map(({ type }, column) => {
        const cell = value(row, column)
        if (cell === null) return null
        return Array.isArray(cell) || cell instanceof Uint8Array || typeof type !== 'string'
          ? toJson(cell)
          : valueText(type, cell as Exclude<RowValue, readonly unknown[]>, 'UTC')
      }),
    ),
  )
}

function toJson(value: RowValue): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'bigint' ? String(part) : part instanceof Uint8Array ? Buffer.from(part).toString('hex') : part,
  )
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

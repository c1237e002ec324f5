import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Decoder } from '@/lib/query/load/decoder'
import { planMetadataTable } from '@/lib/api/plan-metadata-table'
import { createTestSession } from '@/testing/duckdb/test-session'
import { getMetadataTable, readMetadataRows } from '@/lib/contract/table/metadata-tables'
import { problem } from '@/lib/contract/shapes/problem'
import { AppError } from '@/lib/errors'
import type { QueryEngine, QueryResult } from '@/lib/query/engine'
import type { Value } from '@/lib/iceberg/schema/types'
import { valueJson, valueText } from '@/lib/scan/value-text'
import { appendFiles } from '@/server/table/commit/append-files'
import { createTableOfFiles } from '@/testing/catalogs/table-of-files'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { resetNodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { nodeEngine } from '@/testing/duckdb/node-engine'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'

/** Metadata tables in SQL: from the statement through the HTTP API and back. */

const home = createTestHome()
const FILE_COUNT = 2_500
const locationOf = (index: number) => `${home.config.warehouse}/demo/t/data/${index}.parquet`
const SECRET = 'AKIA0123456789'

let reader: SignedInUser
let engine: QueryEngine
/** Paths and queries of the requests. */
let requests: string[]

beforeAll(async () => {
  reader = await signInAs(home.services, 'viewer')
  await createTableOfFiles(
    home.services,
    't',
    Array.from({ length: FILE_COUNT }, (_, i) => locationOf(i)),
  )
  const catalog = await openTestCatalog(home.services)
  await catalog.write({
    kind: 'create-table',
    table: { catalog: home.config.catalogName, namespace: ['demo'], table: 'empty' },
    schema: ONE_COLUMN_SCHEMA,
    properties: { 's3.access-key-id': SECRET, owner: 'ops' },
  })
  const wasm = await resetNodeDuckdb()
  engine = createTestSession({
    startEngine: async () => nodeEngine(wasm),
    decoder: noDecoder(),
    planTable: async ({ table }) => {
      throw new AppError('not-found', `There is no table ${table}.`)
    },
    readView: async () => null,
    planMetadataTable,
  })
})

beforeEach(() => {
  requests = []
  vi.stubGlobal('fetch', (url: string) => send(url, reader.cookie))
})
afterEach(() => vi.unstubAllGlobals())

describe('A metadata table in SQL', () => {
  it('has a row for each file, and loads only the columns that a query needs', async () => {
    const result = await run(`select file_format, count(*) n, min(record_count) least, sum(file_size_in_bytes) bytes
      from demo.t$files group by all`)
    expect(toRows(result)).toEqual([['PARQUET', String(FILE_COUNT), '10', String(FILE_COUNT * 100)]])
    expect(result.tablesRead).toMatchObject([{ identifier: { table: 't' }, metadataTable: 'files' }])
    expect(requests.at(-1)).toContain('columns=file_format%2Crecord_count%2Cfile_size_in_bytes')
  })

  it('is counted without any column', async () => {
    expect(toRows(await run('select count(*) from demo.t$data_files'))).toEqual([[String(FILE_COUNT)]])
    expect(requests.at(-1)).toMatch(/columns=(&|$)/)
  })

  it('has every column, also maps, lists and structs', async () => {
    const result = await run('select * from demo.t$files limit 1')
    expect(result.columns.map(({ name }) => name)).toContain('readable_metrics')
    expect(result.rowCount).toBe(1)
  })

  it('is named with a dot when there is no such namespace, and joined with others', async () => {
    const sql = `select s.operation, e.status, count(*) from demo.t.entries e join demo.t$snapshots s using (snapshot_id) group by all`
    expect(toRows(await run(sql))).toEqual([['append', '1', String(FILE_COUNT)]])
  })

  it('has instants with a zone', async () => {
    const result = await run(
      `select committed_at, committed_at > '2020-01-01 00:00:00+02' as late from demo.t$snapshots`,
    )
    expect(result.columns.map(({ type }) => type)).toEqual(['timestamptz', 'boolean'])
    expect(toRows(result)[0]?.[1]).toBe('true')
  })

  it('of a table without a snapshot has no rows', async () => {
    for (const name of ['snapshots', 'files', 'manifests', 'partitions', 'all_files', 'position_deletes'])
      expect(toRows(await run(`select * from demo.empty$${name}`))).toEqual([])
  })

  it('masks the values of properties that grant access', async () => {
    const rows = toRows(await run(`select value from demo.empty$properties where key = 's3.access-key-id'`))
    expect(rows).toHaveLength(1)
    expect(rows[0]?.[0]).toMatch(/^hidden \([0-9a-f]{8}\)$/)
  })

  it.each([
    ['select * from demo.nothing$files', /demo\.nothing/],
    ['select * from demo.nothing.files', /demo\.nothing/],
    ['select * from demo.t$nothing', /There is no metadata table nothing of/],
    ["select * from demo.t$files for version as of 'nothing'", /no branch or tag nothing/],
  ])('that does not exist is refused: %s', async (sql, message) => {
    await expect(run(sql)).rejects.toThrow(message)
  })
})

describe('A metadata table at an older state', () => {
  let snapshotIds: string[]
  beforeAll(async () => {
    const { identifier } = await createTableOfFiles(home.services, 'twice', [locationOf(0)])
    const catalog = await openTestCatalog(home.services)
    await appendFiles(home.services.log, {
      catalog,
      store: home.services.stores.catalogStore(identifier.catalog),
      identifier,
      files: [sampleDataFile(locationOf(1)), sampleDataFile(locationOf(2))],
      specId: 0,
      schemaId: 0,
      actor: TEST_ACTOR,
      signal: new AbortController().signal,
    })
    const { metadata } = await catalog.loadTable(identifier)
    snapshotIds = metadata.snapshots.map(({ snapshotId }) => snapshotId)
  })
  const rowsAt = async (name: string, columns: string, index: number) =>
    toRows(await run(`select ${columns} from demo.twice$${name} for version as of ${snapshotIds[index]} order by 1`))

  it('has the files of that snapshot', async () => {
    expect(await rowsAt('files', 'count(*)', 0)).toEqual([['1']])
    expect(await rowsAt('files', 'count(*)', 1)).toEqual([['3']])
    expect(await rowsAt('all_files', 'count(*)', 0)).toEqual([['1']])
  })

  it('has the snapshots, refs and log that the table had then', async () => {
    const [first = '', second = ''] = snapshotIds
    expect(await rowsAt('snapshots', 'snapshot_id', 0)).toEqual([[first]])
    expect(await rowsAt('refs', 'name, snapshot_id', 0)).toEqual([['main', first]])
    expect(await rowsAt('refs', 'name, snapshot_id', 1)).toEqual([['main', second]])
    expect(await rowsAt('history', 'snapshot_id, is_current_ancestor', 0)).toEqual([[first, 'true']])
    const logAt = async (index: number) => (await rowsAt('metadata_log_entries', 'file', index)).length
    expect(await logAt(1)).toBe((await logAt(0)) + 1)
  })
})

describe('The rows of a metadata table', () => {
  const path = '/api/v1/catalogs/local/namespaces/demo/tables/t/metadata-tables/files'
  const describeTable = async () => getMetadataTable.output.parse(await (await send(path, reader.cookie)).json())

  it('arrive in lines of bounded size, and a last one', async () => {
    const { metadataLocation, snapshotId } = await describeTable()
    const query = new URLSearchParams({
      metadata: metadataLocation,
      snapshot: String(snapshotId),
      columns: 'file_path',
    })
    const text = await (await send(`${path}/rows?${query}`, reader.cookie)).text()
    const lines = text.trimEnd().split('\n')
    expect(lines.slice(0, -1).map((line) => (JSON.parse(line) as { rowCount: number }).rowCount)).toEqual([
      1000, 1000, 500,
    ])
    expect(lines.at(-1)).toBe(`{"isEnd":true,"rowCount":${FILE_COUNT}}`)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(1024 * 1024)
  })

  it.each([
    ['an unknown column', { columns: 'nothing' }, 'invalid-request'],
    ['a metadata file that is not one of the table', { metadata: 'file:///etc/passwd' }, 'not-found'],
    ['a snapshot that the table does not have', { snapshot: '1' }, 'not-found'],
  ])('are refused for %s', async (_, fields, code) => {
    const { metadataLocation } = await describeTable()
    const query = new URLSearchParams({ metadata: metadataLocation, columns: '', ...fields })
    expect(problem.parse(await (await send(`${path}/rows?${query}`, reader.cookie)).json())).toMatchObject({ code })
  })

  it('are refused without a session', async () => {
    const { metadataLocation } = await describeTable()
    const query = new URLSearchParams({ metadata: metadataLocation, columns: '' })
    expect((await send(`${path}/rows?${query}`, '')).status).toBe(401)
  })
})

function noDecoder(): Decoder {
  const refuse = () => Promise.reject(new Error('A metadata table has no data files.'))
  return { start: () => undefined, readFooter: refuse, countRows: refuse, decodeColumns: refuse }
}

async function send(url: string, cookie: string): Promise<Response> {
  requests.push(url)
  const { pathname, search } = new URL(url, 'http://test')
  const [, catalog = '', namespace = '', table = '', name = '', rows] =
    /^\/api\/v1\/catalogs\/([^/]+)\/namespaces\/([^/]+)\/tables\/([^/]+)\/metadata-tables\/([^/]+)(\/rows)?$/
      .exec(pathname)
      ?.map((part) => part && decodeURIComponent(part)) ?? []
  const handler = await loadRouteHandler(home.services, rows ? readMetadataRows : getMetadataTable)
  const request = new Request(`http://test${pathname}${search}`, { headers: { cookie } })
  return handler(request, { params: Promise.resolve({ catalog, namespace, table, name }) })
}

function run(sql: string): Promise<QueryResult> {
  const request = { sql, cursor: 0, connection: 'local', connections: ['local'], maxRows: 100 }
  const options = { signal: new AbortController().signal, onProgress: () => undefined, confirm: async () => true }
  return engine.run(request, options)
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

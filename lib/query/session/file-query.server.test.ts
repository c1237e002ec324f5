import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { lineText } from '@/lib/scan/value-text'
import { resetNodeDuckdb, type NodeDuckdb } from '@/testing/duckdb/node-duckdb'
import { nodeEngine } from '@/testing/duckdb/node-engine'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { createBlobSource } from '@/lib/query/load/blob-source'
import { decodeColumns, openFile, summarizeFooter } from '@/lib/query/load/decode'
import type { LoadableFile } from '@/lib/query/load/decode-messages'
import type { Decoder } from '@/lib/query/load/decoder'
import type { FindFile, RequestedFile } from '@/lib/query/load/file-scan'
import { createTestSession } from '@/testing/duckdb/test-session'

/** Statements over single Parquet files, with the browser's own DuckDB, compared with native DuckDB. */

let folder: string
let file: string
let wasm: NodeDuckdb
let native: DuckDBConnection
let requested: RequestedFile[]
let session: ReturnType<typeof createTestSession>

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-file-query-'))
  file = path.join(folder, 'a.parquet')
  native = await (await DuckDBInstance.create(':memory:')).connect()
  // No field ids, and types that a number does not hold.
  await native.run(
    `copy (select 9007199254740993 + i as id, 'O' || (i % 5) as origin,
      (i * 1.01)::decimal(38, 2) as price, timestamp '2001-01-01' + to_minutes(i) as ts, [i, i + 1] as pair,
      {'gate': i::int, 'open': i % 2 = 0} as leg, map {'k': i} as tags, uuid '00112233-4455-6677-8899-aabbccddeeff' as u,
      4294967295::uinteger as big from range(5000) r(i))
     to '${file}' (format parquet, row_group_size 2048)`,
  )
  wasm = await resetNodeDuckdb()
})
afterAll(() => {
  native.closeSync()
  rmSync(folder, { recursive: true })
})

beforeEach(() => {
  requested = []
  for (const schema of ['shadow', 'held', 'lake']) wasm.run(`drop schema if exists ${schema} cascade`)
  const refuse = async () => {
    throw new AppError('not-found', 'There is no such table.')
  }
  session = createTestSession({
    startEngine: async () => nodeEngine(wasm),
    decoder: decoder(),
    planTable: refuse,
    readView: refuse,
    findFile,
  })
})

describe('a statement over one Parquet file', () => {
  test.each([
    'select count(*), sum(id), max(price) from FILE',
    'select origin, count(*) from FILE where price > 100.5 group by origin order by origin',
    "select f.leg.gate, f.pair[2], f.tags['k'], u, big, ts from FILE f where leg.open order by f.pair[1] limit 7",
    'select a.id from FILE a join FILE b on a.pair[1] = b.pair[2] order by 1 limit 3',
    'with t as (select origin from FILE) select count(distinct origin) from t',
  ])('answers as native DuckDB does: %s', async (statement) => {
    const { rows } = await run(statement.replaceAll('FILE', "read_parquet('dropped:a.parquet')"))
    const reader = await native.runAndReadAll(statement.replaceAll('FILE', `read_parquet('${file}')`))
    expect(rows).toEqual(reader.getRows().map((row) => row.map((value) => String(value))))
  })

  test('reads only the columns that it needs', async () => {
    const { result } = await run("select max(origin) from read_parquet('dropped:a.parquet')")
    expect([result.columnsRead, result.totalColumns, result.tablesRead]).toEqual([1, 9, []])
  })

  test('has the cost of the bytes that are then read: the end of the file, and the small column between its own', async () => {
    const sql = "select tags, big from read_parquet('dropped:a.parquet') limit 4999"
    const request = { sql, cursor: 0, connection: 'local', connections: ['local'], maxRows: 10_000 }
    const cost = await session.estimateCost(request, new AbortController().signal)
    const { result } = await run(sql)
    expect(result.cost.readBytes).toBeGreaterThan(0)
    expect(result.cost.readBytes).toBe(cost.readBytes)
    expect(cost.readBytes).toBeLessThanOrEqual(readFileSync(file).length)
  })

  test("requests a table's file with the table and the snapshot, and nothing but it", async () => {
    await run(`select count(*) from read_parquet('${file}', table = 'demo.flights', snapshot = 9007199254740993)`)
    const identifier = { catalog: 'local', namespace: ['demo'], table: 'flights' }
    const asOf = { snapshotId: '9007199254740993' }
    expect(requested).toEqual([{ kind: 'table', identifier, asOf, path: file }])
  })

  test('is refused at the file that the server does not return', async () => {
    const sql = "select * from read_parquet('s3://other/secret.parquet', table = 'demo.flights')"
    await expect(run(sql)).rejects.toMatchObject({
      code: 'not-found',
      message: 's3://other/secret.parquet is not listed',
      facts: { start: 14, end: sql.length },
    })
  })

  test('never lets DuckDB open a file or an address itself', async () => {
    for (const name of ['"read_parquet"', 'main.read_parquet', 'read_csv', 'read_text', 'glob'])
      await expect(run(`select * from ${name}('${file}')`), name).rejects.toMatchObject({ code: 'query-failed' })
    expect(requested).toEqual([])
  })
})

test('a file on disk that has changed since it was opened is reported', async () => {
  const blob = new Blob([new Uint8Array(20)])
  await expect(createBlobSource('a.parquet', blob).read(10, 30)).rejects.toMatchObject({ code: 'file-damaged' })
  const gone = { size: 20, slice: () => ({ arrayBuffer: () => Promise.reject(new Error('NotReadableError')) }) }
  await expect(createBlobSource('a.parquet', gone as unknown as Blob).read(0, 10)).rejects.toMatchObject({
    code: 'file-missing',
    message: expect.stringContaining('was changed or removed on your disk'),
  })
})

const findFile: FindFile = async (request) => {
  requested.push(request)
  if (request.kind === 'table' && request.path !== file)
    throw new AppError('not-found', `${request.path} is not listed`, { facts: { file: request.path } })
  const blob = new Blob([readFileSync(file)])
  const found: LoadableFile = {
    url: 'dropped:1',
    name: 'a.parquet',
    byteLength: blob.size,
    blob,
    hasOwnColumns: true,
    recordCount: 0,
    tailBytes: 4096,
    constants: new Map(),
    nameMapping: null,
    deletes: [],
  }
  return { key: 'dropped:1', file: found }
}

async function run(sql: string) {
  const result = await session.run(
    { sql, cursor: 0, connection: 'local', connections: ['local'], maxRows: 10_000 },
    { signal: new AbortController().signal, onProgress: () => undefined, confirm: async () => true },
  )
  const rows = result.batches.flatMap((batch) =>
    Array.from({ length: batch.rowCount }, (_, row) =>
      result.columns.map(({ type }, column) => lineText(type, batch.value(row, column) ?? 'NULL', 'UTC')),
    ),
  )
  return { result, rows, columns: result.columns.map(({ name }) => name) }
}

function decoder(): Decoder {
  const open = (loadable: LoadableFile) =>
    openFile(createBlobSource(loadable.name, loadable.blob ?? new Blob()), loadable, pageCodecs)
  return {
    start: () => undefined,
    readFooter: async (loadable) => summarizeFooter(await open(loadable)),
    countRows: () => Promise.reject(new Error('no file has deletes')),
    decodeColumns: async (loadable, selection) => decodeColumns(await open(loadable), selection),
  }
}

import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { addConnection } from '@/lib/contract/connections'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import { readTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { resolveAsOf } from '@/lib/iceberg/metadata/snapshot-graph'
import { problem } from '@/lib/contract/shapes/problem'
import { goldenConnection, GOLDEN_SETTINGS } from '@/testing/golden/golden-connection'
import { jsonToGolden } from '@/testing/golden/golden-json'
import { type GoldenTable, listGoldenTables } from '@/testing/golden/golden-tables'
import { normalizeGoldenValue, sortGolden } from '@/testing/golden/golden-value'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { installTestProgram, loadRouteHandler } from '@/testing/http/route-handler'
import { startRowThreadHere } from '@/testing/homes/row-thread-here'
import type { Services } from '@/server/services'
import type { StartRowThread } from '@/server/table/rows/start-row-thread'
import { serveDirectly } from '@/server/web/serve-directly'
import { readFileSync } from 'node:fs'
import path from 'node:path'

const home = createTestHome(GOLDEN_SETTINGS)

let server: Server
/** Replaces the services of the home. */
let services: Services | null = null
let viewer: SignedInUser

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
  server = createServer((incoming, response) => {
    void serveDirectly(installTestProgram(services ?? home.services), incoming, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

type Reply = {
  status: number
  headers: IncomingHttpHeaders
  trailers: Record<string, unknown>
  body: Buffer
  isWhole: boolean
}
type RowsRequest = { headers?: Record<string, string>; method?: string }

const addressOf = (table: string, fields: Record<string, string> = {}) =>
  `/api/v1/catalogs/engines/namespaces/golden/tables/${table}/rows?${new URLSearchParams(fields)}`

function requestRows(table: string, fields: Record<string, string> = {}, options: RowsRequest = {}): Promise<Reply> {
  const { port } = server.address() as AddressInfo
  const address = addressOf(table, fields)
  const { method = 'GET', headers = {} } = options
  return new Promise((resolve, reject) => {
    const sent = { port, path: address, method, agent: false, headers: { cookie: viewer.cookie, ...headers } }
    const outgoing = request(sent, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => undefined)
      response.on('close', () => {
        const { statusCode: status = 0, headers: received, trailers, complete: isWhole } = response
        resolve({ status, headers: received, trailers, body: Buffer.concat(chunks), isWhole })
      })
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

const problemOf = ({ body }: Reply) => problem.parse(JSON.parse(body.toString()))

function schemaAt(table: GoldenTable, target: { snapshotId?: string; ref?: string }) {
  const metadata = readTableMetadata(readFileSync(path.join(table.folder, table.metadata), 'utf8'))
  return resolveAsOf(metadata, target).schema
}

/** Its files are ORC. */
const readable = listGoldenTables().filter(({ name }) => name !== 'spark_orc')

describe.each(readable)('The rows of $name', (table) => {
  it('are those that other engines read, in every format, at every snapshot', async () => {
    for (const { snapshotId, ref, rows, columns } of table.reads) {
      const { fields } = schemaAt(table, { ...(snapshotId && { snapshotId }), ...(ref && { ref }) })
      const expected = sortGolden(
        rows.map((row) =>
          // A null of a variant is a null of JSON, too.
          fields.map(({ type }, i) =>
            type === 'variant' && row[i] === 'null' ? null : normalizeGoldenValue(type, row[i] ?? null),
          ),
        ),
      )
      const asOf: Record<string, string> = snapshotId === undefined ? { ref: ref ?? '' } : { snapshot: snapshotId }
      const ndjson = await requestRows(table.name, asOf)
      expect([ndjson.status, ndjson.isWhole]).toEqual([200, true])
      const read = ndjson.body
        .toString()
        .split('\n')
        .slice(0, -1)
        .map((line) => {
          const row = parseExactJson(line)
          if (!isJsonObject(row)) throw new Error(`${line} is not an object`)
          expect(Object.keys(row)).toEqual(columns)
          return fields.map(({ type, name }) => jsonToGolden(type, row[name] ?? null))
        })
      expect(sortGolden(read)).toEqual(expected)
      expect(ndjson.trailers).toEqual({ 'lakeshore-row-count': String(rows.length) })
      const csv = await requestRows(table.name, { ...asOf, format: 'csv' })
      expect(csv.trailers).toEqual(ndjson.trailers)
      const arrow = await requestRows(table.name, { ...asOf, format: 'arrow' })
      expect(tableFromIPC(arrow.body).numRows).toBe(rows.length)
    }
  })
})

const TABLE = 'spark_types'
const linesOf = ({ body }: Reply) => body.toString().split('\n').slice(0, -1)

describe('A request for rows', () => {
  it('gets the columns that it names, in its order, and as many rows as it wants', async () => {
    const reply = await requestRows(TABLE, { columns: ' "a_date" , an_int ', limit: '2', format: 'csv' })
    const [header, ...lines] = reply.body.toString().split('\r\n')
    expect([header, lines.length, reply.trailers]).toEqual(['a_date,an_int', 3, { 'lakeshore-row-count': '2' }])
  })

  it.each([
    'an_int > 0 and a_long = 9223372036854775807',
    '{"type": "and", "left": {"type": "gt", "term": "an_int", "value": 0}, "right": {"type": "eq", "term": "a_long", "value": 9223372036854775807}}',
  ])('gets the rows that pass the filter %s', async (where) => {
    const reply = await requestRows(TABLE, { where, columns: 'an_int' })
    expect([linesOf(reply), reply.trailers]).toEqual([['{"an_int":2147483647}'], { 'lakeshore-row-count': '1' }])
  })

  it('gets no deleted rows that pass a filter', async () => {
    const table = readable.find(({ name }) => name === 'java_all_kinds_of_deletes')
    for (const { snapshotId, rows = [] } of table?.reads ?? []) {
      if (snapshotId === undefined) continue
      const reply = await requestRows('java_all_kinds_of_deletes', { snapshot: snapshotId, where: 'id is not null' })
      expect(linesOf(reply)).toHaveLength(rows.length)
    }
  })

  it('gets metadata columns when it names them', async () => {
    const reply = await requestRows('spark_row_lineage', { columns: '_row_id,"_pos",_file', limit: '1' })
    expect(JSON.parse(linesOf(reply)[0] ?? '')).toEqual({
      _row_id: expect.any(Number),
      _pos: expect.any(Number),
      _file: expect.stringMatching(/[.]parquet$/),
    })
  })

  it.each([
    ['text/csv', 'text/csv; charset=utf-8'],
    ['application/vnd.apache.arrow.stream;q=0.9, text/csv;q=0.1', 'application/vnd.apache.arrow.stream'],
    ['text/html, */*;q=0.1', 'application/x-ndjson'],
    ['text/*', 'text/csv; charset=utf-8'],
  ])('that accepts %s gets %s', async (accept, type) => {
    const { headers } = await requestRows(TABLE, {}, { headers: { accept } })
    expect([headers['content-type'], headers.vary]).toEqual([type, 'Accept, Cookie'])
  })

  it('learns the snapshot and the name of a file', async () => {
    const { headers } = await requestRows(TABLE, { format: 'csv' })
    const snapshotId = listGoldenTables().find(({ name }) => name === TABLE)?.reads[0]?.snapshotId
    expect(headers['lakeshore-snapshot-id']).toBe(snapshotId)
    expect(headers['content-disposition']).toBe(`attachment; filename="golden.spark_types-${snapshotId}.csv"`)
  })

  it('for the head alone gets no rows', async () => {
    const { status, headers, body } = await requestRows(TABLE, {}, { method: 'HEAD' })
    expect([status, headers['content-type'], body.length]).toEqual([200, 'application/x-ndjson', 0])
  })

  it.each([
    [{ columns: 'an_int,nothing' }, '“nothing” is not a column of the table.'],
    [{ columns: 'an_int,an_int' }, '“an_int” is named twice.'],
    [{ columns: 'an_int,' }, 'The columns are not names separated by commas.'],
    [{ columns: '"an_int' }, 'The columns are not names separated by commas.'],
    [{ columns: '' }, 'columns'],
    [{ where: '{}' }, 'The part type of the filter is not an operation that Lakeshore knows: and, or, not, is-null'],
    [
      { where: '{"type": "gt"}' },
      'such as {"type": "gt", "left": {"type": "reference", "name": "delay"}, "right": 60}.',
    ],
    [{ where: '{"type": }' }, 'The filter cannot be read: Not JSON'],
    [{ where: 'bogus' }, 'The end of the filter, after “bogus”, is not a comparison such as =, in, is null'],
    [{ where: 'bogus' }, 'A filter is one or more conditions, such as delay > 60'],
    [{ wher: 'an_int > 1' }, 'The field `wher` is unknown.'],
    [{ where: 'nothing = 1' }, 'nothing'],
    [{ where: 'an_int >' }, 'The end of the filter'],
    [{ where: '{"type": "like"}' }, 'is not an operation that Lakeshore knows'],
    [{ where: 'an_int = "x"' }, 'an_int'],
    [{ limit: '0' }, 'The limit is less than 1.'],
    [{ limit: '-5' }, 'The limit is less than 1.'],
    [{ limit: '1e3' }, 'limit'],
    [{ format: 'xlsx' }, 'format'],
    [{ ref: 'main', snapshot: '1' }, ''],
  ])('with %j is refused', async (fields, detail) => {
    const reply = await requestRows(TABLE, fields)
    expect([reply.status, reply.headers['content-type']]).toEqual([400, 'application/problem+json'])
    expect(problemOf(reply)).toMatchObject({ code: 'invalid-request', detail: expect.stringContaining(detail) })
  })

  it('that accepts no format of rows is refused', async () => {
    const reply = await requestRows(TABLE, {}, { headers: { accept: 'application/xml' } })
    expect(reply.headers['content-type']).toBe('application/problem+json')
    expect(problemOf(reply)).toMatchObject({
      status: 406,
      code: 'not-acceptable',
      detail: expect.stringContaining('application/x-ndjson, text/csv, application/vnd.apache.arrow.stream'),
    })
  })

  it('without a session is refused', async () => {
    expect((await requestRows(TABLE, {}, { headers: { cookie: '' } })).status).toBe(401)
  })

  it.each([
    [{ ref: 'nowhere' }, 404, 'not-found'],
    [{ snapshot: '1' }, 404, 'not-found'],
  ])('for %j finds nothing', async (fields, status, code) => {
    expect(problemOf(await requestRows(TABLE, fields))).toMatchObject({ status, code })
  })

  it('for files that cannot be read is refused before it gets a row', async () => {
    expect(problemOf(await requestRows('spark_orc'))).toMatchObject({ status: 422, code: 'not-supported' })
  })
})

/** Serves with threads of another kind. */
async function withThreads(startRowThread: StartRowThread, work: () => Promise<void>): Promise<void> {
  services = { ...home.services, startRowThread }
  try {
    await work()
  } finally {
    services = null
  }
}

describe('A stream of rows', () => {
  it('that fails after its first rows is broken off, and NDJSON says why in its last line', async () => {
    let pieceCount = 0
    const failing: StartRowThread = (events) =>
      startRowThreadHere({
        ...events,
        onMessage: (message) => {
          const isSecond = message.kind === 'piece' && ++pieceCount === 2
          const error = { code: 'file-damaged' as const, message: 'damaged', stack: '', facts: {} }
          events.onMessage(isSecond ? { kind: 'failed', error } : message)
        },
      })
    const whole = await requestRows(TABLE)
    await withThreads(failing, async () => {
      for (const format of ['ndjson', 'csv', 'arrow']) {
        pieceCount = 0
        const reply = await requestRows(TABLE, { format })
        expect(reply.body.length).toBeGreaterThan(0)
        expect([reply.status, reply.isWhole, reply.trailers]).toEqual([200, false, {}])
        if (format !== 'ndjson') continue
        const lines = linesOf(reply)
        expect(JSON.parse(lines.at(-1) ?? '')).toEqual([
          { problem: expect.objectContaining({ code: 'file-damaged', detail: 'damaged', status: 422 }) },
        ])
        expect(linesOf(whole).slice(0, lines.length - 1)).toEqual(lines.slice(0, -1))
      }
    })
    expect((await requestRows(TABLE)).isWhole).toBe(true)
  })

  it('is one of a few: more are refused until a client leaves, whose thread ends', async () => {
    let [startCount, endCount] = [0, 0]
    const silent: StartRowThread = () => {
      startCount += 1
      return { post: () => undefined, end: () => void (endCount += 1) }
    }
    await withThreads(silent, async () => {
      const { port } = server.address() as AddressInfo
      const path = addressOf(TABLE)
      const open = [1, 2].map(() => request({ port, path, agent: false, headers: { cookie: viewer.cookie } }))
      for (const outgoing of open) outgoing.on('error', () => undefined).end()
      await vi.waitUntil(() => startCount === 2, 50_000)
      const refused = await requestRows(TABLE)
      expect([refused.status, refused.headers['retry-after']]).toEqual([429, '5'])
      for (const outgoing of open) outgoing.destroy()
      await vi.waitUntil(() => endCount === 2, 50_000)
    })
    expect((await requestRows(TABLE)).status).toBe(200)
  })
})

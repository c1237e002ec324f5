import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CATALOG } from './console.ts'
import { type Lakeshore, startLakeshore } from './lakeshore.ts'

/** The product as it is built, asked over the wire what a handler by itself cannot prove. */

const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }

let folder: string
let lakeshore: Lakeshore
let file: { token: string; path: string; fileSizeBytes: number }

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lakeshore-built-'))
  lakeshore = await startLakeshore(folder)
  const [csv, schema] = [path.join(folder, 'rows.csv'), path.join(folder, 'schema.json')]
  const rows = Array.from({ length: 50_000 }, (_, index) => (index * 7919) % 1_000_003)
  await writeFile(csv, ['id', ...rows].join('\n'))
  await writeFile(schema, JSON.stringify(SCHEMA))
  await lakeshore.run('ingest', '--table', 'demo.rows', '--file', csv, '--create-schema', schema)
  const planned = await lakeshore.console.fetch(`/api/v1/catalogs/${CATALOG}/namespaces/demo/tables/rows/scan`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  const { files } = (await planned.json()) as { files: (typeof file)[] }
  if (files[0] === undefined) throw new Error('The table that was loaded has no file.')
  file = files[0]
})
afterAll(async () => {
  await lakeshore?.stop()
  await rm(folder, { recursive: true })
})

type Told = { status: number; headers: IncomingHttpHeaders; text: string }

/** As a client writes it: `fetch` would mend the address. */
function ask(method: string, address: string): Promise<Told> {
  return new Promise((resolve, reject) => {
    const asked = request(`${lakeshore.url}/`, { method, path: address, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
      })
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.end()
  })
}

test('A file’s bytes come with their length, whole, in ranges and for HEAD', async () => {
  const bytes = await readFile(fileURLToPath(file.path))
  const address = `/api/v1/files/${file.token}`
  const asked = async (init: RequestInit) => {
    const response = await lakeshore.console.fetch(address, init)
    const { headers, status } = response
    const body = Buffer.from(await response.arrayBuffer())
    const told = (name: string) => headers.get(name)
    return {
      status,
      length: told('content-length'),
      range: told('content-range'),
      chunked: told('transfer-encoding'),
      body,
    }
  }
  const whole = await asked({})
  expect(whole).toMatchObject({ status: 200, length: String(bytes.length), range: null, chunked: null })
  expect(bytes.length).toBe(file.fileSizeBytes)
  expect(digest(whole.body)).toBe(digest(bytes))
  const part = await asked({ headers: { range: 'bytes=-1000' } })
  const place = `bytes ${bytes.length - 1000}-${bytes.length - 1}/${bytes.length}`
  expect(part).toMatchObject({ status: 206, length: '1000', range: place, chunked: null })
  expect(digest(part.body)).toBe(digest(bytes.subarray(-1000)))
  expect(await asked({ method: 'HEAD' })).toMatchObject({ status: 200, length: String(bytes.length) })
})

test('They are kept from others by the same headers as what comes through Next, each once', async () => {
  const names = ['x-content-type-options', 'content-security-policy', 'cross-origin-resource-policy']
  const headersOf = async (address: string) => {
    const { headers } = await lakeshore.console.fetch(address)
    return names.map((name) => headers.get(name))
  }
  const expected = ['nosniff', "default-src 'none'; frame-ancestors 'none'", 'same-origin']
  expect(await headersOf(`/api/v1/files/${file.token}`)).toEqual(expected)
  expect(await headersOf('/api/v1/session')).toEqual(expected)
  const stranger = await ask('GET', `/api/v1/files/${file.token}`)
  expect([stranger.status, stranger.headers['content-type']]).toEqual([401, 'application/problem+json'])
})

test('An address that is not well encoded is a problem, not a failure of the server', async () => {
  for (const address of ['/api/%zz', '/api/v1/catalogs/%C3%28', '/api/v1/files/%']) {
    const told = await ask('GET', address)
    expect([told.status, told.headers['content-type']]).toEqual([400, 'application/problem+json'])
    expect(JSON.parse(told.text)).toMatchObject({ code: 'invalid-request' })
  }
  expect((await ask('GET', '/iceberg/%zz')).status).toBe(400)
})

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

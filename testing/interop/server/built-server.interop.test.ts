import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CATALOG } from '../../product/console-client.ts'
import { type Lakeshore, startLakeshore } from '../../product/lakeshore.ts'

/** Requests to the built product, for properties that a handler alone cannot prove. */

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
  const planned = await lakeshore.console.fetch(`/api/v1/catalogs/${CATALOG}/namespaces/demo/tables/rows/scans`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  const { token, files } = (await planned.json()) as { token: string; files: Omit<typeof file, 'token'>[] }
  if (files[0] === undefined) throw new Error('The loaded table has no file.')
  file = { ...files[0], token }
})
afterAll(async () => {
  await lakeshore?.stop()
  await rm(folder, { recursive: true })
})

type ReceivedResponse = { status: number; headers: IncomingHttpHeaders; text: string }

/** Sends the request line unchanged; `fetch` would correct the path. */
function sendRequest(method: string, address: string): Promise<ReceivedResponse> {
  return new Promise((resolve, reject) => {
    const clientRequest = request(`${lakeshore.url}/`, { method, path: address, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text })
      })
      response.on('error', reject)
    })
    clientRequest.on('error', reject)
    clientRequest.end()
  })
}

test('A file is sent with its length: whole, in ranges and for HEAD', async () => {
  const bytes = await readFile(fileURLToPath(file.path))
  const address = `/api/v1/scans/${file.token}/files/0`
  const fetchFile = async (init: RequestInit) => {
    const response = await lakeshore.console.fetch(address, init)
    const { headers, status } = response
    const body = Buffer.from(await response.arrayBuffer())
    const header = (name: string) => headers.get(name)
    return {
      status,
      length: header('content-length'),
      range: header('content-range'),
      chunked: header('transfer-encoding'),
      body,
    }
  }
  const full = await fetchFile({})
  expect(full).toMatchObject({ status: 200, length: String(bytes.length), range: null, chunked: null })
  expect(bytes.length).toBe(file.fileSizeBytes)
  expect(digest(full.body)).toBe(digest(bytes))
  const part = await fetchFile({ headers: { range: 'bytes=-1000' } })
  const contentRange = `bytes ${bytes.length - 1000}-${bytes.length - 1}/${bytes.length}`
  expect(part).toMatchObject({ status: 206, length: '1000', range: contentRange, chunked: null })
  expect(digest(part.body)).toBe(digest(bytes.subarray(-1000)))
  expect(await fetchFile({ method: 'HEAD' })).toMatchObject({ status: 200, length: String(bytes.length) })
})

test('Files have the same security headers as responses of Next, each once', async () => {
  const names = ['x-content-type-options', 'content-security-policy', 'cross-origin-resource-policy']
  const fetchHeaders = async (address: string) => {
    const { headers } = await lakeshore.console.fetch(address)
    return names.map((name) => headers.get(name))
  }
  const expected = ['nosniff', "default-src 'none'; frame-ancestors 'none'", 'same-origin']
  expect(await fetchHeaders(`/api/v1/scans/${file.token}/files/0`)).toEqual(expected)
  expect(await fetchHeaders('/api/v1/session')).toEqual(expected)
  const unauthenticated = await sendRequest('GET', `/api/v1/scans/${file.token}/files/0`)
  expect([unauthenticated.status, unauthenticated.headers['content-type']]).toEqual([401, 'application/problem+json'])
})

test('A badly encoded path is refused as a bad request, not as an error of the server', async () => {
  for (const address of ['/api/%zz', '/api/v1/catalogs/%C3%28', '/api/v1/scans/a/files/%']) {
    const response = await sendRequest('GET', address)
    expect([response.status, response.headers['content-type']]).toEqual([400, 'application/problem+json'])
    expect(JSON.parse(response.text)).toMatchObject({ code: 'invalid-request' })
  }
  expect((await sendRequest('GET', '/iceberg/%zz')).status).toBe(400)
})

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

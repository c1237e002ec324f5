import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Lakeshore, startLakeshore } from '../../product/lakeshore.ts'

/** Stops the built product while an engine commits. */

/** The commit waits for the database no longer than ten seconds. */
const RELEASE_AFTER_MS = 4_000
/** A probe that arrives before the signal waits for the locked database. */
const PROBE_TIMEOUT_MS = 500

let folder: string
let lakeshore: Lakeshore
let stopped: Promise<void> | null = null

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lakeshore-stopping-'))
  lakeshore = await startLakeshore(folder)
})
afterAll(async () => {
  await (stopped ?? lakeshore.stop())
  await rm(folder, { recursive: true })
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function sendRequest(method: string, route: string, body?: object): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const clientRequest = request(
      `${lakeshore.uri}/v1/${route}`,
      {
        method,
        agent: false,
        headers: { authorization: `Bearer ${lakeshore.token}`, 'content-type': 'application/json' },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
        response.on('error', reject)
      },
    )
    clientRequest.on('error', reject)
    clientRequest.end(body && JSON.stringify(body))
  })
}

test('A stopping server accepts no new requests, finishes its commit, and leaves nothing half done (commit-safety 34)', async () => {
  const catalog = lakeshore.warehouse
  const schema = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
  expect((await sendRequest('POST', `${catalog}/namespaces`, { namespace: ['demo'] })).status).toBe(200)
  expect((await sendRequest('POST', `${catalog}/namespaces/demo/tables`, { name: 't', schema })).status).toBe(200)

  const file = path.join(folder, 'home', 'lakeshore.db')
  // The server itself may be writing.
  const other = new DatabaseSync(file, { timeout: 10_000 })
  other.exec('BEGIN IMMEDIATE')
  const set = { requirements: [], updates: [{ action: 'set-properties', updates: { k: 'v' } }] }
  const committing = sendRequest('POST', `${catalog}/namespaces/demo/tables/t`, set)
  const releaseAtMs = performance.now() + RELEASE_AFTER_MS
  // Once its metadata is written, the commit waits for the database.
  const metadata = path.join(folder, 'home', 'warehouse', 'demo', 't', 'metadata')
  const isCommitStarted = async () => (await readdir(metadata)).some((name) => name.startsWith('00001-'))
  await vi.waitUntil(isCommitStarted, { timeout: 60_000 })
  stopped = lakeshore.stop()
  const ready = () =>
    fetch(new URL('/readyz', lakeshore.uri), { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).then(
      ({ status }) => status,
      (error: unknown) => (error instanceof DOMException ? ('slow' as const) : ('refused' as const)),
    )
  let before: unknown = null
  const release = () => {
    if (!other.isTransaction) return
    before = other.prepare('SELECT metadata_location FROM iceberg_tables').get()?.metadata_location
    other.exec('ROLLBACK')
  }
  // The signal takes some time to arrive. From then on the server accepts no request, and waits for the commit no
  // longer than the commit waits for the database. On a slow machine the database is released before.
  const statuses: (number | 'slow' | 'refused')[] = []
  while (statuses.at(-1) !== 'refused') {
    await pause(20)
    if (performance.now() > releaseAtMs) release()
    statuses.push(await ready())
  }
  release()
  const answered = statuses.filter((answer) => answer !== 'slow')
  const firstRefusedIndex = answered.findIndex((answer) => answer !== 200)
  expect(answered.slice(firstRefusedIndex, -1).filter((answer) => answer !== 503)).toEqual([])

  const { status, text } = await committing
  expect(status).toBe(200)
  // Until it has stopped, a probe may still be answered, with 503: a connection that was cut counts as refused above.
  await stopped
  expect(await ready()).toBe('refused')
  const [row] = other.prepare('SELECT metadata_location, previous_metadata_location FROM iceberg_tables').all()
  other.close()
  expect(row).toEqual({
    metadata_location: (JSON.parse(text) as Record<string, unknown>)['metadata-location'],
    previous_metadata_location: before,
  })
})

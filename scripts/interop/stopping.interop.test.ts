import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lakeshore, startLakeshore } from './lakeshore.ts'

/** The product as it is built, told to stop while an engine commits. */

const COMMIT_IS_ON_ITS_WAY_MS = 500
const HELD_UP_FOR_MS = 3_000

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

function ask(method: string, below: string, body?: object): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${lakeshore.uri}/v1/${below}`,
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
    asked.on('error', reject)
    asked.end(body && JSON.stringify(body))
  })
}

test('A server that is told to stop takes no new requests, ends the commit it has, and leaves nothing half done (commit-safety 34)', async () => {
  const catalog = lakeshore.warehouse
  const schema = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
  expect((await ask('POST', `${catalog}/namespaces`, { namespace: ['demo'] })).status).toBe(200)
  expect((await ask('POST', `${catalog}/namespaces/demo/tables`, { name: 't', schema })).status).toBe(200)

  const file = path.join(folder, 'home', 'lakeshore.db')
  const other = new DatabaseSync(file)
  other.exec('BEGIN IMMEDIATE')
  const set = { requirements: [], updates: [{ action: 'set-properties', updates: { k: 'v' } }] }
  const committing = ask('POST', `${catalog}/namespaces/demo/tables/t`, set)
  await pause(COMMIT_IS_ON_ITS_WAY_MS)
  stopped = lakeshore.stop()
  const seen: (number | 'refused')[] = []
  const endAtMs = performance.now() + HELD_UP_FOR_MS
  await pause(100)
  while (performance.now() < endAtMs) {
    seen.push(
      await fetch(new URL('/readyz', lakeshore.uri)).then(
        ({ status }) => status,
        () => 'refused' as const,
      ),
    )
    await pause(100)
  }
  expect(seen.filter((answer) => answer !== 503 && answer !== 'refused')).toEqual([])
  const [before] = other.prepare('SELECT metadata_location FROM iceberg_tables').all()
  other.exec('ROLLBACK')

  const { status, text } = await committing
  expect(status).toBe(200)
  await stopped
  const [row] = other.prepare('SELECT metadata_location, previous_metadata_location FROM iceberg_tables').all()
  other.close()
  expect(row).toEqual({
    metadata_location: (JSON.parse(text) as Record<string, unknown>)['metadata-location'],
    previous_metadata_location: before?.metadata_location,
  })
})

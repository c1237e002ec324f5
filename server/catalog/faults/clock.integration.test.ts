import { randomUUID } from 'node:crypto'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { resolveAsOf } from '@/lib/iceberg/metadata/snapshot-graph'
import { type RestClient, createRestClientAs } from '@/testing/catalogs/rest-client'
import { createTestHome } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { appendTenRows, ONE_COLUMN_SCHEMA, verifyTable } from '@/testing/catalogs/verify-table'
import { IDEMPOTENCY_RETENTION_HOURS } from '@/server/db/idempotency'
import type { Json } from '@/lib/iceberg/json/json'

const home = createTestHome()

const HOUR_MS = 3_600_000
const toIdentifier = (table: string) => ({ catalog: 'local', namespace: ['demo'], table })
const hasBackwardStep = (times: readonly number[]) => times.some((time, i) => time < (times[i - 1] ?? 0))

let callRest: RestClient
beforeAll(async () => {
  callRest = await createRestClientAs(home.services, 'editor')
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
afterEach(() => void vi.useRealTimers())

const setClock = (nowMs: number) => void vi.useFakeTimers({ toFake: ['Date'], now: nowMs })

function commit(table: string, updates: Json, headers: Record<string, string> = {}) {
  return callRest('POST', `local/namespaces/demo/tables/${table}`, { body: { requirements: [], updates }, headers })
}

/** A commit as an engine sends it, with the engine's own time. */
function snapshot(table: string, id: number, timestampMs: number): Json {
  return [
    {
      action: 'add-snapshot',
      snapshot: {
        'snapshot-id': id,
        ...(id > 1 && { 'parent-snapshot-id': id - 1 }),
        'sequence-number': id,
        'timestamp-ms': timestampMs,
        'manifest-list': `${home.config.warehouse}/demo/${table}/metadata/s${id}.avro`,
        summary: { operation: 'append' },
        'schema-id': 0,
      },
    },
    { action: 'set-snapshot-ref', 'ref-name': 'main', 'snapshot-id': id, type: 'branch' },
  ]
}

describe('A clock that goes back', () => {
  it('leaves all times of a table in order, and each moment resolves to one snapshot (commit-safety 27)', async () => {
    const startMs = Date.now()
    const table = 'back'
    await (await openTestCatalog(home.services)).write({
      kind: 'create-table',
      table: toIdentifier(table),
      schema: ONE_COLUMN_SCHEMA,
    })
    const ids: string[] = []
    for (const offsetMs of [1_000, -HOUR_MS, -HOUR_MS, 500, 2_000, -24 * HOUR_MS, 2_000]) {
      setClock(startMs + offsetMs)
      ids.push(await appendTenRows(home.services, toIdentifier(table)))
      expect((await commit(table, [{ action: 'set-properties', updates: { at: String(offsetMs) } }])).status).toBe(200)
    }
    const { metadata, rows, log } = await verifyTable(home.services, toIdentifier(table))
    expect(rows).toBe(70)
    expect(log).toEqual(ids)
    expect(hasBackwardStep(metadata.snapshotLog.map(({ timestampMs }) => timestampMs))).toBe(false)
    expect(hasBackwardStep(metadata.snapshots.map(({ timestampMs }) => timestampMs))).toBe(false)
    expect(hasBackwardStep(metadata.metadataLog.map(({ timestampMs }) => timestampMs))).toBe(false)
    expect(metadata.lastUpdatedMs).toBeGreaterThanOrEqual(metadata.metadataLog.at(-1)?.timestampMs ?? Infinity)

    // Within one millisecond the last snapshot counts; before the first, the table has none.
    for (const { timestampMs } of metadata.snapshotLog) {
      const last = metadata.snapshotLog.findLast((entry) => entry.timestampMs <= timestampMs)
      expect(resolveAsOf(metadata, { atMs: timestampMs }).snapshot?.snapshotId).toBe(last?.snapshotId)
    }
    expect(resolveAsOf(metadata, { atMs: startMs + 5 * HOUR_MS }).snapshot?.snapshotId).toBe(ids.at(-1))
  })

  it('on an engine leaves the log in order, and a commit from a clock far ahead of ours is refused whole (commit-safety 27)', async () => {
    const startMs = Date.now()
    const table = 'engine'
    await (await openTestCatalog(home.services)).write({
      kind: 'create-table',
      table: toIdentifier(table),
      schema: ONE_COLUMN_SCHEMA,
    })
    expect((await commit(table, snapshot(table, 1, startMs + 30_000))).status).toBe(200)
    expect((await commit(table, snapshot(table, 2, startMs))).status).toBe(200)
    expect((await commit(table, snapshot(table, 3, startMs - HOUR_MS))).status).toBe(200)
    const { metadata } = await (await openTestCatalog(home.services)).loadTable(toIdentifier(table))
    expect(metadata.snapshotLog.map(({ snapshotId }) => snapshotId)).toEqual(['1', '2', '3'])
    const times = metadata.snapshotLog.map(({ timestampMs }) => timestampMs)
    expect(hasBackwardStep([...times, metadata.lastUpdatedMs])).toBe(false)
    const refused = await commit(table, snapshot(table, 4, startMs + HOUR_MS))
    expect(refused.status).toBe(400)
    expect((await (await openTestCatalog(home.services)).loadTable(toIdentifier(table))).metadata).toEqual(metadata)
    expect(hasBackwardStep(metadata.metadataLog.map(({ timestampMs }) => timestampMs))).toBe(false)
  })
})

describe('An Idempotency-Key', () => {
  const properties = async (table: string) =>
    (await (await openTestCatalog(home.services)).loadTable(toIdentifier(table))).metadata.properties
  const versionOf = async (table: string) =>
    (await (await openTestCatalog(home.services)).loadTable(toIdentifier(table))).metadataLocation

  it('is stored for as long as promised, and counts as new afterwards (commit-safety 26)', async () => {
    const startMs = Date.now()
    const table = 'kept'
    await (await openTestCatalog(home.services)).write({
      kind: 'create-table',
      table: toIdentifier(table),
      schema: ONE_COLUMN_SCHEMA,
    })
    const headers = { 'idempotency-key': randomUUID() }
    const owner = (name: string) => [{ action: 'set-properties', updates: { owner: name } }]
    expect((await commit(table, owner('ann'), headers)).status).toBe(200)
    await commit(table, owner('bob'))
    const version = await versionOf(table)

    setClock(startMs + (IDEMPOTENCY_RETENTION_HOURS - 1) * HOUR_MS)
    expect((await commit(table, owner('ann'), headers)).status).toBe(200)
    expect((await commit(table, owner('eve'), headers)).status).toBe(400)
    expect([await versionOf(table), await properties(table)]).toEqual([
      version,
      expect.objectContaining({ owner: 'bob' }),
    ])

    setClock(startMs + (IDEMPOTENCY_RETENTION_HOURS + 1) * HOUR_MS)
    expect((await commit(table, owner('ann'), headers)).status).toBe(200)
    expect(await properties(table)).toMatchObject({ owner: 'ann' })
  })
})

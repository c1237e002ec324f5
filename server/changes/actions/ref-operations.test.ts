import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { Intent } from '@/lib/changes/intents/intent'
import { type Grant, grantsOfRole } from '@/lib/permissions'
import { createTestHome, signInAs, type SignedInUser } from '@/testing/homes/test-home'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { findEndpoint } from '@/testing/contract/contract-endpoints'
import { loadRouteHandler } from '@/testing/http/route-handler'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { readAudit } from '@/server/db/audit-list'
import { readHistory } from '@/server/table/history/read-history'
import { refPage } from '@/server/table/ref-page'
import { appendFiles } from '@/server/table/commit/append-files'
import { commitIntents } from './change-table'
import { planRefDrop, readRefDrop } from '@/server/table/commit/ref-drop'
import { planRefRetention, readRefRetention, type RequestedRef } from '@/server/table/commit/ref-retention'
import { reviewIntents, reviewRefDrop, reviewRefMove } from '@/testing/lifecycle/reviews'
import { undo } from '@/testing/lifecycle/actions'

const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const DAY_MS = 86_400_000
const NO_RETENTION = { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null }
const home = createTestHome()
const signal = new AbortController().signal
const options = { actor: ANN, signal, requestId: 'r1' }

let catalog: CatalogClient
let identifier: TableIdentifier
let tables = 0
let [first, second, third] = ['', '', '']

beforeAll(async () => {
  catalog = await home.services.catalogs.open('local', ANN)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
beforeEach(async () => {
  tables += 1
  identifier = { catalog: 'local', namespace: ['demo'], table: `refs${tables}` }
  await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] },
    properties: {},
  })
  first = await append('a', 10)
  second = await append('b', 7)
  third = await append('c', 5)
})

const fullName = () => `${namespaceLabel(identifier.namespace)}.${identifier.table}`
const metadataNow = async () => (await catalog.loadTable(identifier)).metadata
const tips = async () => {
  const { refs } = await metadataNow()
  return Object.fromEntries(Object.entries(refs).map(([name, { snapshotId }]) => [name, snapshotId]))
}
const commit = (intents: readonly Intent[], confirmedName?: string, actor: Actor = ANN) =>
  commitIntents(home.services, identifier, intents, { ...options, actor, confirmedName })
const createBranch = (refName: string, snapshotId: string): Intent => ({
  kind: 'create-ref',
  refName,
  type: 'branch',
  snapshotId,
  retention: NO_RETENTION,
})
const tag = (refName: string, snapshotId: string): Intent =>
  ({ ...createBranch(refName, snapshotId), type: 'tag' }) as Intent
const readMove = (branch: string, to: object) =>
  reviewRefMove(
    home.services,
    identifier,
    { branch, to, safetyTag: { name: 'before', maxRefAgeMs: null } },
    { actor: ANN, signal },
  )

describe('Each operation on a ref is one entry in the history, and undo brings back what was', () => {
  const operations: [string, () => Intent[], () => Intent, string][] = [
    ['create a branch', () => [], () => createBranch('audit', second), 'create-ref'],
    [
      'create a tag',
      () => [],
      () =>
        ({ ...createBranch('q1', first), type: 'tag', retention: { ...NO_RETENTION, maxRefAgeMs: DAY_MS } }) as Intent,
      'create-ref',
    ],
    [
      'rename a branch',
      () => [createBranch('audit', second)],
      () => ({ kind: 'rename-ref', refName: 'audit', snapshotId: second, name: 'checked' }),
      'rename-ref',
    ],
    [
      'change retention',
      () => [createBranch('audit', second)],
      () => ({
        kind: 'set-ref-retention',
        refName: 'audit',
        retention: { minSnapshotsToKeep: 3, maxSnapshotAgeMs: 2 * DAY_MS, maxRefAgeMs: DAY_MS },
        base: NO_RETENTION,
      }),
      'set-ref-retention',
    ],
    [
      'remove a branch that main reaches',
      () => [createBranch('audit', second)],
      () => ({ kind: 'drop-ref', refName: 'audit', type: 'branch', snapshotId: second, safetyTag: null }),
      'drop-ref',
    ],
    [
      'fast-forward a branch to main',
      () => [createBranch('audit', first)],
      () => ({ kind: 'fast-forward', refName: 'audit', fromSnapshotId: first, toRefName: 'main', toSnapshotId: third }),
      'fast-forward',
    ],
    [
      'move a branch back',
      () => [createBranch('audit', second)],
      () => ({ kind: 'set-ref', refName: 'audit', fromSnapshotId: second, toSnapshotId: first, safetyTag: null }),
      'roll-back',
    ],
    [
      'replace a tag',
      () => [tag('q1', first)],
      () => ({ kind: 'set-ref', refName: 'q1', fromSnapshotId: first, toSnapshotId: second, safetyTag: null }),
      'move-tag',
    ],
    [
      'move a branch to a snapshot apart',
      () => [createBranch('audit', second), createBranch('fix', first)],
      () => ({ kind: 'set-ref', refName: 'fix', fromSnapshotId: first, toSnapshotId: third, safetyTag: null }),
      'fast-forward',
    ],
  ]

  test('of retention are in the history and the audit with the earlier retention', async () => {
    await commit([createBranch('audit', second)])
    const retention = { minSnapshotsToKeep: 3, maxSnapshotAgeMs: 90 * 60_000, maxRefAgeMs: DAY_MS }
    const change: Intent = { kind: 'set-ref-retention', refName: 'audit', retention, base: NO_RETENTION }
    const { auditId, table } = await commit([change])
    const retained = 'for 1 day, with at least 3 snapshots, with snapshots of 90 minutes'
    const entry = await readAudit(home.database, auditId)
    expect([entry?.before?.retention, entry?.after?.retention]).toEqual([{ audit: null }, { audit: retained }])
    expect((await readHistory(home.services, table, null, { actor: ANN, catalog, signal })).entries[0]).toMatchObject({
      changes: [{ kind: 'layout', name: 'retention of audit', before: null, after: retained }],
      isUndoable: true,
    })
  })

  test.each(operations)('%s', async (_name, toBefore, toIntent, action) => {
    const before = toBefore()
    if (before.length > 0) await commit(before)
    const refsBefore = (await metadataNow()).refs
    const { auditId, table } = await commit([toIntent()], fullName())
    expect(table.metadata.refs).not.toEqual(refsBefore)
    const { entries } = await readHistory(home.services, table, null, { actor: ANN, catalog, signal })
    expect(entries[0]).toMatchObject({ auditId, action, isUndoable: true })
    expect(await readAudit(home.database, auditId)).toMatchObject({ action, after: { intents: [toIntent()] } })
    // Undoing a fast-forward or a new branch loses snapshots of the branch.
    const undone = await undo(home.services, identifier, auditId, { ...options, confirmedName: fullName() })
    expect(undone.table.metadata.refs).toEqual(refsBefore)
  })
})

describe('The impact of a move', () => {
  test('has the figures of both snapshots, whichever branch moves', async () => {
    await commit([createBranch('audit', second)])
    const { intent, impact, needsConfirmation } = await readMove('audit', { snapshotId: first })
    expect(intent).toMatchObject({ kind: 'set-ref', refName: 'audit', fromSnapshotId: second, toSnapshotId: first })
    expect(impact).toMatchObject({
      branch: 'audit',
      rows: { now: 17, removed: 7, restored: 0, after: 10 },
      dataFiles: { now: 2, removed: 1, restored: 0, after: 1 },
      removedSnapshotCount: 1,
      addedSnapshotCount: 0,
      otherRefs: [{ name: 'main', type: 'branch' }],
      // main reaches it.
      unreferencedSnapshotIds: [],
    })
    expect(needsConfirmation).toBe(true)
    expect(impact.request.body).toContain('assert-ref-snapshot-id')
    expect((await tips())['audit']).toBe(second)
  })

  test('names the schemas of both, and the columns that are null at the target', async () => {
    const fields = [
      { id: 1, name: 'id', required: false, type: 'long' },
      { id: 2, name: 'note', required: false, type: 'string' },
    ] as const
    await catalog.write({
      kind: 'commit-table',
      table: identifier,
      change: {
        requirements: [],
        updates: [
          { action: 'add-schema', schema: { schemaId: 1, identifierFieldIds: [], fields } },
          { action: 'set-current-schema', schemaId: -1 },
        ],
      },
    })
    const { impact } = await readMove('main', { snapshotId: second })
    expect(impact).toMatchObject({ currentSchemaId: 1, targetSchemaId: 0, missingColumns: ['note'] })
  })

  test('names the snapshots that no ref would reach, and needs no confirmation to move forward', async () => {
    const back = await readMove('main', { snapshotId: first })
    expect(back.impact.unreferencedSnapshotIds).toEqual([third, second])
    await commit([createBranch('audit', first)])
    const forward = await readMove('audit', { ref: 'main' })
    expect(forward).toMatchObject({
      needsConfirmation: false,
      impact: { removedSnapshotCount: 0, addedSnapshotCount: 2 },
    })
    expect(forward.impact.request.body).not.toContain('before')
    await commit([forward.intent])
    expect((await tips())['audit']).toBe(third)
  })
})

describe('The impact of removing a ref', () => {
  const readDrop = (refName: string) =>
    reviewRefDrop(
      home.services,
      identifier,
      { refName, safetyTag: { name: 'kept', maxRefAgeMs: DAY_MS } },
      { actor: ANN, signal },
    )

  test('counts the files of 2,000 snapshots, and not those of more', async () => {
    await commit([createBranch('audit', third)])
    const table = await catalog.loadTable(identifier)
    const { snapshots, refs } = table.metadata
    const [oldest] = snapshots
    if (!oldest) throw new Error('the table has no snapshot')
    const readDropAmong = async (count: number) => {
      const copies = Array.from({ length: count - 3 }, (_, i) => ({ ...oldest, snapshotId: String(i + 1) }))
      const metadata = {
        ...table.metadata,
        snapshots: [...snapshots, ...copies],
        currentSnapshotId: first,
        refs: { ...refs, main: { type: 'branch', snapshotId: first } as const },
      }
      const drop = planRefDrop(metadata, { refName: 'audit', safetyTag: null })
      return readRefDrop(home.services.manifestCache, { ...table, metadata }, drop, { catalog, signal })
    }
    expect((await readDropAmong(2_000)).figures).toMatchObject({ unreferenced: { snapshots: 2, dataFiles: 2 } })
    expect((await readDropAmong(2_001)).figures).toBeNull()
  })

  test('is nothing when other refs reach its snapshots', async () => {
    await commit([createBranch('audit', second)])
    const { intent, ...preview } = await readDrop('audit')
    expect(preview).toMatchObject({
      unreferencedSnapshotIds: [],
      unreferencedExpireAtMs: null,
      figures: null,
      needsConfirmation: false,
      otherRefs: [{ name: 'main', type: 'branch' }],
    })
    await commit([intent])
    expect(await tips()).toEqual({ main: third })
  })

  test('counts what only its snapshots have, and a safety tag keeps the tip', async () => {
    await commit([createBranch('audit', third)])
    const { intent: back } = await readMove('main', { snapshotId: first })
    await commit([{ ...back, safetyTag: null } as Intent], fullName())
    const { intent, ...preview } = await readDrop('audit')
    expect(preview).toMatchObject({
      snapshotId: third,
      unreferencedSnapshotIds: [third, second],
      figures: {
        retained: { snapshots: 1, rows: 10, dataFiles: 1, deleteFiles: 0 },
        unreferenced: { snapshots: 2, rows: 12, dataFiles: 2, deleteFiles: 0 },
      },
      needsConfirmation: true,
    })
    expect(preview.unreferencedExpireAtMs).toBeGreaterThan(Date.now())
    expect(preview.request.body).toContain('assert-ref-snapshot-id')
    await expect(commit([intent])).rejects.toMatchObject({ code: 'invalid-request' })
    const { auditId } = await commit([intent], fullName())
    expect(await tips()).toEqual({ main: first, kept: third })
    await undo(home.services, identifier, auditId, options)
    expect(await tips()).toEqual({ main: first, kept: third, audit: third })
  })

  test('is refused for main and for a ref that is not there', async () => {
    await expect(readDrop('main')).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(readDrop('gone')).rejects.toMatchObject({ code: 'not-found', facts: { refName: 'gone' } })
  })
})

describe('The impact of a retention', () => {
  const readRetention = async (requested: Partial<RequestedRef>, laterMs = 0) => {
    const table = await catalog.loadTable(identifier)
    const ref = { refName: null, type: 'branch', snapshotId: second, retention: NO_RETENTION, ...requested } as const
    const planned = planRefRetention(table.metadata, ref)
    const nowMs = Date.now() + laterMs
    return readRefRetention(home.services.manifestCache, table, planned, { nowMs, signal })
  }

  test('of a new ref has the figures of its snapshot, and when an expiry may remove it', async () => {
    const table = await metadataNow()
    const tipMs = table.snapshots.find(({ snapshotId }) => snapshotId === second)?.timestampMs ?? 0
    expect(await readRetention({ type: 'tag', retention: { ...NO_RETENTION, maxRefAgeMs: DAY_MS } })).toMatchObject({
      snapshotId: second,
      rowCount: 17,
      dataFileCount: 2,
      deleteFileCount: 0,
      expiry: { retainedSnapshotsNow: 0, retainedSnapshotsAfter: 1, refRetainedUntilMs: tipMs + DAY_MS },
    })
    expect((await readRetention({})).expiry?.refRetainedUntilMs).toBeNull()
  })

  test('says how many more snapshots an expiry may remove', async () => {
    await commit([{ ...createBranch('audit', third), retention: { ...NO_RETENTION, minSnapshotsToKeep: 3 } } as Intent])
    const { expiry } = await readRetention(
      { refName: 'audit', retention: { ...NO_RETENTION, minSnapshotsToKeep: 1 } },
      10 * DAY_MS,
    )
    expect(expiry).toMatchObject({
      retainedSnapshotsNow: 3,
      retainedSnapshotsAfter: 1,
      expirableSnapshotsNow: 0,
      expirableSnapshotsAfter: 2,
    })
  })

  test('is unknown while a setting of the table is not a number, and of a tag has no number of snapshots', async () => {
    const table = await catalog.loadTable(identifier)
    const properties = { 'history.expire.max-snapshot-age-ms': 'soon' }
    const broken = { ...table, metadata: { ...table.metadata, properties } }
    const requested = { refName: null, type: 'branch', snapshotId: second, retention: NO_RETENTION } as const
    const planned = planRefRetention(table.metadata, requested)
    const preview = await readRefRetention(home.services.manifestCache, broken, planned, { nowMs: 0, signal })
    expect(preview.expiry).toBeNull()
    await expect(
      readRetention({ type: 'tag', retention: { ...NO_RETENTION, minSnapshotsToKeep: 2 } }),
    ).rejects.toMatchObject({ code: 'invalid-request' })
  })
})

describe('A tag', () => {
  test('is replaced at another snapshot, and the name is asked for when only it reached the old one', async () => {
    await commit([tag('q1', third)])
    const retained = await readMove('q1', { snapshotId: first })
    expect(retained).toMatchObject({
      intent: { kind: 'set-ref', safetyTag: null },
      impact: { type: 'tag', unreferencedSnapshotIds: [] },
      needsConfirmation: false,
    })
    const { intent: back } = await readMove('main', { snapshotId: first })
    await commit([{ ...back, safetyTag: null } as Intent], fullName())
    const lost = await readMove('q1', { snapshotId: second })
    expect(lost).toMatchObject({
      intent: { safetyTag: { name: 'before' } },
      impact: { unreferencedSnapshotIds: [third] },
      needsConfirmation: true,
    })
    await commit([lost.intent], fullName())
    expect(await tips()).toEqual({ main: first, q1: second, before: third })
  })
})

test('A ref whose name has a line break, and a metrics mode of no column, are refused', async () => {
  const branch = { ...createBranch('a', second), refName: 'a\nb' } as Intent
  await expect(commit([branch])).rejects.toMatchObject({ code: 'invalid-request' })
  const key = 'write.metadata.metrics.column.nope'
  const setting = { kind: 'set-property', key, value: 'full', base: null } as const
  await expect(commit([setting])).rejects.toThrow('there is no column nope')
})

describe('A move of a ref', () => {
  test('that loses snapshots needs the name of the table', async () => {
    const { intent } = await readMove('main', { snapshotId: first })
    await expect(commit([intent])).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(commit([intent], 'demo.other')).rejects.toMatchObject({ code: 'invalid-request' })
    await commit([intent], fullName())
    expect(await tips()).toEqual({ main: first, before: third })
  })

  test('to a snapshot that is not an ancestor is not a rollback, and to one that has expired is refused (commit-safety 16)', async () => {
    await commit([createBranch('audit', first)])
    const rollBack = (toSnapshotId: string, fromSnapshotId = third): Intent => ({
      kind: 'roll-back',
      fromSnapshotId,
      toSnapshotId,
      safetyTag: null,
    })
    const gone = { fromSnapshotId: third, toSnapshotId: '123', safetyTag: null }
    await expect(commit([rollBack('123')], fullName())).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(commit([{ kind: 'set-ref', refName: 'main', ...gone }], fullName())).rejects.toMatchObject({
      code: 'not-found',
    })
    await expect(readMove('main', { snapshotId: '123' })).rejects.toMatchObject({ code: 'not-found' })
    const moved = await readMove('main', { snapshotId: first })
    await commit([moved.intent], fullName())
    await expect(commit([rollBack(third, first)], fullName())).rejects.toMatchObject({
      code: 'invalid-request',
    })
  })

  test('is rejected when an append came first, and drops none of its rows (commit-safety 16)', async () => {
    const { intent } = await readMove('main', { snapshotId: first })
    const fourth = await append('d', 3)
    await expect(commit([intent], fullName())).rejects.toMatchObject({
      code: 'commit-conflict',
      facts: { key: 'main', base: third, current: fourth },
    })
    expect((await tips())['main']).toBe(fourth)
  })

  test('forward to a ref is rejected when that ref has moved', async () => {
    await commit([createBranch('audit', first)])
    const { intent } = await readMove('audit', { ref: 'main' })
    await append('d', 3)
    await expect(commit([intent])).rejects.toMatchObject({ code: 'commit-conflict' })
    expect((await tips())['audit']).toBe(first)
  })

  test('keeps every snapshot, and the retention of the branch', async () => {
    const before = await metadataNow()
    await commit([
      { ...createBranch('audit', second), retention: { ...NO_RETENTION, minSnapshotsToKeep: 4 } } as Intent,
    ])
    const { intent } = await readMove('audit', { snapshotId: first })
    await commit([intent], fullName())
    const { refs, snapshots } = await metadataNow()
    expect(snapshots.map(({ snapshotId }) => snapshotId)).toEqual(before.snapshots.map(({ snapshotId }) => snapshotId))
    expect(refs['audit']).toEqual({ type: 'branch', snapshotId: first, minSnapshotsToKeep: 4 })
  })
})

describe('Refs that cannot be changed so', () => {
  test.each([
    ['main renamed', () => ({ kind: 'rename-ref', refName: 'main', snapshotId: third, name: 'x' }), 'invalid-request'],
    [
      'main removed',
      () => ({ kind: 'drop-ref', refName: 'main', type: 'branch', snapshotId: third, safetyTag: null }),
      'invalid-request',
    ],
    ['a name that is taken', () => createBranch('main', first), 'commit-conflict'],
    ['a snapshot that is gone', () => createBranch('x', '123'), 'not-found'],
    [
      'a tag fast-forwarded',
      () => ({ kind: 'fast-forward', refName: 'q1', fromSnapshotId: first, toRefName: 'main', toSnapshotId: third }),
      'invalid-request',
    ],
    [
      'a number of snapshots for a tag',
      () => ({
        kind: 'set-ref-retention',
        refName: 'q1',
        retention: { ...NO_RETENTION, minSnapshotsToKeep: 2 },
        base: NO_RETENTION,
      }),
      'invalid-request',
    ],
  ] as [string, () => Intent, string][])('%s', async (_name, toIntent, code) => {
    await commit([{ ...createBranch('q1', first), type: 'tag' } as Intent])
    await expect(commit([toIntent()], fullName())).rejects.toMatchObject({ code })
    expect(await tips()).toEqual({ main: third, q1: first })
  })

  test('removing the only ref of snapshots warns, and needs the name of the table', async () => {
    await commit([createBranch('audit', third)])
    const { intent } = await readMove('main', { snapshotId: first })
    await commit([{ ...intent, safetyTag: null } as Intent], fullName())
    const drop: Intent = { kind: 'drop-ref', refName: 'audit', type: 'branch', snapshotId: third, safetyTag: null }
    const review = await reviewIntents(home.services.keys, catalog, await catalog.loadTable(identifier), [drop], signal)
    expect(review).toMatchObject({
      needsConfirmation: true,
      warnings: ['Only audit reaches 2 snapshots. An expiry may then remove them.'],
    })
    await expect(commit([drop])).rejects.toMatchObject({ code: 'invalid-request' })
    await commit([drop], fullName())
    expect(await tips()).toEqual({ main: first })
  })
})

describe('Permissions', () => {
  const grants: Grant[] = [
    { permission: 'table:read', resource: {} },
    { permission: 'table:write', resource: {} },
  ]
  const writer: Actor = { ...ANN, grants }

  test('a writer creates tags, and needs table:maintain for everything else', async () => {
    await commit([{ ...createBranch('q1', first), type: 'tag' } as Intent], undefined, writer)
    const refused: Intent[] = [
      createBranch('audit', first),
      { kind: 'roll-back', fromSnapshotId: third, toSnapshotId: first, safetyTag: null },
      { kind: 'drop-ref', refName: 'q1', type: 'tag', snapshotId: first, safetyTag: null },
      { kind: 'rename-ref', refName: 'q1', snapshotId: first, name: 'q2' },
    ]
    for (const intent of refused) {
      await expect(commit([intent], fullName(), writer)).rejects.toMatchObject({ code: 'forbidden' })
    }
    expect(await tips()).toEqual({ main: third, q1: first })
  })

  test('a viewer reads refs and the impact of a move, and commits nothing', async () => {
    const viewer = await signInAs(home.services, 'viewer')
    expect((await send(viewer, 'listRefs', {})).status).toBe(200)
    expect((await send(viewer, 'previewRefMove', { branch: 'main', snapshot: first })).status).toBe(200)
    const intents = [{ kind: 'roll-back', fromSnapshotId: third, toSnapshotId: first, safetyTag: null }]
    expect((await send(viewer, 'commitChanges', { intents, confirmedName: fullName() })).status).toBe(403)
    expect(await tips()).toEqual({ main: third })
  })
})

describe('The list of refs', () => {
  test('has main first, then branches, then tags, with their distance and retention', async () => {
    await commit([
      { ...createBranch('a-tag', first), type: 'tag', retention: { ...NO_RETENTION, maxRefAgeMs: DAY_MS } } as Intent,
      createBranch('old', first),
      createBranch('new', second),
    ])
    const { totalCount, refs, nextOffset } = refPage(await metadataNow(), {})
    expect([totalCount, nextOffset]).toEqual([4, null])
    expect(refs.map(({ name, aheadCount, behindCount }) => [name, aheadCount, behindCount])).toEqual([
      ['main', 0, 0],
      ['new', 0, 1],
      ['old', 0, 2],
      ['a-tag', 0, 2],
    ])
    expect(refs[3]).toMatchObject({ type: 'tag', maxRefAgeMs: DAY_MS, minSnapshotsToKeep: null })
  })
})

async function send(user: SignedInUser, name: string, fields: Record<string, unknown>): Promise<Response> {
  const endpoint = findEndpoint(name)
  const handler = await loadRouteHandler(home.services, endpoint)
  const query = endpoint.method === 'GET' ? `?${new URLSearchParams(fields as Record<string, string>)}` : ''
  const request = new Request(`http://test/x${query}`, {
    method: endpoint.method,
    headers: { cookie: user.cookie, 'content-type': 'application/json' },
    ...(endpoint.method !== 'GET' && { body: JSON.stringify(fields) }),
  })
  const params = { catalog: 'local', namespace: 'demo', table: identifier.table }
  return handler(request, { params: Promise.resolve(params) })
}

async function append(name: string, recordCount: number): Promise<string> {
  const { location } = await metadataNow()
  const { snapshotId } = await appendFiles(home.services.log, {
    catalog,
    store: home.services.stores.catalogStore('local'),
    identifier,
    files: [sampleDataFile(`${location}/data/${name}.parquet`, { recordCount })],
    specId: 0,
    schemaId: 0,
    actor: ANN,
    signal,
  })
  return snapshotId
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Intent } from '@/lib/changes/intents/intent'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import type { PythonSession } from '@/testing/peers/python-session'
import { openPyiceberg } from '@/testing/peers/shared/open-peer'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { commitIntents } from './change-table'
import { undo } from '@/testing/lifecycle/actions'
import { reviewRefDrop, reviewRefMove } from '@/testing/lifecycle/reviews'

/** PyIceberg reads the refs, and the rows at each of them, after every operation of the Snapshots tab. */

const DAY_MS = 86_400_000
const NO_RETENTION = { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null }
const identifier: TableIdentifier = { catalog: 'local', namespace: ['refs'], table: 'trips' }
const signal = new AbortController().signal
const home = createTestHome()
const python = installPyiceberg()

/** Name of a ref: its kind, the ids that a scan of it reads, and its retention. */
type Refs = Record<string, [type: string, ids: readonly number[], maxRefAgeMs: number | null]>

describe.skipIf(python === null)('Operations on refs in PyIceberg (skipped when it is unavailable)', () => {
  let catalog: CatalogClient
  let listener: RestListener
  let session: PythonSession
  let snapshotIds: readonly string[] = []

  beforeAll(async () => {
    catalog = await openTestCatalog(home.services)
    listener = await startRestListener(home.services)
    const token = await createRestTokenAs(home.services, 'admin')
    session = openPyiceberg({ uri: listener.uri, token, warehouse: 'local' })
    snapshotIds = await session.request<string[]>({
      code: `
catalog.create_namespace('refs')
trips = catalog.create_table('refs.trips', schema=pa.schema([('id', pa.int64())]))
for id in (1, 2, 3): trips.append(pa.table({'id': pa.array([id], pa.int64())}))
answer = [str(snapshot.snapshot_id) for snapshot in catalog.load_table('refs.trips').metadata.snapshots]`,
    })
  })
  afterAll(async () => {
    await session?.stop()
    await listener?.stop()
  })

  const readRefs = () =>
    session.request<Refs>({
      code: `
table = catalog.load_table('refs.trips')
def ids(ref): return sorted(table.scan(snapshot_id=ref.snapshot_id).to_arrow()['id'].to_pylist())
answer = {name: [ref.snapshot_ref_type.value, ids(ref), ref.max_ref_age_ms] for name, ref in table.metadata.refs.items()}`,
    })
  const appendInPython = (id: number, branch: string) =>
    session.request({
      code: `catalog.load_table('refs.trips').append(pa.table({'id': pa.array([${id}], pa.int64())}), branch='${branch}')`,
    })
  const load = (): Promise<LoadedTable> => catalog.loadTable(identifier)
  const commit = (...intents: Intent[]) =>
    commitIntents(home.services, identifier, intents, {
      actor: TEST_ACTOR,
      signal,
      requestId: null,
      confirmedName: 'refs.trips',
    })
  const reader = { actor: TEST_ACTOR, signal }
  const move = async (branch: string, to: AsOf) => {
    const requested = { branch, to, safetyTag: null }
    return (await reviewRefMove(home.services, identifier, requested, reader)).intent
  }
  const drop = async (refName: string) => {
    const requested = { refName, safetyTag: { name: 'kept', maxRefAgeMs: null } }
    return (await reviewRefDrop(home.services, identifier, requested, reader)).intent
  }
  const create = (
    refName: string,
    type: 'branch' | 'tag',
    index: number,
    maxRefAgeMs: number | null = null,
  ): Intent => ({
    kind: 'create-ref',
    refName,
    type,
    snapshotId: String(snapshotIds[index]),
    retention: { ...NO_RETENTION, maxRefAgeMs },
  })

  test('creates a branch and a tag with a retention', async () => {
    await commit(create('audit', 'branch', 1), create('q1', 'tag', 0, DAY_MS))
    expect(await readRefs()).toEqual({
      main: ['branch', [1, 2, 3], null],
      audit: ['branch', [1, 2], null],
      q1: ['tag', [1], DAY_MS],
    })
  })

  test('changes a retention and renames', async () => {
    const retention = { minSnapshotsToKeep: 2, maxSnapshotAgeMs: 2 * DAY_MS, maxRefAgeMs: 3 * DAY_MS }
    await commit({ kind: 'set-ref-retention', refName: 'audit', retention, base: NO_RETENTION })
    await commit({ kind: 'rename-ref', refName: 'audit', snapshotId: String(snapshotIds[1]), name: 'checked' })
    expect(await readRefs()).toMatchObject({ checked: ['branch', [1, 2], 3 * DAY_MS] })
    expect(Object.keys(await readRefs()).sort()).toEqual(['checked', 'main', 'q1'])
  })

  test('fast-forwards a branch, and replaces a tag', async () => {
    await commit(await move('checked', { ref: 'main' }))
    await commit(await move('q1', { snapshotId: String(snapshotIds[1]) }))
    expect(await readRefs()).toEqual({
      main: ['branch', [1, 2, 3], null],
      checked: ['branch', [1, 2, 3], 3 * DAY_MS],
      q1: ['tag', [1, 2], DAY_MS],
    })
  })

  test('rolls main back to a time, where PyIceberg appends, and a branch to a snapshot', async () => {
    const { snapshots } = (await load()).metadata
    await commit(await move('main', { atMs: snapshots[1]?.timestampMs ?? 0 }))
    await appendInPython(4, 'main')
    await commit(await move('checked', { snapshotId: String(snapshotIds[0]) }))
    expect(await readRefs()).toEqual({
      main: ['branch', [1, 2, 4], null],
      checked: ['branch', [1], 3 * DAY_MS],
      q1: ['tag', [1, 2], DAY_MS],
    })
  })

  test('sets the current snapshot to one that no ref reaches, and undoes it', async () => {
    const { auditId } = await commit(await move('main', { snapshotId: String(snapshotIds[2]) }))
    expect((await readRefs())['main']).toEqual(['branch', [1, 2, 3], null])
    await undo(home.services, identifier, auditId, {
      actor: TEST_ACTOR,
      signal,
      requestId: null,
      confirmedName: 'refs.trips',
    })
    expect((await readRefs())['main']).toEqual(['branch', [1, 2, 4], null])
  })

  test('removes a branch with snapshots of its own, which the safety tag keeps', async () => {
    await appendInPython(5, 'checked')
    await commit(await drop('checked'))
    expect(await readRefs()).toEqual({
      main: ['branch', [1, 2, 4], null],
      kept: ['tag', [1, 5], null],
      q1: ['tag', [1, 2], DAY_MS],
    })
  })
})

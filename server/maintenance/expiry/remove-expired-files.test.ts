import path from 'node:path'
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ExpiryPreview } from '@/lib/contract/table/expiry'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Intent } from '@/lib/changes/intents/intent'
import { EMPTY_HISTORY } from '@/lib/facts/fold-version'
import { toKnownVersion } from '@/lib/facts/known-version'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { actorFor } from '@/server/auth/actor'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { readFreedBytes } from '@/server/db/facts/freed-event'
import { newHistoryChange, newHistoryId } from '@/server/db/facts/histories'
import { listRuns, requestCancel } from '@/server/db/jobs/runs'
import { appendFiles } from '@/server/table/commit/append-files'
import { commitIntents } from '@/server/changes/actions/change-table'
import { listExpiryFiles } from '@/server/table/expiry/list-files'
import { expiryTotals } from '@/lib/contract/table/expiry-totals'
import { REMOVE_EXPIRED_FILES } from '@/server/table/expiry/queued-removals'
import {
  ALL_BUT_TIPS,
  commitExpiry,
  listTableFiles,
  previewExpiryOf,
  runRemovals,
  withoutCountLimit,
} from '@/testing/catalogs/expire-table'
import { registerExternally } from '@/testing/catalogs/external-writes'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { appendTenRows, ONE_COLUMN_SCHEMA, verifyTable } from '@/testing/catalogs/verify-table'
import { createTestHome } from '@/testing/homes/test-home'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'

const ANN: Actor = actorFor({ userId: 'u1', username: 'ann', role: 'editor' })
const home = createTestHome()
const signal = new AbortController().signal

let catalog: CatalogClient
let identifier: TableIdentifier
let tables = 0
let ids: string[] = []

beforeAll(async () => {
  catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
/** Two of the four snapshots are apart: `main` was rolled back before the last one. */
beforeEach(async () => {
  tables += 1
  identifier = { catalog: 'local', namespace: ['demo'], table: `t${tables}` }
  await catalog.write({ kind: 'create-table', table: identifier, schema: ONE_COLUMN_SCHEMA })
  ids = [await append(), await append(), await append()]
  await commit({ kind: 'roll-back', fromSnapshotId: idAt(2), toSnapshotId: idAt(0), safetyTag: null })
  ids.push(await append())
})

const idAt = (index: number) => ids[index] ?? ''
const append = () => appendTenRows(home.services, identifier)
const load = () => catalog.loadTable(identifier)
const uuid = async () => (await load()).metadata.tableUuid
const filesNow = async () => listTableFiles((await load()).metadata.location)
const commit = (intent: Intent) =>
  commitIntents(home.services, identifier, [intent], {
    actor: ANN,
    signal,
    requestId: null,
    confirmedName: `demo.${identifier.table}`,
  })
const tag = (refName: string, snapshotId: string): Intent => ({
  kind: 'create-ref',
  refName,
  type: 'tag',
  snapshotId,
  retention: { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null },
})
async function beginHistory(): Promise<number> {
  const { metadata, metadataLocation } = await load()
  const { tableUuid } = metadata
  const version = toKnownVersion(metadata)
  const history = { id: newHistoryId(), table: identifier, tableUuid, metadataLocation, version, state: EMPTY_HISTORY }
  await home.database.commit([newHistoryChange({ ...history, droppedAtMs: null })])
  return history.id
}
const preview = (criteria = ALL_BUT_TIPS) => previewExpiryOf(home.services, identifier, ANN, criteria)
const listInTime = async ({ criteria }: Pick<ExpiryPreview, 'criteria'>) =>
  listExpiryFiles(catalog, await load(), criteria, signal)
const list = (shown: Pick<ExpiryPreview, 'criteria'>) => withoutCountLimit(() => listInTime(shown))
const expire = async (criteria = ALL_BUT_TIPS) => commitExpiry(home.services, identifier, ANN, await preview(criteria))
const remove = async () => runRemovals(home.services, await uuid())

describe('The list of the files that go', () => {
  test('has their kinds and sizes, in the order of their locations', async () => {
    const shown = await preview()
    const files = (await list(shown))?.files ?? []
    expect(files.map(({ location }) => location)).toEqual(files.map(({ location }) => location).sort())
    const kinds = Object.groupBy(files, ({ kind }) => kind)
    expect(Object.entries(kinds).map(([kind, some]) => [kind, some.length])).toEqual(
      expect.arrayContaining([
        ['data', 2],
        ['manifest', 2],
        ['manifest-list', 3],
      ]),
    )
    const { dataBytes = 0, metadataBytes = 0 } = shown.files?.removed ?? {}
    expect(files.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? Number.NaN), 0)).toBe(dataBytes + metadataBytes)
    expect(await list({ criteria: { nowMs: 0, olderThanMs: 0 } })).toEqual({ fileCount: 0, files: [] })
  })

  test('is none when reading takes too long, and a failure when a file cannot be read', async () => {
    const shown = await preview()
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort())
    expect(await listInTime(shown)).toBeNull()
    timeout.mockRestore()
    const { metadata, store } = await load()
    await store.remove(metadata.snapshots[0]?.manifestList ?? '')
    await expect(list(shown)).rejects.toMatchObject({ code: 'file-missing' })
  })
})

describe('The removal of expired files', () => {
  test('waits for its time, and then removes exactly what the dry run counted (commit-safety 18)', async () => {
    const before = await filesNow()
    const shown = await preview()
    const listed = await list(shown)
    expect(shown.snapshots).toEqual({ main: 1, others: 0, removed: 3 })
    expect(shown.files?.removed).toMatchObject({ manifestLists: 3, manifests: 2, dataFiles: 2, dataBytes: 200 })
    const historyId = await beginHistory()
    await commitExpiry(home.services, identifier, ANN, shown)
    const [queued] = await listRuns(home.database, { kind: REMOVE_EXPIRED_FILES, table: identifier, limit: 1 })
    expect(queued).toMatchObject({ state: 'queued', actor: { username: 'ann' } })
    expect(queued?.scheduledForMs).toBeGreaterThan(Date.now() + 86_000_000)
    expect(await filesNow()).toEqual(before)

    const run = await remove()
    expect(run).toMatchObject({ state: 'succeeded', outcome: { filesRetained: 0 } })
    if (shown.files === null) throw new Error('the files were not counted')
    const { fileCount, sizeBytes } = expiryTotals(shown.files)
    expect(run.outcome).toMatchObject({ filesRemoved: fileCount, bytesRemoved: sizeBytes })
    const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }
    expect(await readFreedBytes(home.database, { of: { tableIds: [historyId] }, ...range })).toBe(sizeBytes)
    expect(await readFreedBytes(home.database, { of: { tableIds: [historyId + 1] }, ...range })).toBe(0)
    const after = await filesNow()
    expect(after.length).toBe(before.length - fileCount)
    const gone = before.filter((name) => !after.includes(name))
    expect(listed?.fileCount).toBe(fileCount)
    expect(listed?.files.map(({ location }) => path.posix.basename(location)).sort()).toEqual(gone)
    expect(await verifyTable(home.services, identifier)).toMatchObject({ rows: 20 })
  })

  test('removes nothing that a tag or a branch still reaches, explicit ids or not (commit-safety 17, 18)', async () => {
    await commit(tag('kept', idAt(1)))
    await commit({ ...tag('fix', idAt(2)), type: 'branch' } as Intent)
    const shown = await preview({ snapshotIds: [idAt(0)] })
    expect(shown.intent).toMatchObject({ snapshotIds: [idAt(0)] })
    expect(shown.files?.removed).toMatchObject({ manifestLists: 1, manifests: 0, dataFiles: 0 })
    await commitExpiry(home.services, identifier, ANN, shown)
    expect(await remove()).toMatchObject({ state: 'succeeded', outcome: { filesRemoved: 1 } })
    await verifyTable(home.services, identifier)
    await expect(preview({ snapshotIds: [idAt(1)] })).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('kept'),
    })
  })

  test('keeps a file that a commit since the expiry names again', async () => {
    await expire()
    const { metadata } = await load()
    const again = `${metadata.location}/data/${idAt(1)}.parquet`
    await appendFiles(home.services.log, {
      catalog,
      store: home.services.stores.catalogStore('local'),
      identifier,
      files: [sampleDataFile(again)],
      specId: 0,
      schemaId: 0,
      actor: TEST_ACTOR,
      signal,
    })
    await remove()
    expect(await filesNow()).toContain(`${idAt(1)}.parquet`)
    expect(await filesNow()).not.toContain(`${idAt(2)}.parquet`)
    expect(await verifyTable(home.services, identifier)).toMatchObject({ rows: 30 })
  })

  test('keeps what another table of the same location reaches, however it was registered', async () => {
    const { metadataLocation } = await load()
    await expire()
    await registerExternally(home.database, { ...identifier, table: `${identifier.table}_again` }, metadataLocation)
    const before = await filesNow()
    expect(await remove()).toMatchObject({ state: 'succeeded', outcome: { filesRemoved: 0 } })
    expect(await filesNow()).toEqual(before)
  })

  test('is refused while a table of the same location cannot be read', async () => {
    const { metadata } = await load()
    await expire()
    const other = { ...identifier, table: `${identifier.table}_damaged` }
    await registerExternally(home.database, other, `${metadata.location}/metadata/none.metadata.json`)
    const before = await filesNow()
    expect(await remove()).toMatchObject({
      state: 'failed',
      error: { code: 'file-missing', facts: { filesRemoved: 0 } },
    })
    expect(await filesNow()).toEqual(before)
  })

  test('is refused once the table says that others may use its files (commit-safety 20)', async () => {
    await expire()
    await commit({ kind: 'set-property', key: 'gc.enabled', value: 'false', base: null })
    const before = await filesNow()
    expect(await remove()).toMatchObject({ state: 'failed', error: { code: 'not-supported' } })
    expect(await filesNow()).toEqual(before)
    await expect(preview()).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('gc.enabled'),
    })
  })

  test('leaves files outside the folders of the table, and says which', async () => {
    const outside = `${home.config.warehouse}/elsewhere/x${tables}.parquet`
    const store = home.services.stores.catalogStore('local')
    await store.writeNew(outside, new Uint8Array(100))
    const files = [sampleDataFile(outside)]
    const base = { catalog, store, identifier, specId: 0, schemaId: 0, actor: TEST_ACTOR, signal }
    const tip = (await load()).metadata.currentSnapshotId ?? ''
    await appendFiles(home.services.log, { ...base, files })
    const added = (await load()).metadata.currentSnapshotId ?? ''
    await commit({ kind: 'roll-back', fromSnapshotId: added, toSnapshotId: tip, safetyTag: null })
    const shown = await preview()
    if (shown.files === null) throw new Error('the files were not counted')
    expect(shown.files.retained).toEqual({ fileCount: 1, sizeBytes: files[0]?.fileSizeBytes })
    const listed = await list(shown)
    expect(listed?.fileCount).toBe(expiryTotals(shown.files).fileCount)
    expect(listed?.files.map(({ location }) => location)).not.toContain(outside)
    await commitExpiry(home.services, identifier, ANN, shown)
    const run = await remove()
    const { fileCount, sizeBytes } = expiryTotals(shown.files)
    expect(run).toMatchObject({
      state: 'succeeded',
      outcome: { filesRetained: 1, filesRemoved: fileCount, bytesRemoved: sizeBytes },
    })
    expect(await store.sizeBytes(outside)).toBe(100)
  })

  test('leaves what is in the folder of another table within the table’s, as the dry run says', async () => {
    const { metadata } = await load()
    const store = home.services.stores.catalogStore('local')
    const location = `${metadata.location}/nested`
    const nested = { ...metadata, location, tableUuid: crypto.randomUUID(), snapshots: [], refs: {}, snapshotLog: [] }
    const metadataLocation = `${location}/metadata/00000-a.metadata.json`
    await store.writeNew(
      metadataLocation,
      Buffer.from(writeTableMetadata({ ...nested, currentSnapshotId: null, metadataLog: [], statistics: [] })),
    )
    await registerExternally(home.database, { ...identifier, table: `${identifier.table}_nested` }, metadataLocation)
    const inside = `${location}/data/x.parquet`
    await store.writeNew(inside, new Uint8Array(100))
    const files = [sampleDataFile(inside)]
    const tip = metadata.currentSnapshotId ?? ''
    const base = { catalog, store, identifier, specId: 0, schemaId: 0, actor: TEST_ACTOR, signal }
    await appendFiles(home.services.log, { ...base, files })
    const added = (await load()).metadata.currentSnapshotId ?? ''
    await commit({ kind: 'roll-back', fromSnapshotId: added, toSnapshotId: tip, safetyTag: null })
    const shown = await preview()
    if (shown.files === null) throw new Error('the files were not counted')
    const left = { fileCount: 1, sizeBytes: files[0]?.fileSizeBytes }
    expect(shown.files).toMatchObject({ retained: left, nested: left })
    expect((await list(shown))?.fileCount).toBe(expiryTotals(shown.files).fileCount)
    await commitExpiry(home.services, identifier, ANN, shown)
    expect(await remove()).toMatchObject({
      state: 'succeeded',
      outcome: { filesRetained: 1, filesRemoved: expiryTotals(shown.files).fileCount },
    })
    expect(await store.sizeBytes(inside)).toBe(100)
  })

  test('is not counted in the dry run while another table in the folder cannot be read', async () => {
    const { location } = (await load()).metadata
    const metadataLocation = `${location}/nested/metadata/none.metadata.json`
    await registerExternally(home.database, { ...identifier, table: `${identifier.table}_gone` }, metadataLocation)
    const { intent, files, filesProblem } = await preview()
    expect([intent?.kind, files]).toEqual(['expire-snapshots', null])
    expect(filesProblem).toContain('Another table that shares the folder cannot be read')
    expect(filesProblem).not.toContain('nested')
  })

  test('finds a table under its new name, and leaves the files of one that was dropped', async () => {
    await expire()
    const tableUuid = await uuid()
    const renamed = { ...identifier, table: `${identifier.table}_renamed` }
    await catalog.write({ kind: 'rename-table', table: identifier, to: renamed })
    expect(await runRemovals(home.services, tableUuid)).toMatchObject({ outcome: { filesRemoved: 7 } })

    identifier = renamed
    await append()
    await expire()
    const { location } = (await load()).metadata
    const before = listTableFiles(location)
    await catalog.write({ kind: 'drop-table', table: identifier })
    expect(await runRemovals(home.services, tableUuid)).toMatchObject({
      state: 'succeeded',
      outcome: { filesRemoved: 0 },
    })
    expect(listTableFiles(location)).toEqual(before)
  })

  test('keeps a file that a commit names while it is on its way, and goes on', async () => {
    await expire()
    const { metadata } = await load()
    const store = home.services.stores.catalogStore('local')
    const again = `${metadata.location}/data/${idAt(2)}.parquet`
    const base = { catalog, store, identifier, specId: 0, schemaId: 0, actor: TEST_ACTOR, signal }
    // The commit comes after the retained files were read, right before the first manifest of an expired snapshot is.
    const read = store.read.bind(store)
    let isCommitted = false
    const spy = vi.spyOn(store, 'read').mockImplementation(async (location, options) => {
      if (!isCommitted && location.includes(`snap-${idAt(1)}-`)) {
        isCommitted = true
        await appendFiles(home.services.log, { ...base, files: [sampleDataFile(again)] })
      }
      return read(location, options)
    })
    const run = await remove()
    spy.mockRestore()
    expect(isCommitted).toBe(true)
    expect(run).toMatchObject({ state: 'succeeded', outcome: { filesRemoved: 6 } })
    expect(await filesNow()).toContain(`${idAt(2)}.parquet`)
    expect(await verifyTable(home.services, identifier)).toMatchObject({ rows: 30 })
  })

  test('is cancelled before it begins and while it is on its way, and removes nothing more', async () => {
    await expire()
    const [queued] = await listRuns(home.database, { kind: REMOVE_EXPIRED_FILES, table: identifier, limit: 1 })
    const before = await filesNow()
    const store = home.services.stores.catalogStore('local')
    const read = store.read.bind(store)
    const spy = vi.spyOn(store, 'read').mockImplementation(async (location, options) => {
      await requestCancel(home.database, queued?.id ?? '')
      // The worker reads the request when it renews its lease.
      if (location.includes(`snap-${idAt(1)}-`)) await vi.waitUntil(() => options?.signal?.aborted, 20_000)
      return read(location, options)
    })
    expect(await remove()).toMatchObject({ state: 'cancelled' })
    spy.mockRestore()
    expect(await filesNow()).toEqual(before)
  })

  test('keeps what a later expiry removed, until that one is due', async () => {
    await expire({ snapshotIds: [idAt(1)] })
    await expire({ snapshotIds: [idAt(2)] })
    const tableUuid = await uuid()
    const [later, earlier] = await listRuns(home.database, { kind: REMOVE_EXPIRED_FILES, table: identifier, limit: 2 })
    expect(later?.id).not.toBe(earlier?.id)
    // The third snapshot has the file of the second.
    const run = await runRemovals(home.services, tableUuid)
    expect(run.outcome).toMatchObject({ filesRemoved: 3 })
    expect(await filesNow()).toContain(`${idAt(1)}.parquet`)
    expect(await filesNow()).not.toContain(`${idAt(2)}.parquet`)
  })
})

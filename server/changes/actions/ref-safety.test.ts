import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { groupByRetention } from '@/lib/changes/impact/expiry-impact'
import { reachedFiles } from '@/lib/changes/impact/reached-files'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Intent } from '@/lib/changes/intents/intent'
import { expireSnapshots } from '@/testing/iceberg/expiry-change'
import { readManifestEntries, readSnapshotManifests } from '@/lib/scan/snapshot-manifests'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { createManifestSource, readLiveFiles } from '@/server/table/files/live-files'
import { appendFiles } from '@/server/table/commit/append-files'
import { commitIntents } from './change-table'

/** The promises of moves of branches and tags when something else happens to the table. */

const home = createTestHome()
const signal = new AbortController().signal
let catalog: CatalogClient
let identifier: TableIdentifier
let tables = 0
let [first, second, third] = ['', '', '']

beforeAll(async () => {
  catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
beforeEach(async () => {
  tables += 1
  identifier = { catalog: 'local', namespace: ['demo'], table: `safe${tables}` }
  await createTable(identifier)
  first = await append(identifier, 'a')
  second = await append(identifier, 'b')
  third = await append(identifier, 'c')
})

describe('A rollback', () => {
  test('and an expiry after it leave every file that a branch or a tag reaches (commit-safety 17, 18)', async () => {
    await commit(identifier, [rollBack({ name: 'before', maxRefAgeMs: null })])
    const fourth = await append(identifier, 'd')
    const before = await catalog.loadTable(identifier)
    const { retention, change } = expireSnapshots(before.metadata, { nowMs: Date.now(), olderThanMs: Date.now() + 1 })
    const source = createManifestSource(home.services.manifestCache, before, { store: before.store, signal })
    const groups = groupByRetention(before.metadata, retention, {
      async *readManifests(snapshot) {
        yield* await readSnapshotManifests({ metadata: before.metadata, snapshot }, source)
      },
      async *readFiles(manifest) {
        for (const { status, dataFile } of await readManifestEntries(before.metadata, manifest, source))
          if (status !== 'deleted') yield dataFile
      },
    })
    const gone: string[] = []
    for await (const { group, kind, location } of reachedFiles(groups)) {
      if (group === 'removed' && kind !== 'data' && kind !== 'deletes') gone.push(location)
    }
    expect(gone.length).toBeGreaterThan(0)
    await catalog.write(
      { kind: 'commit-table', table: identifier, change: () => change! },
      { alongside: () => [], signal },
    )
    for (const location of gone) await before.store.remove(location)

    const table = await catalog.loadTable(identifier)
    const { refs, snapshots } = table.metadata
    expect(Object.fromEntries(Object.entries(refs).map(([name, { snapshotId }]) => [name, snapshotId]))).toEqual({
      main: fourth,
      before: third,
    })
    expect(snapshots.map(({ snapshotId }) => snapshotId)).toEqual([third, fourth])
    const files = await Promise.all(snapshots.map((snapshot) => fileNames(table, snapshot)))
    expect(files).toEqual([
      ['a', 'b', 'c'],
      ['a', 'd'],
    ])
  })

  test('never reaches a table that was created again under the name (commit-safety 22)', async () => {
    const { metadata } = await catalog.loadTable(identifier)
    await catalog.write({ kind: 'drop-table', table: identifier })
    await createTable(identifier)
    const other = await append(identifier, 'a')
    await expect(commit(identifier, [rollBack(null)])).rejects.toMatchObject({ code: 'commit-conflict' })
    const created = (await catalog.loadTable(identifier)).metadata
    expect(created.tableUuid).not.toBe(metadata.tableUuid)
    expect(created.refs['main']?.snapshotId).toBe(other)
  })

  test('of a table that was renamed meanwhile is refused under the old name (commit-safety 23)', async () => {
    const renamed = { ...identifier, table: `renamed${tables}` }
    await catalog.write({ kind: 'rename-table', table: identifier, to: renamed })
    await expect(commit(identifier, [rollBack(null)])).rejects.toMatchObject({ code: 'not-found' })
    expect(await mainOf(renamed)).toBe(third)
    await commit(renamed, [rollBack(null)])
    expect(await mainOf(renamed)).toBe(first)
  })

  test('takes no rows from a reader that began before it (commit-safety 32)', async () => {
    const table = await catalog.loadTable(identifier)
    await commit(identifier, [rollBack(null)])
    const [, , tip] = table.metadata.snapshots
    expect(await fileNames(table, tip!)).toEqual(['a', 'b', 'c'])
  })
})

describe('Many clients', () => {
  test('that move one branch at once: one succeeds, and the error of the other says where it is now (commit-safety 16)', async () => {
    const moves = [first, second].map(
      (toSnapshotId): Intent => ({
        kind: 'set-ref',
        refName: 'main',
        fromSnapshotId: third,
        toSnapshotId,
        safetyTag: null,
      }),
    )
    const outcomes = await Promise.allSettled(moves.map((move) => commit(identifier, [move])))
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const refused = outcomes.find((outcome) => outcome.status === 'rejected')
    expect(refused?.reason).toMatchObject({
      code: 'commit-conflict',
      facts: { key: 'main', base: third, current: await mainOf(identifier) },
    })
  })

  test('that move different branches at once all succeed (commit-safety 16)', async () => {
    const retention = { minSnapshotsToKeep: null, maxSnapshotAgeMs: null, maxRefAgeMs: null }
    const names = ['a', 'b', 'c', 'd']
    await commit(
      identifier,
      names.map((refName): Intent => ({ kind: 'create-ref', refName, type: 'branch', snapshotId: third, retention })),
    )
    const move = (refName: string): Intent => ({
      kind: 'set-ref',
      refName,
      fromSnapshotId: third,
      toSnapshotId: first,
      safetyTag: null,
    })
    await Promise.all(names.map((refName) => commit(identifier, [move(refName)])))
    const { refs } = (await catalog.loadTable(identifier)).metadata
    expect(names.map((name) => refs[name]?.snapshotId)).toEqual(names.map(() => first))
  })
})

function rollBack(safetyTag: { name: string; maxRefAgeMs: null } | null): Intent {
  return { kind: 'roll-back', fromSnapshotId: third, toSnapshotId: first, safetyTag }
}

function commit(table: TableIdentifier, intents: readonly Intent[]) {
  const confirmedName = `demo.${table.table}`
  return commitIntents(home.services, table, intents, { actor: TEST_ACTOR, signal, requestId: null, confirmedName })
}

async function mainOf(table: TableIdentifier): Promise<string | null> {
  return (await catalog.loadTable(table)).metadata.currentSnapshotId
}

type Loaded = Awaited<ReturnType<CatalogClient['loadTable']>>

async function fileNames(table: Loaded, snapshot: Loaded['metadata']['snapshots'][number]): Promise<string[]> {
  const files = await readLiveFiles(home.services.manifestCache, table, snapshot, { store: table.store, signal })
  return files.map(({ dataFile }) => /([^/]+)\.parquet$/.exec(dataFile.filePath)?.[1] ?? '').sort()
}

async function createTable(table: TableIdentifier): Promise<void> {
  const fields = [{ id: 1, name: 'id', required: false, type: 'long' as const }]
  await catalog.write({
    kind: 'create-table',
    table,
    schema: { schemaId: 0, identifierFieldIds: [], fields },
    properties: {},
  })
}

async function append(table: TableIdentifier, name: string): Promise<string> {
  const { metadata, store } = await catalog.loadTable(table)
  const { snapshotId } = await appendFiles(home.services.log, {
    catalog,
    store,
    identifier: table,
    files: [sampleDataFile(`${metadata.location}/data/${name}.parquet`, { recordCount: 10 })],
    specId: 0,
    schemaId: 0,
    actor: TEST_ACTOR,
    signal,
  })
  return snapshotId
}

import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { beforeWrites } from '@/testing/catalogs/before-writes'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { DataFile, ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import { EMPTY_METRICS, sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { grantsOfRole } from '@/lib/permissions'
import { createTestHome } from '@/testing/homes/test-home'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { CatalogWrite, WriteKind, WriteOptions, WriteResult } from '@/server/catalog/port/catalog-write'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { Catalogs } from '@/server/catalog/catalogs'
import { listAudit } from '@/server/db/audit-list'
import type { ObjectStore } from '@/server/storage/object-store'
import { type AppendRequest, appendFiles } from './append-files'
import { newSnapshotId } from './run-operation'
import { avroCodecs } from '../../codecs/avro-codecs'
import { readManifest, readManifestList } from '@/testing/iceberg/read-at-once'

const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }

const home = createTestHome()

let store: ObjectStore
let catalog: CatalogClient
let table: LoadedTable
let identifier: TableIdentifier
let tables = 0

beforeAll(async () => {
  store = home.services.stores.catalogStore('local')
  catalog = await home.services.catalogs.open('local', ANN)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
beforeEach(async () => {
  tables += 1
  identifier = { catalog: 'local', namespace: ['demo'], table: `t${tables}` }
  table = await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: {
      schemaId: 0,
      identifierFieldIds: [],
      fields: [
        { id: 1, name: 'id', required: false, type: 'long' },
        { id: 2, name: 'origin', required: false, type: 'string' },
      ],
    },
    partitionSpec: { specId: 0, fields: [{ sourceId: 2, fieldId: 1000, name: 'origin', transform: 'identity' }] },
    properties: { 'commit.retry.num-retries': '10' },
  })
})

function file(name: string, origin: string | null = 'ABQ', recordCount = 10): DataFile {
  return sampleDataFile(`${table.metadata.location}/data/${name}.parquet`, {
    partition: [origin],
    recordCount,
    fileSizeBytes: 1000,
    metrics: { ...EMPTY_METRICS, valueCounts: new Map([[1, recordCount]]), nullValueCounts: new Map([[1, 0]]) },
  })
}

const append = (files: readonly DataFile[], options: Partial<AppendRequest> = {}) =>
  appendFiles(home.services.log, {
    catalog,
    store,
    identifier,
    files,
    specId: 0,
    schemaId: 0,
    actor: ANN,
    requestId: 'r1',
    signal: new AbortController().signal,
    ...options,
  })

/** Reads back the manifests of the tip: paths and sequence numbers. */
async function liveFiles() {
  const { manifests } = await tipManifests()
  const entries = await liveEntries()
  const found = entries.map(({ dataFile, sequenceNumber }) => ({
    name: path.basename(dataFile.filePath, '.parquet'),
    sequenceNumber,
  }))
  return { found, manifests }
}

async function tipManifests() {
  const { metadata } = await catalog.loadTable(identifier)
  const tip = metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.currentSnapshotId)
  const location = tip?.manifestList ?? ''
  return { metadata, manifests: readManifestList(await store.read(location), avroCodecs, { location }) }
}

async function liveEntries() {
  const { metadata, manifests } = await tipManifests()
  const { partitionSpecs: specs, schemas } = metadata
  const entries: ManifestEntry[] = []
  for (const manifest of manifests) {
    const bytes = await store.read(manifest.manifestPath)
    expect(bytes.length).toBe(manifest.manifestLengthBytes)
    entries.push(...readManifest(bytes, manifest, { specs, schemas }, avroCodecs).entries)
  }
  return entries
}

const metadataFiles = () => readdir(path.join(home.config.homeDir, 'warehouse', 'demo', identifier.table, 'metadata'))

describe('Appending files', () => {
  test('to an empty table creates its first snapshot, with complete counts', async () => {
    const { snapshotId, table: after } = await append([file('a'), file('b', 'JFK'), file('c', null)], {
      summary: { 'engine-name': 'lakeshore', operation: 'never' },
    })
    expect(after.metadata).toMatchObject({
      currentSnapshotId: snapshotId,
      lastSequenceNumber: 1,
      refs: { main: { snapshotId, type: 'branch' } },
      snapshotLog: [{ snapshotId }],
      snapshots: [{ snapshotId, parentSnapshotId: null, sequenceNumber: 1, schemaId: 0 }],
    })
    expect(after.metadata.snapshots[0]?.summary).toEqual({
      operation: 'append',
      'engine-name': 'lakeshore',
      'added-data-files': '3',
      'added-records': '30',
      'added-files-size': '3000',
      'changed-partition-count': '3',
      'total-records': '30',
      'total-files-size': '3000',
      'total-data-files': '3',
      'total-delete-files': '0',
      'total-position-deletes': '0',
      'total-equality-deletes': '0',
    })
    expect((await liveFiles()).found).toEqual(['a', 'b', 'c'].map((name) => ({ name, sequenceNumber: 1 })))
  })

  test('carries the existing manifests over unchanged', async () => {
    await append([file('a')])
    const before = await liveFiles()
    const { table: after } = await append([file('b')])
    const { found, manifests } = await liveFiles()
    expect(manifests.slice(1)).toEqual(before.manifests)
    expect(found).toEqual([
      { name: 'b', sequenceNumber: 2 },
      { name: 'a', sequenceNumber: 1 },
    ])
    expect(after.metadata.snapshots[1]?.summary).toMatchObject({ 'total-records': '20', 'total-data-files': '2' })
  })

  test('writes an audit row and the caller’s changes with the commit', async () => {
    const { auditId, snapshotId } = await append([file('a')], {
      alongside: ({ after }) => [rawChange('INSERT INTO workers VALUES (?, 0)', [after.metadata.tableUuid])],
    })
    const [entry] = await listAudit(home.database, { tableUuid: table.metadata.tableUuid, limit: 5 })
    expect(entry).toMatchObject({
      id: auditId,
      actor: { userId: 'u1', username: 'ann' },
      action: 'append',
      table: identifier,
      requestId: 'r1',
      before: { metadataLocation: table.metadataLocation, refs: { main: null } },
      after: { refs: { main: snapshotId } },
    })
    expect(
      await home.database.read(rawQuery('SELECT 1 FROM workers WHERE id = ?', [table.metadata.tableUuid])),
    ).toHaveLength(1)
  })

  test('keeps the retention settings of the branch', async () => {
    const { snapshotId } = await append([file('a')])
    const main = { snapshotId, type: 'branch' as const, minSnapshotsToKeep: 7, maxSnapshotAgeMs: 1000 }
    await catalog.write({
      kind: 'commit-table',
      table: identifier,
      change: {
        requirements: [],
        updates: [{ action: 'set-snapshot-ref', refName: 'main', ...main }],
      },
    })
    const { table: after, snapshotId: next } = await append([file('b')])
    expect(after.metadata.refs.main).toEqual({ ...main, snapshotId: next })
  })

  test('leaves out a total that the parent’s writer left out', async () => {
    const { snapshotId } = await append([file('a')])
    const { metadata } = await catalog.loadTable(identifier)
    const [first] = metadata.snapshots
    if (!first) throw new Error('no snapshot')
    const bare = {
      ...first,
      snapshotId: newSnapshotId(),
      parentSnapshotId: snapshotId,
      sequenceNumber: 2,
      summary: { operation: 'append' },
    }
    await catalog.write({
      kind: 'commit-table',
      table: identifier,
      change: {
        requirements: [],
        updates: [
          { action: 'add-snapshot', snapshot: bare },
          { action: 'set-snapshot-ref', refName: 'main', snapshotId: bare.snapshotId, type: 'branch' },
        ],
      },
    })
    const { table: after } = await append([file('b')])
    expect(after.metadata.snapshots[2]?.summary).not.toHaveProperty('total-records')
    expect(after.metadata.snapshots[2]?.summary).toMatchObject({ 'added-records': '10' })
  })

  test('requires a schema and a spec of the table, files inside the warehouse, and an active request', async () => {
    await expect(append([file('a')], { specId: 9 })).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(append([file('a')], { schemaId: 9 })).rejects.toMatchObject({ code: 'invalid-request' })
    const outside = { ...file('a'), filePath: 'file:///etc/passwd' }
    await expect(append([outside])).rejects.toMatchObject({ code: 'location-refused' })
    await expect(append([file('a')], { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' })
    expect(await metadataFiles()).toHaveLength(1)
  })

  test('uses snapshot ids of up to 63 bits, never the same twice', () => {
    const ids = Array.from({ length: 1000 }, newSnapshotId)
    expect(new Set(ids).size).toBe(1000)
    expect(ids.every((id) => BigInt(id) > 0n && BigInt(id) < 1n << 63n)).toBe(true)
    expect(ids.some((id) => BigInt(id) > 1n << 53n)).toBe(true)
  })
})

describe('When others commit at the same time', () => {
  test('every append is applied once on top of the others, and the lists of lost attempts are removed', async () => {
    const names = Array.from({ length: 6 }, (_, i) => `f${i}`)
    const appended = await Promise.all(names.map((name) => append([file(name)])))
    const { found } = await liveFiles()
    expect(found.map(({ name }) => name).sort()).toEqual(names)
    expect(found.map(({ sequenceNumber }) => sequenceNumber)).toEqual([6, 5, 4, 3, 2, 1])
    const { metadata } = await catalog.loadTable(identifier)
    expect(new Set(metadata.snapshotLog.map(({ snapshotId }) => snapshotId))).toEqual(
      new Set(appended.map(({ snapshotId }) => snapshotId)),
    )
    expect(metadata.snapshots.at(-1)?.summary['total-records']).toBe('60')
    const remaining = await metadataFiles()
    expect(remaining.filter((name) => name.startsWith('snap-'))).toHaveLength(6)
    expect(remaining.filter((name) => /-m\d+\.avro$/.test(name))).toHaveLength(6)
    expect(remaining.filter((name) => name.endsWith('.metadata.json'))).toHaveLength(7)
  })

  test('a schema change in between does not stop an append', async () => {
    const schema = {
      schemaId: 1,
      identifierFieldIds: [],
      fields: [
        ...(table.metadata.schemas[0]?.fields ?? []),
        { id: 3, name: 'added', required: false, type: 'int' as const },
      ],
    }
    const { table: after } = await append([file('a')], {
      beforeWrite: once(async () => {
        await catalog.write({
          kind: 'commit-table',
          table: identifier,
          change: {
            requirements: [],
            updates: [
              { action: 'add-schema', schema },
              { action: 'set-current-schema', schemaId: -1 },
            ],
          },
        })
      }),
    })
    expect(after.metadata).toMatchObject({ currentSchemaId: 1, snapshots: [{ schemaId: 1 }] })
    expect((await liveFiles()).found).toHaveLength(1)
  })

  test('a partition spec that is removed in between stops an append, because its manifest would be unreadable', async () => {
    const changingCatalog = beforeWrites(catalog, 'commit-table', async () => {
      await catalog.write({
        kind: 'commit-table',
        table: identifier,
        change: {
          requirements: [],
          updates: [
            { action: 'add-spec', spec: { specId: 1, fields: [] } },
            { action: 'set-default-spec', specId: -1 },
            { action: 'remove-partition-specs', specIds: [0] },
          ],
        },
      })
    })
    await expect(append([file('a')], { catalog: changingCatalog })).rejects.toThrow(
      expect.objectContaining({ code: 'commit-conflict' }),
    )
    expect((await catalog.loadTable(identifier)).metadata.snapshots).toEqual([])
    expect((await metadataFiles()).filter((name) => name.endsWith('.avro'))).toEqual([])
  })

  test('a table that was dropped and created again is not appended to', async () => {
    const replaced = append([file('a')], {
      beforeWrite: once(async () => {
        await catalog.write({ kind: 'drop-table', table: identifier })
        await catalog.write({
          kind: 'create-table',
          table: identifier,
          schema: table.metadata.schemas[0] ?? unreachable(),
        })
      }),
    })
    await expect(replaced).rejects.toMatchObject({ code: 'commit-conflict' })
    expect((await catalog.loadTable(identifier)).metadata.snapshots).toEqual([])
    expect((await metadataFiles()).filter((name) => name.endsWith('.avro'))).toEqual([])
  })
})

describe('Appending to a table with many manifests', () => {
  beforeEach(async () => {
    const updates = { 'commit.manifest.min-count-to-merge': '3' }
    const change = { requirements: [], updates: [{ action: 'set-properties' as const, updates }] }
    await catalog.write({ kind: 'commit-table', table: identifier, change })
  })
  /** Locations of manifests that a snapshot lists, and of all that were written. */
  const manifestFiles = async () => {
    const { metadata } = await catalog.loadTable(identifier)
    const listed = new Set<string>()
    for (const { manifestList } of metadata.snapshots) {
      const location = manifestList ?? ''
      for (const { manifestPath } of readManifestList(await store.read(location), avroCodecs, { location }))
        listed.add(path.basename(manifestPath))
    }
    const written = (await metadataFiles()).filter((name) => /-m\d+\.avro$/.test(name))
    return { listed: [...listed].sort(), written: written.sort() }
  }

  test('merges them, and leaves no file that no snapshot lists', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await append([file(name)])
    const { found, manifests } = await liveFiles()
    expect(manifests.map(({ existingFilesCount }) => existingFilesCount)).toEqual([0, 2])
    expect(found).toEqual([
      { name: 'd', sequenceNumber: 4 },
      { name: 'a', sequenceNumber: 1 },
      { name: 'b', sequenceNumber: 2 },
      { name: 'c', sequenceNumber: 3 },
    ])
    const { listed, written } = await manifestFiles()
    expect(written).toEqual(listed)
    expect(written).toHaveLength(4)
  })

  test('merges again after a conflict, and removes the manifests of the lost attempt', async () => {
    await append([file('a')])
    await append([file('b')])
    const commitElsewhere = once(async () => {
      await appendFiles(home.services.log, {
        catalog: await openSecondCatalog(),
        store,
        identifier,
        files: [file('other')],
        specId: 0,
        schemaId: 0,
        actor: ANN,
        mergesManifests: false,
        signal: new AbortController().signal,
      })
    })
    const announced: string[] = []
    await append([file('c')], {
      beforeWrite: async (location) => {
        announced.push(path.basename(location))
        if (location.includes('/snap-')) await commitElsewhere()
      },
    })
    const { found, manifests } = await liveFiles()
    expect(manifests.map(({ addedFilesCount, existingFilesCount }) => [addedFilesCount, existingFilesCount])).toEqual([
      [1, 3],
    ])
    expect(found.map(({ name }) => name)).toEqual(['a', 'b', 'other', 'c'])
    const { listed, written } = await manifestFiles()
    expect(written).toEqual(listed)
    // The manifest of the added file, and a merged one of each attempt.
    expect(announced.filter((name) => /-m\d+\.avro$/.test(name))).toHaveLength(3)
  })

  test('leaves nothing of a merge if the append fails', async () => {
    await append([file('a')])
    await append([file('b')])
    const before = await metadataFiles()
    const refusing = beforeWrites(catalog, 'commit-table', async ({ change }) => {
      if (typeof change === 'function') await change(await catalog.loadTable(identifier))
      throw new AppError('catalog-unavailable', 'cut')
    })
    await expect(append([file('c')], { catalog: refusing })).rejects.toMatchObject({ code: 'catalog-unavailable' })
    expect(await metadataFiles()).toEqual(before)
  })
})

describe('Appending to a table of format v3', () => {
  beforeEach(async () => {
    await catalog.write({
      kind: 'commit-table',
      table: identifier,
      change: {
        requirements: [],
        updates: [{ action: 'upgrade-format-version', formatVersion: 3 }],
      },
    })
  })
  const rowIds = async () =>
    (await liveEntries()).map(({ dataFile }) => [dataFile.firstRowId, dataFile.recordCount] as const)

  test('gives new rows the table’s next row ids, without a gap', async () => {
    await append([file('a'), file('b', 'JFK', 5)])
    const { table: after } = await append([file('c', null, 7)])
    expect(after.metadata).toMatchObject({
      nextRowId: '22',
      snapshots: [
        { firstRowId: '0', addedRows: '15' },
        { firstRowId: '15', addedRows: '7' },
      ],
    })
    expect(await rowIds()).toEqual([
      ['15', 7],
      ['0', 10],
      ['10', 5],
    ])
  })

  test('by many writers at once gives no row id twice', async () => {
    await Promise.all(Array.from({ length: 6 }, (_, i) => append([file(`f${i}`, 'ABQ', i + 1)])))
    const assignedIds = (await rowIds()).toSorted(([a], [b]) => Number(a) - Number(b))
    let next = 0
    for (const [first, count] of assignedIds) {
      expect(Number(first)).toBe(next)
      next += count
    }
    const { metadata } = await catalog.loadTable(identifier)
    expect([next, metadata.nextRowId]).toEqual([21, '21'])
    for (const [i, snapshot] of metadata.snapshots.entries()) {
      const { firstRowId = '', addedRows = '' } = metadata.snapshots[i - 1] ?? { firstRowId: '0', addedRows: '0' }
      expect(Number(snapshot.firstRowId)).toBe(Number(firstRowId) + Number(addedRows))
    }
  })

  test('does not reuse the row ids of rows that were rolled back', async () => {
    const { snapshotId } = await append([file('a')])
    await append([file('gone')])
    await catalog.write({
      kind: 'commit-table',
      table: identifier,
      change: {
        requirements: [],
        updates: [{ action: 'set-snapshot-ref', refName: 'main', snapshotId, type: 'branch' }],
      },
    })
    const { table: after } = await append([file('b', 'JFK', 1)])
    expect(after.metadata.nextRowId).toBe('21')
    expect(await rowIds()).toEqual([
      ['20', 1],
      ['0', 10],
    ])
  })

  test('starts above the row ids that another branch took in the meantime', async () => {
    const { snapshotId } = await append([file('a')])
    const commitElsewhere = once(async () => {
      const { metadata } = await catalog.loadTable(identifier)
      const [first] = metadata.snapshots
      if (!first) throw new Error('no snapshot')
      const otherSnapshot = {
        ...first,
        snapshotId: newSnapshotId(),
        parentSnapshotId: snapshotId,
        sequenceNumber: metadata.lastSequenceNumber + 1,
        firstRowId: metadata.nextRowId ?? '',
        addedRows: '100',
      }
      await (await openSecondCatalog()).write({
        kind: 'commit-table',
        table: identifier,
        change: {
          requirements: [],
          updates: [
            { action: 'add-snapshot', snapshot: otherSnapshot },
            { action: 'set-snapshot-ref', refName: 'audit', snapshotId: otherSnapshot.snapshotId, type: 'branch' },
          ],
        },
      })
    })
    // Runs after the first attempt wrote its manifest list, whose row ids are then taken.
    const { table: after } = await append([file('b')], {
      beforeWrite: async (location) => {
        if (location.includes('/snap-')) await commitElsewhere()
      },
    })
    expect(after.metadata).toMatchObject({ nextRowId: '120', snapshots: [{}, {}, { firstRowId: '110' }] })
    expect(await rowIds()).toEqual([
      ['110', 10],
      ['0', 10],
    ])
  })
})

test('The first append after an upgrade to format v3 also gives the existing rows their ids', async () => {
  await append([file('a')])
  await append([file('b', 'JFK', 5)])
  const upgrade = { action: 'upgrade-format-version', formatVersion: 3 } as const
  const { table: after } = await append([file('c', null, 7)], {
    // The upgrade comes between the append's manifests, which are therefore v2, and its commit.
    beforeWrite: once(async () => {
      await catalog.write({ kind: 'commit-table', table: identifier, change: { requirements: [], updates: [upgrade] } })
    }),
  })
  expect(after.metadata).toMatchObject({ formatVersion: 3, nextRowId: '22' })
  expect(after.metadata.snapshots[2]).toMatchObject({ firstRowId: '0', addedRows: '22' })
  const readRowIds = async () => (await liveEntries()).map(({ dataFile }) => dataFile.firstRowId)
  expect(await readRowIds()).toEqual(['0', '7', '12'])
  await append([file('d')])
  expect(await readRowIds()).toEqual(['22', '0', '7', '12'])
})

describe('When an append fails', () => {
  const failingCatalog = (code: 'commit-state-unknown' | 'catalog-unavailable') =>
    beforeWrites(catalog, 'commit-table', async ({ change }) => {
      if (typeof change === 'function') await change(await catalog.loadTable(identifier))
      throw new AppError(code, 'cut')
    })

  test('with a known outcome, only its own files are removed', async () => {
    await append([file('a')])
    const before = await metadataFiles()
    const failed = append([file('b')], { catalog: failingCatalog('catalog-unavailable') })
    await expect(failed).rejects.toMatchObject({ code: 'catalog-unavailable' })
    expect(await metadataFiles()).toEqual(before)
  })

  test('with an unknown outcome, nothing is removed', async () => {
    const failed = append([file('a')], { catalog: failingCatalog('commit-state-unknown') })
    await expect(failed).rejects.toMatchObject({ code: 'commit-state-unknown' })
    expect((await metadataFiles()).filter((name) => name.endsWith('.avro'))).toHaveLength(2)
  })

  test('nothing is removed after a commit whose answer leaves its snapshot out', async () => {
    const incompleteCatalog: CatalogClient = {
      ...catalog,
      async write<Kind extends WriteKind>(write: CatalogWrite<Kind>, options?: WriteOptions<Kind>) {
        const after: WriteResult<WriteKind> = await catalog.write(write, options)
        if (Array.isArray(after) || typeof after !== 'object' || !('store' in after))
          throw new TypeError('an append commits one table')
        return { ...after, metadata: { ...after.metadata, snapshots: [], refs: {}, currentSnapshotId: null } }
      },
    }
    await append([file('a')], { catalog: incompleteCatalog })
    expect((await liveFiles()).found).toEqual([{ name: 'a', sequenceNumber: 1 }])
  })

  test('because the disk is full, the error says so and no file is left, unless it cannot be removed', async () => {
    let writes = 0
    const fullStore: ObjectStore = {
      ...store,
      writeNew: (location, bytes) => {
        writes += 1
        if (writes === 2) throw new AppError('storage-full', 'full')
        return store.writeNew(location, bytes)
      },
    }
    await expect(append([file('a')], { store: fullStore })).rejects.toMatchObject({ code: 'storage-full' })
    expect(await metadataFiles()).toHaveLength(1)
    writes = 0
    const stuckStore = { ...fullStore, remove: () => Promise.reject(new Error('stuck')) }
    await expect(append([file('a')], { store: stuckStore })).rejects.toMatchObject({ code: 'storage-full' })
  })

  test('every file it may leave was announced before it was written', async () => {
    const before = await metadataFiles()
    const announced: string[] = []
    await append([file('a')], { beforeWrite: async (location) => void announced.push(path.basename(location)) })
    const written = (await metadataFiles()).filter((name) => !before.includes(name))
    expect(announced.some((name) => name.endsWith('.metadata.json'))).toBe(true)
    expect(announced.sort()).toEqual(written.sort())
  })
})

/** Writers of one process commit to a table in sequence, so only another process commits between two attempts. */
function openSecondCatalog(): Promise<CatalogClient> {
  return new Catalogs(home.services).open('local', ANN)
}

function once(work: () => Promise<void>): () => Promise<void> {
  let isDone = false
  return async () => {
    if (isDone) return
    isDone = true
    await work()
  }
}

function unreachable(): never {
  throw new Error('not reached')
}

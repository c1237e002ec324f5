import { randomUUID } from 'node:crypto'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { tableChangeToJson } from '@/lib/iceberg/commit/table-change-json'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { DataFile, ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { writeManifestList } from '@/lib/iceberg/manifest/manifest-list'
import { tableMetadataFromJson } from '@/lib/iceberg/metadata/metadata-json'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { appendOperation } from '@/lib/iceberg/operations/append'
import { MAX_JUDGED_ENTRIES } from '@/lib/iceberg/operations/judge-append'
import type { SnapshotOperation } from '@/lib/iceberg/operations/operation'
import { SnapshotProducer } from '@/lib/iceberg/operations/snapshot-producer'
import { findLayout, writeEntries } from '@/lib/iceberg/operations/write-entries'
import { type RestClient, createRestClient, createRestTokenAs } from '@/testing/catalogs/rest-client'
import { createTestHome } from '@/testing/homes/test-home'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import type { ObjectStore } from '@/server/storage/object-store'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { newSnapshotId, snapshotReader } from '@/server/table/commit/run-operation'

const home = createTestHome()
const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
const file = (name: string, overrides: Partial<DataFile> = {}): DataFile =>
  sampleDataFile(`${folder}/data/${name}`, overrides)
let callRest: RestClient
let store: ObjectStore
let tables = 0
let path: string
let folder: string

beforeAll(async () => {
  store = home.services.stores.catalogStore('local')
  callRest = createRestClient(home.services, await createRestTokenAs(home.services, 'editor'))
  await callRest('POST', 'local/namespaces', { body: { namespace: ['held'], properties: {} } })
  const policy = { requiresProposal: true, includesEngines: true, by: 'ada' }
  await home.database.commit([setPolicyChange({ catalog: 'local', namespace: ['held'] }, policy)])
})
beforeEach(async () => {
  tables += 1
  path = `local/namespaces/held/tables/t${tables}`
  await callRest('POST', 'local/namespaces/held/tables', { body: { name: `t${tables}`, schema: SCHEMA } })
  folder = (await load()).location
})

async function load(): Promise<TableMetadata> {
  const { body } = await callRest('GET', path)
  return tableMetadataFromJson(body.metadata ?? null)
}

const reader = () => snapshotReader(() => ({ readFile: (location) => store.read(location), codecs: avroCodecs }))

async function write(kind: string, bytes: Uint8Array): Promise<string> {
  const location = `${folder}/metadata/${kind}-${randomUUID()}.avro`
  await store.writeNew(location, bytes)
  return location
}

/** A writer's updates for an operation. @param named the name of the operation in the snapshot */
async function updatesFor(
  operation: SnapshotOperation,
  { branch = 'main', named = operation.name } = {},
): Promise<TableChange> {
  const metadata = await load()
  const writer = {
    snapshotId: newSnapshotId(),
    codecs: avroCodecs,
    writeManifest: (bytes: Uint8Array) => write('manifest', bytes),
    writeManifestList: (bytes: Uint8Array) => write('list', bytes),
    nowMs: () => Date.now(),
  }
  const { change } = await new SnapshotProducer(operation, { branch, reader: reader(), writer }).produce(metadata)
  const updates = change.updates.map((update) =>
    update.action === 'add-snapshot'
      ? { ...update, snapshot: { ...update.snapshot, summary: { operation: named } } }
      : update,
  )
  return { ...change, updates }
}

const send = (change: TableChange) => callRest('POST', path, { body: tableChangeToJson(change, null) })
const transact = (change: TableChange) =>
  callRest('POST', 'local/transactions/commit', {
    body: {
      'table-changes': [
        { identifier: { namespace: ['held'], name: `t${tables}` }, ...tableChangeToJson(change, null) },
      ],
    },
  })
const append = async (...names: string[]) => send(await updatesFor(appendOperation(names.map((name) => file(name)))))

/** A snapshot on `main` with these manifests, which its engine calls an append. */
async function withManifests(
  manifests: readonly ManifestFile[],
  { parent = true, list = true } = {},
): Promise<TableChange> {
  const metadata = await load()
  const snapshotId = newSnapshotId()
  const sequenceNumber = metadata.lastSequenceNumber + 1
  const header = { formatVersion: 2, snapshotId, parentSnapshotId: metadata.currentSnapshotId, sequenceNumber }
  const manifestList = list
    ? await write('list', writeManifestList(manifests, header, avroCodecs))
    : `${folder}/metadata/none.avro`
  const snapshot = {
    snapshotId,
    parentSnapshotId: parent ? metadata.currentSnapshotId : '12345',
    sequenceNumber,
    timestampMs: Date.now(),
    manifestList,
    summary: { operation: 'append' },
    schemaId: 0,
  }
  return {
    requirements: [],
    updates: [
      { action: 'add-snapshot', snapshot },
      { action: 'set-snapshot-ref', refName: 'main', snapshotId, type: 'branch' },
    ],
  }
}

async function listedManifests(): Promise<readonly ManifestFile[]> {
  const metadata = await load()
  const tip = metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.currentSnapshotId)
  return tip ? reader().readManifests(metadata, tip) : []
}

/** All files of the table in one manifest, as Iceberg merges them, with one more. */
async function mergedManifest(added: string, entriesLeftOut = 0): Promise<ManifestFile> {
  const metadata = await load()
  const entries = await Promise.all((await listedManifests()).map((one) => reader().readEntries(metadata, one)))
  let manifestPath = ''
  const writer = {
    snapshotId: '9',
    codecs: avroCodecs,
    writeManifest: async (bytes: Uint8Array) => (manifestPath = await write('merged', bytes)),
  }
  const written = await writeEntries(
    [
      { status: 'added', dataFile: file(added) },
      ...entries
        .flat()
        .slice(entriesLeftOut)
        .map((entry) => ({ ...entry, status: 'existing' as const })),
    ],
    { ...findLayout(metadata, 0), metadata, writer },
  )
  return { ...written, manifestPath, sequenceNumber: metadata.lastSequenceNumber + 1, minSequenceNumber: 1 }
}

/** Why a commit was refused that changed nothing. */
async function refusal(sent: Promise<{ status: number; body: JsonObject }>): Promise<string> {
  const before = (await load()).currentSnapshotId
  const { status, body } = await sent
  expect([status, (await load()).currentSnapshotId]).toEqual([403, before])
  return JSON.stringify(body)
}

describe('Where the policy includes engines', () => {
  it('an append that merges manifests is committed, also in a transaction', async () => {
    await append('a')
    await append('b')
    expect((await send(await withManifests([await mergedManifest('c')]))).status).toBe(200)
    expect((await transact(await withManifests([await mergedManifest('d')]))).status).toBe(204)
    expect((await append('e')).status).toBe(200)
    expect((await listedManifests()).map(({ existingFilesCount }) => existingFilesCount)).toEqual([0, 3])
  })

  it('a snapshot that calls itself an append and removes rows is refused, however it does', async () => {
    await append('a')
    await append('b')
    const removed = /but the snapshot \d+ removes \S+\/data\/[ab]\. Nothing was changed/
    expect(await refusal(send(await withManifests([])))).toMatch(removed)
    expect(await refusal(transact(await withManifests([])))).toMatch(removed)
    expect(await refusal(send(await withManifests([await mergedManifest('c', 1)])))).toMatch(removed)
    const overwrite = { ...appendOperation([file('c')]), name: 'overwrite' as const, removed: [file('a')] }
    expect(await refusal(send(await updatesFor(overwrite, { named: 'append' })))).toMatch(/marks files as deleted/)
    const deletes = file('d', { content: 'position-deletes', recordCount: 1 })
    expect(
      await refusal(send(await updatesFor({ ...appendOperation([deletes]), name: 'delete' }, { named: 'append' }))),
    ).toMatch(/adds delete files/)
  })

  it('an append of a file with fewer rows than none is refused', async () => {
    await append('a')
    const fewer = appendOperation([file('b', { recordCount: -3_000_000 })])
    expect(await refusal(send(await updatesFor(fewer)))).toMatch(/manifests that Lakeshore cannot read/)
  })

  it('an append that drops delete files which are older than all data is committed', async () => {
    const setPolicy = (requiresProposal: boolean) =>
      home.database.commit([
        setPolicyChange(
          { catalog: 'local', namespace: ['held'] },
          { requiresProposal, ...(requiresProposal && { includesEngines: true }), by: 'ada' },
        ),
      ])
    await append('a')
    await setPolicy(false)
    const old = [file('old', { content: 'position-deletes', recordCount: 1 })]
    await send(await updatesFor({ ...appendOperation(old), name: 'delete' }))
    expect((await listedManifests()).map(({ content }) => content).sort()).toEqual(['data', 'deletes'])
    await send(await updatesFor({ ...appendOperation([file('r')]), name: 'overwrite', removed: [file('a')] }))
    await setPolicy(true)
    const withoutDeletes = async () => {
      const data = (await listedManifests()).filter(({ content }) => content === 'data')
      const change = await withManifests([...data, { ...(await newManifest('c')), minSequenceNumber: 4 }])
      return {
        ...change,
        updates: change.updates.map((update) =>
          update.action === 'add-snapshot'
            ? {
                ...update,
                snapshot: { ...update.snapshot, summary: { operation: 'append', 'removed-delete-files': '1' } },
              }
            : update,
        ),
      }
    }
    expect((await send(await withoutDeletes())).status).toBe(200)
    expect((await listedManifests()).every(({ content }) => content === 'data')).toBe(true)

    await setPolicy(false)
    const applied = [file('applied', { content: 'position-deletes', recordCount: 1 })]
    await send(await updatesFor({ ...appendOperation(applied), name: 'delete' }))
    await setPolicy(true)
    expect(await refusal(send(await withoutDeletes()))).toMatch(/removes \S+\/data\/applied\./)
  })

  it('each of several snapshots in a commit is judged against its parent', async () => {
    await append('a')
    const both = [...(await listedManifests()), await newManifest('b')]
    const one = await withManifests(both)
    const [added] = one.updates
    const parentSnapshotId = added?.action === 'add-snapshot' ? added.snapshot.snapshotId : ''
    const next = async (manifests: readonly ManifestFile[]): Promise<TableChange> => {
      const { updates } = await withManifests(manifests)
      return {
        requirements: [],
        updates: [
          ...one.updates.slice(0, 1),
          ...updates.map((update) =>
            update.action === 'add-snapshot'
              ? { ...update, snapshot: { ...update.snapshot, parentSnapshotId, sequenceNumber: 3 } }
              : update,
          ),
        ],
      }
    }
    expect(await refusal(send(await next(await listedManifests())))).toMatch(/removes \S+\/data\/b\./)
    const third = { ...(await newManifest('c')), sequenceNumber: 3, minSequenceNumber: 3 }
    expect((await send(await next([...both, third]))).status).toBe(200)
  })

  it('appends to a branch are judged against its tip', async () => {
    await append('a')
    const { database } = home
    const policy = { requiresProposal: false, by: 'ada' }
    await database.commit([setPolicyChange({ catalog: 'local', namespace: ['held'] }, policy)])
    const { currentSnapshotId } = await load()
    const branch = { 'ref-name': 'audit', type: 'branch', 'snapshot-id': BigInt(String(currentSnapshotId)) }
    await callRest('POST', path, {
      body: { requirements: [], updates: [{ action: 'set-snapshot-ref', ...branch }] },
    })
    await database.commit([
      setPolicyChange(
        { catalog: 'local', namespace: ['held'] },
        { requiresProposal: true, includesEngines: true, by: 'ada' },
      ),
    ])
    await append('b')
    expect((await send(await updatesFor(appendOperation([file('c')]), { branch: 'audit' }))).status).toBe(200)
    const removal = { ...appendOperation([]), name: 'delete' as const, removed: [file('c')] }
    expect(await refusal(send(await updatesFor(removal, { branch: 'audit', named: 'append' })))).toMatch(
      /marks files as deleted|removes/,
    )
  })

  it('what cannot be judged is refused: missing files, an unknown parent, and more than is read', async () => {
    await append('a')
    expect(await refusal(send(await withManifests([], { list: false })))).toMatch(
      /manifests that Lakeshore cannot read/,
    )
    expect(
      await refusal(
        callRest('POST', path, {
          body: tableChangeToJson(
            { requirements: [], updates: (await withManifests([], { parent: false })).updates.slice(0, 1) },
            null,
          ),
        }),
      ),
    ).toMatch(/has a parent that the table does not have/)
    const merged = await mergedManifest('b')
    const many = { ...merged, addedFilesCount: MAX_JUDGED_ENTRIES + 1 }
    expect(await refusal(send(await withManifests([many])))).toMatch(/and at most 200000 are checked/)
  })
})

/** A new manifest with one file. */
async function newManifest(name: string): Promise<ManifestFile> {
  return mergedManifest(name, Number.POSITIVE_INFINITY)
}

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { HistoryEntry } from '@/lib/contract/table/history'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { grantsOfRole } from '@/lib/permissions'
import { createServicesAt } from '@/testing/homes/test-home'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { listNewestEvents } from '@/testing/homes/newest-events'
import { auditChange, newAuditId } from '@/server/db/audit'
import { insertFileSizes } from '@/server/db/catalog/data-file-sizes'
import type { Services } from '@/server/services'
import type { ObjectStore } from '@/server/storage/object-store'
import { appendFiles } from './commit/append-files'
import { commitIntents } from '@/server/changes/actions/change-table'
import { describeTable } from './describe-table'
import { readFilePage } from './files/file-page'
import { readHistoryAs } from '@/testing/lifecycle/history'
import { ManifestCache } from './manifest-cache'
import { maskProperty } from './mask-properties'
import type { Intent } from '@/lib/changes/intents/intent'
import { snapshotPage } from './snapshot-page'
import { reviewIntents, reviewRefMove } from '@/testing/lifecycle/reviews'
import { undo } from '@/testing/lifecycle/actions'

const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const signal = new AbortController().signal
const options = { actor: ANN, signal, requestId: 'r1' }

let home: string
let services: Services
let catalog: CatalogClient
let store: ObjectStore
let identifier: TableIdentifier
let tableCount = 0

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'shown-'))
  services = createServicesAt(home)
  catalog = await services.catalogs.open('local', ANN)
  store = services.stores.catalogStore('local')
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
afterAll(async () => {
  await services.database.close()
  await rm(home, { recursive: true })
})
beforeEach(async () => {
  tableCount += 1
  identifier = { catalog: 'local', namespace: ['demo'], table: `t${tableCount}` }
  await catalog.write({
    kind: 'create-table',
    table: identifier,
    schema: { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] },
  })
})

const load = () => catalog.loadTable(identifier)

describe('a table without a snapshot', () => {
  it('is shown as empty, not as unknown', async () => {
    const shown = await describeTable(services, await load(), {}, { signal })
    expect(shown.figures).toEqual({ rowCount: 0, liveBytes: 0, dataFileCount: 0, deleteFileCount: 0 })
    expect(shown.shown).toMatchObject({ snapshotId: null, isCurrent: true })
    expect(await readFilePage(services, await load(), {}, { offset: 0, signal })).toMatchObject({
      totalCount: 0,
      files: [],
    })
  })
})

describe('a table with two loads', () => {
  let [first, second] = ['', '']
  beforeEach(async () => {
    first = await append('a', 10)
    second = await append('b', 7)
  })

  it('is described as of a snapshot that is not the current one', async () => {
    expect((await describeTable(services, await load(), {}, { signal })).figures.rowCount).toBe(17)
    const earlier = await describeTable(services, await load(), { snapshotId: first }, { signal })
    expect(earlier.figures).toMatchObject({ rowCount: 10, dataFileCount: 1 })
    expect(earlier.shown).toMatchObject({ snapshotId: first, isCurrent: false })
    expect(earlier.timeline.map(({ snapshotId }) => snapshotId)).toEqual([first, second])
  })

  it('is described with the layout and the refs of that time', async () => {
    const atFirst = (await load()).metadata.lastUpdatedMs
    await catalog.write({
      kind: 'commit-table',
      table: identifier,
      change: {
        requirements: [],
        updates: [
          {
            action: 'add-spec',
            spec: { specId: 1, fields: [{ sourceId: 1, fieldId: 1000, name: 'id', transform: 'identity' }] },
          },
          { action: 'set-default-spec', specId: -1 },
          { action: 'set-snapshot-ref', refName: 'later', type: 'tag', snapshotId: second },
        ],
      },
    })
    await append('c', 1)
    const describe = async (asOf: AsOf) => describeTable(services, await load(), asOf, { signal })
    const summary = ({ shownMetadata, ...shown }: Awaited<ReturnType<typeof describe>>) => ({
      partitionedBy: shown.partitionedBy,
      partitionSourceIds: shown.partitionSourceIds,
      sortSourceIds: shown.sortSourceIds,
      snapshotCount: shownMetadata?.snapshotCount,
      refNames: shownMetadata?.refNames.toSorted(),
    })
    expect(summary(await describe({}))).toEqual({
      partitionedBy: 'id',
      partitionSourceIds: [1],
      sortSourceIds: [],
      snapshotCount: 3,
      refNames: ['later', 'main'],
    })
    expect(summary(await describe({ snapshotId: first }))).toEqual({
      partitionedBy: '',
      partitionSourceIds: [],
      sortSourceIds: [],
      snapshotCount: 1,
      refNames: ['main'],
    })
    expect(summary(await describe({ ref: 'later' }))).toEqual({
      partitionedBy: '',
      partitionSourceIds: [],
      sortSourceIds: [],
      snapshotCount: 2,
      refNames: ['main'],
    })
    expect(summary(await describe({ atMs: atFirst }))).toMatchObject({ partitionedBy: '', snapshotCount: 2 })
    const now = await describe({})
    const then = await describe({ snapshotId: first })
    expect(then.shownMetadata?.location).not.toBe(now.shownMetadata?.location)
    expect(then.metadataLocation).toBe(now.metadataLocation)
  })

  it('says that the layout of then is not known when its metadata file is gone', async () => {
    const then = await describeTable(services, await load(), { snapshotId: first }, { signal })
    await rm(fileURLToPath(then.shownMetadata?.location ?? ''))
    const shown = await describeTable(services, await load(), { snapshotId: first }, { signal })
    expect(shown).toMatchObject({
      partitionedBy: null,
      sortedBy: null,
      partitionSourceIds: null,
      sortSourceIds: null,
      shownMetadata: null,
    })
    expect(shown.shownMetadataProblem).toMatch(/gone/)
    const table = await load()
    const trimmed = { ...table, metadata: { ...table.metadata, metadataLog: [] } }
    expect((await describeTable(services, trimmed, { snapshotId: first }, { signal })).shownMetadataProblem).toMatch(
      /no longer in the table’s metadata log/,
    )
    expect((await describeTable(services, trimmed, { snapshotId: second }, { signal })).partitionedBy).toBe('')
  })

  it('lists the snapshots of an operation, a writer and a time, and what can be chosen', async () => {
    const { metadata } = await load()
    const everything = snapshotPage(metadata, 0)
    const [newest, ...older] = everything.snapshots
    const listed = (filter: Parameters<typeof snapshotPage>[2]) => {
      const { snapshots, totalCount, tableCount } = snapshotPage(metadata, 0, filter)
      expect([totalCount, tableCount]).toEqual([snapshots.length, everything.tableCount])
      return snapshots.map(({ snapshotId }) => snapshotId)
    }
    expect(everything.operations).toEqual(['append'])
    expect(everything.unreferencedCount).toBe(0)
    expect(listed({ operation: 'append' })).toHaveLength(everything.totalCount)
    expect(listed({ operation: 'delete' })).toEqual([])
    for (const writer of everything.writers) expect(listed({ writer }).length).toBeGreaterThan(0)
    expect(listed({ writer: 'nobody' })).toEqual([])
    const atMs = newest?.committedAtMs ?? 0
    expect(listed({ fromMs: atMs })).toContain(newest?.snapshotId)
    expect(listed({ fromMs: atMs + 1 })).toEqual([])
    expect(listed({ toMs: atMs - 1 })).toEqual(
      older.filter(({ committedAtMs }) => committedAtMs < atMs).map(({ snapshotId }) => snapshotId),
    )
  })

  it('lists the snapshots up to one', async () => {
    const { snapshots, totalCount } = snapshotPage((await load()).metadata, 0, { upTo: first })
    expect(snapshots.map(({ snapshotId }) => snapshotId)).toEqual([first])
    expect(totalCount).toBe(1)
  })

  it('lists snapshots newest first with what each added', async () => {
    const { snapshots, mainSnapshotId, nextOffset } = snapshotPage((await load()).metadata, 0)
    expect(snapshots.every(({ branch, isReferenced }) => branch === 'main' && isReferenced)).toBe(true)
    expect(mainSnapshotId).toBe(second)
    expect(nextOffset).toBeNull()
    expect(snapshots.map(({ snapshotId, rows }) => [snapshotId, rows.added])).toEqual([
      [second, 7],
      [first, 10],
    ])
    expect(snapshots[0]?.refs).toEqual([{ name: 'main', type: 'branch' }])
  })

  it('lists live files with what is known from their footers', async () => {
    const { metadata } = await load()
    const path = `${metadata.location}/data/a.parquet`
    await services.database.commit([
      insertFileSizes(metadata.tableUuid, path, {
        plainBytes: 80,
        plainSource: 'counted',
        encodedBytes: 50,
        storedBytes: 40,
        codecs: { id: 'zstd' },
      }),
    ])
    const { files, totalCount } = await readFilePage(services, await load(), {}, { offset: 0, signal })
    expect(totalCount).toBe(2)
    expect(files.map(({ codec, plainBytes }) => [codec, plainBytes])).toEqual([
      ['zstd', 80],
      [null, null],
    ])
  })

  it('shows what a rollback removes before it happens, with the exact request', async () => {
    const safetyTag = { name: 'before', maxRefAgeMs: null }
    const requested = { branch: 'main', to: { snapshotId: first }, safetyTag }
    const { impact } = await reviewRefMove(services, identifier, requested, options)
    expect(impact.rows).toEqual({ now: 17, removed: 7, restored: 0, after: 10 })
    expect(impact.dataFiles).toEqual({ now: 2, removed: 1, restored: 0, after: 1 })
    expect(impact.unreferencedSnapshotIds).toEqual([second])
    expect(impact.request.body).toContain(`"snapshot-id": ${first}`)
    expect((await load()).metadata.currentSnapshotId).toBe(second)
  })

  it('is rolled back although the files of its current snapshot cannot be counted, and not to such a snapshot', async () => {
    const readMove = async (snapshotId: string) => {
      const requested = { branch: 'main', to: { snapshotId }, safetyTag: null }
      return reviewRefMove({ ...services, manifestCache: new ManifestCache() }, identifier, requested, options)
    }
    const snapshot = (await load()).metadata.snapshots.find(({ snapshotId }) => snapshotId === second)
    await writeFile(fileURLToPath(snapshot?.manifestList ?? ''), 'not Avro')
    const { impact } = await readMove(first)
    expect(impact.rows).toEqual({ now: null, removed: null, restored: null, after: 10 })
    expect(impact.bytes.after).toBeGreaterThan(0)
    expect(impact.currentFilesProblem).toContain(snapshot?.manifestList)

    await rollBackTo(first, `demo.${identifier.table}`)
    expect((await load()).metadata.currentSnapshotId).toBe(first)
    await expect(readMove(second)).rejects.toMatchObject({ code: 'file-damaged' })
  })

  it('refuses a rollback to a snapshot that the table does not have, to the current one, or without the right name', async () => {
    const impact = async (snapshotId: string) => {
      const requested = { branch: 'main', to: { snapshotId }, safetyTag: null }
      return reviewRefMove(services, identifier, requested, options)
    }
    await expect(impact('123')).rejects.toMatchObject({ code: 'not-found', facts: { snapshotId: '123' } })
    await expect(impact(second)).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(rollBackTo(first, 'demo.other')).rejects.toMatchObject({ code: 'invalid-request' })
  })

  it('is rolled back after its name was confirmed, and the history names the user', async () => {
    await rollBackTo(first, `demo.${identifier.table}`)
    const table = await load()
    expect(table.metadata.currentSnapshotId).toBe(first)
    const { entries, nextBefore } = await readHistoryAs(services, table, ANN)
    expect(nextBefore).toBeNull()
    expect(entries[0]).toMatchObject({
      actor: 'ann',
      source: 'console',
      action: 'roll-back',
      isUndoable: true,
      changes: [{ kind: 'ref', name: 'main', before: second, after: first }],
    })
    expect(entries.map(({ action }) => action)).toEqual(['roll-back', 'append', 'append'])
  })

  it('still lists commits by other engines after it is rolled back, tagged and undone', async () => {
    const [third, fourth] = [await appendAsEngine('c'), await appendAsEngine('d')]
    const safetyTag = { name: 'before', maxRefAgeMs: null }
    const { auditId } = await commitIntents(
      services,
      identifier,
      [{ kind: 'roll-back', fromSnapshotId: fourth, toSnapshotId: third, safetyTag }],
      { ...options, confirmedName: `demo.${identifier.table}` },
    )
    await undo(services, identifier, auditId, options)
    const { entries } = await readHistoryAs(services, await load(), ANN)
    expect(entries.map(({ action, source, snapshotId }) => [action, source, snapshotId])).toEqual(
      expect.arrayContaining([
        ['undo', 'console', fourth],
        ['roll-back', 'console', third],
        ['append', 'commit', fourth],
        ['append', 'commit', third],
        // Appended by a job, that is, without a request of the console.
        ['append', 'server', second],
        ['append', 'server', first],
      ]),
    )
    expect(entries).toHaveLength(6)
    const homeEvents = (await listNewestEvents(services, ANN, 20)).filter(
      ({ target }) => target.table === identifier.table,
    )
    const sources = homeEvents.flatMap(({ source, commit }) => (commit ? [`${source} ${commit.snapshotId}`] : []))
    expect(new Set(sources)).toEqual(
      new Set([`commit ${fourth}`, `commit ${third}`, `server ${second}`, `server ${first}`]),
    )
    expect(sources).toHaveLength(4)
  })

  it('lists every commit once when many have the same millisecond', async () => {
    const { metadata } = await load()
    const [snapshot] = metadata.snapshots
    if (!snapshot) throw new Error('the table has no snapshot')
    const atMs = snapshot.timestampMs + 60_000
    const snapshots = Array.from({ length: 450 }, (_, i) => ({
      ...snapshot,
      snapshotId: String(1000 + i),
      timestampMs: i < 20 ? atMs - 1 : atMs,
    }))
    const listed = await readFullHistory({ ...metadata, tableUuid: 'another', snapshots })
    expect(listed.map(({ snapshotId }) => snapshotId)).toEqual(
      snapshots.map(({ snapshotId }) => snapshotId).toReversed(),
    )
  })

  it('lists every commit once over the pages of a long history', async () => {
    for (let step = 0; step < 205; step += 1) {
      const intent = {
        kind: 'set-property',
        key: 'n',
        value: String(step),
        base: step === 0 ? null : String(step - 1),
      } as const
      await commitIntents(services, identifier, [intent], options)
    }
    const table = await load()
    const page = await readHistoryAs(services, table, ANN)
    const rest = await readHistoryAs(services, table, ANN, page.nextBefore)
    expect(page.entries).toHaveLength(200)
    expect(rest.entries).toHaveLength(7)
    expect(rest.nextBefore).toBeNull()
  })

  it('lists a commit once when its snapshot is much older than its audit row', async () => {
    const { metadata } = await load()
    await writeAuditRows(metadata.tableUuid, 250)
    const third = await append('c', 1)
    const snapshots = (await load()).metadata.snapshots.map((snapshot) =>
      snapshot.snapshotId === third ? { ...snapshot, timestampMs: 1 } : snapshot,
    )
    const listed = await readFullHistory({ ...metadata, snapshots })
    expect(listed.filter(({ action }) => action === 'append').map(({ snapshotId }) => snapshotId)).toEqual([
      third,
      second,
      first,
    ])
    expect(listed).toHaveLength(253)
  })

  it('lists every row once, in the order in which they were written, when clocks disagreed', async () => {
    const { metadata } = await load()
    const [snapshot] = metadata.snapshots
    if (!snapshot) throw new Error('the table has no snapshot')
    const nowMs = Date.now()
    const ids = await writeAuditRows(metadata.tableUuid, 500, (i) => nowMs + ((i * 37) % 100) * 1000 + i)
    const snapshots = Array.from({ length: 300 }, (_, i) => ({
      ...snapshot,
      snapshotId: String(1000 + i),
      timestampMs: nowMs + i * 300,
    }))
    const listed = await readFullHistory({ ...metadata, snapshots })
    const rows = listed.flatMap(({ auditId }) => auditId ?? [])
    expect(rows.slice(0, 500)).toEqual(ids.toReversed())
    const commits = listed.flatMap(({ source, snapshotId }) => (source === 'commit' ? [snapshotId] : []))
    expect(commits).toEqual(snapshots.map(({ snapshotId }) => snapshotId).toReversed())
  })
})

/** Audit rows that do not belong to a snapshot. */
async function writeAuditRows(tableUuid: string, count: number, atMsOf?: (i: number) => number): Promise<string[]> {
  const entry = { actor: ANN, action: 'set-properties', table: identifier, tableUuid, before: null, after: null }
  const rows = Array.from({ length: count }, (_, i) => ({ id: newAuditId(), ...(atMsOf && { atMs: atMsOf(i) }) }))
  await services.database.commit(rows.map((row) => auditChange({ ...entry, requestId: null, undoes: null }, row)))
  return rows.map(({ id }) => id)
}

async function readFullHistory(metadata: TableMetadata): Promise<HistoryEntry[]> {
  const listed: HistoryEntry[] = []
  const table = { ...(await load()), metadata }
  for (let before: string | null = null; ; ) {
    const page: Awaited<ReturnType<typeof readHistoryAs>> = await readHistoryAs(services, table, ANN, before)
    listed.push(...page.entries)
    if (page.nextBefore === null) return listed
    before = page.nextBefore
  }
}

describe('a review', () => {
  it('masks a value that grants access in what other engines would run', async () => {
    const key = 's3.secret-access-key'
    await catalog.write({
      kind: 'commit-table',
      table: identifier,
      change: {
        requirements: [],
        updates: [{ action: 'set-properties', updates: { [key]: 'open sesame' } }],
      },
    })
    const table = await load()
    const base = maskProperty(services.keys, key, 'open sesame', table.metadata.tableUuid)
    const { scripts } = await reviewIntents(
      services.keys,
      catalog,
      table,
      [{ kind: 'remove-property', key, base }],
      signal,
    )
    expect(scripts?.trino.text).toBe(`-- Remove ${key} (was ${base}): Trino 476 cannot remove a property.`)
    expect(JSON.stringify(scripts)).not.toContain('open sesame')
  })
  it('says of a folder outside of the allowed locations what the commit would, and of another catalog what follows', async () => {
    const [table, key, value] = [await load(), 'write.data.path', 'file:///elsewhere/data']
    const intents = [
      { kind: 'set-property', key: 'a', value: 'b', base: null },
      { kind: 'set-property', key, value, base: null },
    ] as const
    const review = await reviewIntents(services.keys, catalog, table, intents, signal)
    expect(review).toMatchObject({ request: null, problem: { index: 1 } })
    const refused = commitIntents(services, identifier, intents, options)
    await expect(refused).rejects.toMatchObject({ code: 'location-refused', message: review.problem?.message })
    const elsewhere = await reviewIntents(services.keys, { ...catalog, kind: 'rest' }, table, intents, signal)
    expect(elsewhere.problem).toBeNull()
    expect(elsewhere.warnings).toEqual([expect.stringContaining(`${value} is outside of the locations`)])
  })

  it('shows the commit and what another writer changed in the meantime', async () => {
    const intent = { kind: 'set-property', key: 'owner', value: 'mine', base: null } as const
    expect((await reviewIntents(services.keys, catalog, await load(), [intent], signal)).conflicts).toEqual([])
    await commitIntents(services, identifier, [{ ...intent, value: 'theirs' }], options)
    const review = await reviewIntents(services.keys, catalog, await load(), [intent], signal)
    expect(review.conflicts).toEqual([
      { index: 0, base: null, current: 'theirs', requested: 'mine', rebased: { ...intent, base: 'theirs' } },
    ])
    expect(review.request?.body).toContain('"owner": "mine"')
    expect(review.scripts?.pyiceberg.text).toContain('transaction.set_properties({"owner": "mine"})')
    // Spark has a separate owner.
    expect(review.scripts?.spark).toMatchObject({ commitCount: 0, missingCount: 1 })
    await expect(commitIntents(services, identifier, [intent], options)).rejects.toMatchObject({
      code: 'commit-conflict',
      facts: { key: 'owner', current: 'theirs' },
    })
  })
})

async function rollBackTo(toSnapshotId: string, confirmedName: string) {
  const fromSnapshotId = (await load()).metadata.currentSnapshotId ?? ''
  const intent: Intent = { kind: 'roll-back', fromSnapshotId, toSnapshotId, safetyTag: null }
  return commitIntents(services, identifier, [intent], { ...options, confirmedName })
}

/** Appends like an engine whose commits Lakeshore does not see. */
function appendAsEngine(name: string): Promise<string> {
  const silentCatalog: CatalogClient = {
    ...catalog,
    write: (write) => catalog.write(write, { signal }),
  }
  return append(name, 1, silentCatalog)
}

async function append(name: string, recordCount: number, writer = catalog): Promise<string> {
  const { metadata } = await load()
  const file = sampleDataFile(`${metadata.location}/data/${name}.parquet`, { recordCount })
  const { snapshotId } = await appendFiles(services.log, {
    catalog: writer,
    store,
    identifier,
    files: [file],
    specId: 0,
    schemaId: 0,
    summary: {},
    actor: ANN,
    signal,
  })
  return snapshotId
}

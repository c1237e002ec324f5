import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, vi } from 'vitest'
import { readBloomFilter } from '@/lib/parquet/bloom-filter'
import { readFooter } from '@/lib/parquet/footer'
import { pageCompressors } from '@/server/parquet/transcode/page-compressors'
import { appendOperation } from '@/lib/iceberg/operations/append'
import type { SnapshotOperation } from '@/lib/iceberg/operations/operation'
import type { RunContext, RunKind } from '@/server/jobs/run-kind'
import { runOperation } from '@/server/table/commit/run-operation'
import { type LiveFile, readLiveFiles } from '@/server/table/files/live-files'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { openTestCatalog, findStrayFiles, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { deleteRows as deleteRowsOf } from '@/testing/catalogs/delete-rows'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { verifyTable } from '@/testing/catalogs/verify-table'
import { createTestHome } from '@/testing/homes/test-home'
import { loadCsv, runQueuedRun } from '@/testing/ingest/load-table'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { readColumnStorage } from '@/server/metrics/columns/column-storage'
import { readLiveDataPaths } from '@/server/metrics/columns/live-data-paths'
import { COMPRESSION_TRIAL, queueTrial, readTrial } from '@/server/metrics/columns/trial/queued-trials'
import { trialRuns } from '@/server/metrics/columns/trial/trial-run'
import { listAudit } from '@/server/db/audit-list'
import { readLog } from '@/server/db/jobs/run-logs'
import { requestCancel } from '@/server/db/jobs/runs'
import { describePositions, writePositionDeleteFile } from '@/server/data-files/delete-files/position-delete-file'
import { readRewritePreview } from './rewrite-preview'
import { rewriteFilesRuns } from './rewrite-run'
import { queueRewrite, readNewestRewrite, REWRITE_FILES } from './rewrite-task'
import { undo } from '@/testing/lifecycle/actions'

const home = createTestHome()
const SCHEMA = {
  type: 'struct',
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'note', required: false, type: 'string' },
  ],
}
const toPlain = (id: number) => new Uint8Array(BigInt64Array.of(BigInt(id)).buffer)
const csv = (first: number, count: number) =>
  `id,note\n${Array.from({ length: count }, (_, i) => `${first + i},${i % 7 === 0 ? '' : `a note of ${(i * 7919) % 1003} words`}\n`).join('')}`

const toIdentifier = (table: string) => ({ catalog: home.services.config.catalogName, namespace: ['ns'], table })
const load = async (identifier: TableIdentifier) => (await openTestCatalog(home.services)).loadTable(identifier)

/** A table of two snappy files. */
async function createTable(name: string, properties: Readonly<Record<string, string>> = {}) {
  const identifier = toIdentifier(name)
  const given = { 'write.parquet.compression-codec': 'snappy', ...properties }
  await loadCsv(home.services, identifier, csv(0, 30_000), { schema: SCHEMA, properties: given })
  await loadCsv(home.services, identifier, csv(30_000, 30_000))
  return identifier
}

async function setProperties(identifier: TableIdentifier, properties: Readonly<Record<string, string>>) {
  const catalog = await openTestCatalog(home.services)
  await catalog.write({
    kind: 'commit-table',
    table: identifier,
    change: {
      requirements: [],
      updates: [{ action: 'set-properties', updates: properties }],
    },
  })
}

type Journal = Parameters<RunContext['saveJournal']>[0]

/** @param during runs once: when the files are chosen and none is written, or at the given moment */
async function rewrite(
  identifier: TableIdentifier,
  during: (runId: string, signal: AbortSignal) => Promise<unknown> = async () => {},
  isMoment: (journal: Journal) => boolean = () => true,
) {
  const { id } = await queueRewrite(home.database, await load(identifier), TEST_ACTOR)
  const kind = rewriteFilesRuns(home.services)
  let hasHappened = false
  const work: RunKind['work'] = (run, context) => {
    const saveJournal: RunContext['saveJournal'] = async (journal) => {
      await context.saveJournal(journal)
      if (hasHappened || !isMoment(journal)) return
      hasHappened = true
      await during(id, context.signal)
    }
    return kind.work(run, { ...context, saveJournal })
  }
  return runQueuedRun(home.services, id, { [REWRITE_FILES]: { ...kind, work } })
}

const liveFiles = async (identifier: TableIdentifier) => {
  const table = await load(identifier)
  const { metadata, store } = table
  const snapshot = metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.currentSnapshotId) ?? null
  return readLiveFiles(home.services.manifestCache, table, snapshot, { store })
}

/** Commits another writer's change of files. */
async function commitFiles(identifier: TableIdentifier, operation: SnapshotOperation) {
  const { store } = await load(identifier)
  const catalog = await openTestCatalog(home.services)
  const request = { catalog, store, identifier, auditAction: 'test', actor: TEST_ACTOR }
  await runOperation(home.services.log, { ...request, signal: new AbortController().signal }, async () => ({
    operation,
  }))
}

const deleteRows = (identifier: TableIdentifier, file: LiveFile, positions: readonly number[]) =>
  deleteRowsOf(home.services, identifier, file, positions)

const dataFilesOf = async (identifier: TableIdentifier) =>
  (await liveFiles(identifier)).filter(({ dataFile }) => dataFile.content === 'data')
const deleteFilesOf = async (identifier: TableIdentifier) =>
  (await liveFiles(identifier)).flatMap(({ dataFile }) => (dataFile.content === 'data' ? [] : [dataFile]))
const strayFilesOf = async ({ table }: TableIdentifier) =>
  (await findStrayFiles(home.services)).filter((file) => file.includes(`/${table}/`))

const preview = async (identifier: TableIdentifier) =>
  readRewritePreview(home.services, await load(identifier), new AbortController().signal)

describe('A rewrite of files', () => {
  it('brings files to the codecs that are set, and their rows stay', async () => {
    const identifier = await createTable('codecs')
    const before = await load(identifier)
    const rows = await readTableRows(before)
    expect(await preview(identifier)).toMatchObject({ fileCount: 2, differingFileCount: 0, skipped: [] })
    await setProperties(identifier, {
      'write.parquet.compression-codec': 'zstd',
      'lakeshore.parquet.column.2.compression-codec': 'gzip',
    })
    expect(await preview(identifier)).toMatchObject({
      readFileCount: 2,
      differingFileCount: 2,
      differingColumnCount: 2,
      bytesPerSecond: null,
    })
    const run = await rewrite(identifier)
    expect(run).toMatchObject({
      state: 'succeeded',
      error: null,
      outcome: { filesRewritten: 2, rowsRewritten: 60_000, filesSkipped: 0, filesRemaining: 0 },
    })
    const after = await load(identifier)
    expect(await readTableRows(after)).toEqual(rows)
    const storage = await readColumnStorage(home.services, after, {
      signal: new AbortController().signal,
      nowMs: Date.now(),
    })
    expect(storage.columns.map(({ fieldId, codecs }) => [fieldId, codecs.map(({ codec }) => codec)])).toEqual(
      expect.arrayContaining([
        [1, ['zstd']],
        [2, ['gzip']],
      ]),
    )
    const snapshot = after.metadata.snapshots.find(({ snapshotId }) => snapshotId === run.outcome?.snapshotId)
    expect(snapshot?.summary).toMatchObject({
      operation: 'replace',
      'added-records': '60000',
      'deleted-records': '60000',
      'total-records': '60000',
      'lakeshore.run-id': run.id,
    })
    // The old state stays for time travel.
    expect(await readTableRows(after, before.metadata.currentSnapshotId ?? '')).toEqual(rows)
    expect((await verifyTable(home.services, identifier)).rows).toBe(60_000)
    const [entry] = await listAudit(home.database, { limit: 5 })
    expect(entry).toMatchObject({ action: 'replace', origin: { kind: 'job', job: 'rewrite-files' } })
    const again = await preview(identifier)
    expect(again).toMatchObject({ differingFileCount: 0, isSpeedOfTable: true, isSpeedOfCodecs: true })
    expect(run.outcome?.codecs).toBe('zstd, gzip')
    expect(again.bytesPerSecond).toBeGreaterThan(0)
    expect((await rewrite(identifier)).outcome).toMatchObject({ snapshotId: null, filesRewritten: 0 })
    await setProperties(identifier, { 'write.parquet.compression-codec': 'brotli' })
    expect(await preview(identifier)).toMatchObject({ isSpeedOfCodecs: false, speedCodecs: 'zstd, gzip' })
  })

  it('ends the use of trials of the files that it replaces', async () => {
    const identifier = await createTable('tried')
    const setLevel = (level: string) =>
      setProperties(identifier, {
        'lakeshore.parquet.column.2.compression-codec': 'zstd',
        'lakeshore.parquet.column.2.compression-level': level,
      })
    await setLevel('9')
    const before = await load(identifier)
    const { id } = await queueTrial(home.database, before, 2, TEST_ACTOR)
    await runQueuedRun(home.services, id, { [COMPRESSION_TRIAL]: trialRuns(home.services) })
    expect((await preview(identifier)).trialColumnCount).toBe(1)
    // A level that is not set is the usual one, which is tried, too.
    const catalog = await openTestCatalog(home.services)
    await catalog.write({
      kind: 'commit-table',
      table: identifier,
      change: {
        requirements: [],
        updates: [{ action: 'remove-properties', removals: ['lakeshore.parquet.column.2.compression-level'] }],
      },
    })
    await setProperties(identifier, { 'lakeshore.parquet.column.2.compression-codec': 'gzip' })
    expect(await preview(identifier)).toMatchObject({ differingColumnCount: 1, trialColumnCount: 1 })
    await setLevel('9')
    expect(await rewrite(identifier)).toMatchObject({ state: 'succeeded' })
    const after = await load(identifier)
    const { signal } = new AbortController()
    const readPaths = () => readLiveDataPaths(home.services.manifestCache, after, signal)
    expect(await readTrial(home.database, after, 2, readPaths)).toMatchObject({ run: { id }, isSampleCurrent: false })
    await setLevel('15')
    expect(await preview(identifier)).toMatchObject({ differingColumnCount: 1, trialColumnCount: 0 })
  })

  it('can be undone, and the table has its old files again', async () => {
    const identifier = await createTable('undone')
    const before = await liveFiles(identifier)
    await setProperties(identifier, { 'write.parquet.compression-codec': 'gzip' })
    await rewrite(identifier)
    expect((await liveFiles(identifier)).map(({ dataFile }) => dataFile.filePath)).not.toEqual(
      before.map(({ dataFile }) => dataFile.filePath),
    )
    const [entry] = await listAudit(home.database, { limit: 1 })
    await undo(home.services, identifier, entry?.id ?? '', {
      actor: TEST_ACTOR,
      signal: new AbortController().signal,
      requestId: null,
      confirmedName: 'ns.undone',
    })
    expect((await liveFiles(identifier)).map(({ dataFile }) => dataFile.filePath)).toEqual(
      before.map(({ dataFile }) => dataFile.filePath),
    )
  })

  it('carries over what manifests say of the rows, and the sequence numbers', async () => {
    const identifier = await createTable('metrics')
    const facts = async () =>
      (await liveFiles(identifier)).map(({ sequenceNumber, dataFile: { recordCount, partition, metrics } }) => ({
        sequenceNumber,
        recordCount,
        partition,
        nulls: metrics.nullValueCounts,
        values: metrics.valueCounts,
        lower: metrics.lowerBounds,
        upper: metrics.upperBounds,
      }))
    const before = await facts()
    await setProperties(identifier, { 'write.parquet.compression-codec': 'gzip' })
    await rewrite(identifier)
    expect(await facts()).toEqual(before)
    for (const { dataFile } of await liveFiles(identifier)) {
      expect([...dataFile.metrics.columnSizesBytes.keys()]).toEqual([1, 2])
      expect(dataFile.splitOffsets).toHaveLength(1)
    }
  })

  it('also finds files of another level, and with another limit of pages', async () => {
    const identifier = await createTable('levels', {
      'write.parquet.compression-codec': 'zstd',
      'write.parquet.compression-level': '3',
    })
    expect((await preview(identifier)).differingFileCount).toBe(0)
    await setProperties(identifier, { 'write.parquet.compression-level': '9' })
    expect((await preview(identifier)).differingFileCount).toBe(2)
    expect((await rewrite(identifier)).outcome).toMatchObject({ filesRewritten: 2 })
    expect((await preview(identifier)).differingFileCount).toBe(0)
    await setProperties(identifier, { 'lakeshore.parquet.column.2.page-row-limit': '1000' })
    expect((await preview(identifier)).differingFileCount).toBe(2)
    expect((await rewrite(identifier)).outcome).toMatchObject({ filesRewritten: 2 })
    expect((await preview(identifier)).differingFileCount).toBe(0)
  })

  it('makes the Bloom filters that are set, which hold every value', async () => {
    const identifier = await createTable('filters')
    await setProperties(identifier, {
      'write.parquet.bloom-filter-enabled.column.id': 'true',
      'write.parquet.bloom-filter-fpp.column.id': '0.001',
    })
    expect((await preview(identifier)).differingFileCount).toBe(2)
    expect((await rewrite(identifier)).outcome).toMatchObject({ filesRewritten: 2, filesSkipped: 0 })
    expect((await preview(identifier)).differingFileCount).toBe(0)
    let missing = 0
    let wrong = 0
    for (const [i, { dataFile }] of (await liveFiles(identifier)).entries()) {
      const bytes = new Uint8Array(readFileSync(fileURLToPath(dataFile.filePath)))
      const read = (start: number, end: number) => Promise.resolve(bytes.slice(start, end))
      const source = { name: 'a', byteLength: bytes.length, read }
      const { rowGroups } = await readFooter(source)
      const filters = await Promise.all(
        rowGroups.flatMap(({ columns: [chunk] }) => (chunk ? [readBloomFilter(source, chunk)] : [])),
      )
      const isHeld = (id: number) => filters.some((filter) => filter?.mightHold(toPlain(id)))
      for (let id = 0; id < 30_000; id++) {
        if (!isHeld(30_000 * i + id)) missing++
        if (isHeld(1_000_000 + id)) wrong++
      }
    }
    expect(missing).toBe(0)
    expect(wrong / 60_000).toBeLessThan(0.0015)
    expect(await readTableRows(await load(identifier))).toHaveLength(60_000)
  })

  it('is committed on top of rows that others append meanwhile', async () => {
    const identifier = await createTable('appended')
    const rows = await readTableRows(await load(identifier))
    await setProperties(identifier, { 'write.parquet.compression-codec': 'gzip' })
    const run = await rewrite(identifier, () => loadCsv(home.services, identifier, csv(60_000, 1)))
    expect(run.outcome).toMatchObject({ filesRewritten: 2, filesSkipped: 0 })
    const now = await readTableRows(await load(identifier))
    expect(now).toHaveLength(60_001)
    expect(now).toEqual(expect.arrayContaining([rows[0], rows.at(-1)]))
    expect(await liveFiles(identifier)).toHaveLength(3)
  })

  it('leaves out a file that another commit removed, and one whose deletes cannot be read, and keeps the rest', async () => {
    const identifier = await createTable('changed')
    await loadCsv(home.services, identifier, csv(60_000, 10))
    await setProperties(identifier, { 'write.parquet.compression-codec': 'gzip' })
    const [first, second, third] = (await liveFiles(identifier)).map(({ dataFile }) => dataFile)
    if (!first || !second || !third) throw new Error('the table has fewer files')
    const deletes = sampleDataFile(`${(await load(identifier)).metadata.location}/data/deletes.parquet`, {
      content: 'position-deletes',
      referencedDataFile: second.filePath,
    })
    const run = await rewrite(identifier, async () => {
      await commitFiles(identifier, { ...appendOperation([]), name: 'delete', removed: [first] })
      await commitFiles(identifier, { ...appendOperation([deletes]), name: 'delete' })
    })
    expect(run).toMatchObject({
      state: 'succeeded',
      outcome: { filesRewritten: 1, filesSkipped: 2, rowsRewritten: 10 },
    })
    const live = (await liveFiles(identifier)).map(({ dataFile }) => dataFile.filePath)
    expect(live).toHaveLength(3)
    expect(live).toEqual(expect.arrayContaining([second.filePath, deletes.filePath]))
    expect(live).not.toContain(third.filePath)
    const log = (await readLog(home.database, run.id, 0, 50)).map(({ text }) => text).join('\n')
    expect(log).toContain('1 file left out: another commit removed them during the run.')
    expect(log).toContain('1 file left out: they cannot be read, such as: ')
    expect(await strayFilesOf(identifier)).toEqual([])
  })

  it.each([
    { formatVersion: '2', fileFormat: 'parquet' },
    { formatVersion: '3', fileFormat: 'puffin' },
  ])(
    'of format v$formatVersion keeps deleted rows deleted, also those that others delete at any moment',
    async ({ formatVersion, fileFormat }) => {
      const identifier = await createTable(`deleted_v${formatVersion}`, { 'format-version': formatVersion })
      const [first, second] = await dataFilesOf(identifier)
      if (!first || !second) throw new Error('the table has fewer files')
      await deleteRows(identifier, first, [0, 7, 29_999])
      await setProperties(identifier, { 'write.parquet.compression-codec': 'gzip' })
      expect(await preview(identifier)).toMatchObject({
        differingFileCount: 2,
        positionDeletedFileCount: 1,
        equalityDeletedFileCount: 0,
        skipped: [],
      })
      const rows = await readTableRows(await load(identifier))
      expect(rows).toHaveLength(59_997)
      // Before the first file is written, and after the deletes were written again: the commit is planned once more.
      const early = await rewrite(identifier, () => deleteRows(identifier, second, [5]))
      expect(early).toMatchObject({ state: 'succeeded', outcome: { filesRewritten: 2, filesSkipped: 0 } })
      expect(await readTableRows(await load(identifier))).toHaveLength(59_996)
      await setProperties(identifier, { 'write.parquet.compression-codec': 'zstd' })
      const [target] = await dataFilesOf(identifier)
      if (!target) throw new Error('the table has no file')
      const base = Buffer.from(target.dataFile.metrics.lowerBounds.get(1) ?? []).readBigInt64LE()
      const deletedIds = new Set([0, 5, 7, 9, 29_999].map((position) => Number(base) + position))
      const known = await readTableRows(await load(identifier))
      const late = await rewrite(
        identifier,
        () => deleteRows(identifier, target, [0, 5, 7, 9, 29_999]),
        ({ locations }) => JSON.stringify(locations).includes('-m0.avro'),
      )
      expect(late).toMatchObject({ state: 'succeeded', outcome: { filesRewritten: 2, filesSkipped: 0 } })
      const left = await readTableRows(await load(identifier))
      expect(left).toEqual(known.filter((row) => !deletedIds.has(Number((JSON.parse(row) as unknown[])[0]))))
      expect(left.length).toBeLessThan(known.length)
      const deletes = await deleteFilesOf(identifier)
      const paths = (await dataFilesOf(identifier)).map(({ dataFile }) => dataFile.filePath)
      expect(deletes.map((file) => file.fileFormat)).toEqual([fileFormat, fileFormat])
      expect(new Set(deletes.map((file) => file.referencedDataFile))).toEqual(new Set(paths))
      expect(await strayFilesOf(identifier)).toEqual([])
    },
  )

  it('keeps a delete file that names other files, too, until these are rewritten', async () => {
    const identifier = await createTable('shared_deletes')
    await setProperties(identifier, { 'write.parquet.compression-codec': 'gzip' })
    await loadCsv(home.services, identifier, csv(60_000, 10))
    const table = await load(identifier)
    const named = (await dataFilesOf(identifier)).map(({ dataFile }) => ({
      path: dataFile.filePath,
      positions: Uint32Array.of(1, 2),
    }))
    const bytes = await writePositionDeleteFile(named)
    const filePath = `${table.metadata.location}/data/shared-deletes.parquet`
    await table.store.writeNew(filePath, bytes)
    const shared = sampleDataFile(filePath, {
      ...describePositions(named),
      content: 'position-deletes',
      fileSizeBytes: bytes.length,
    })
    await commitFiles(identifier, { ...appendOperation([shared]), name: 'delete' })
    const rows = await readTableRows(await load(identifier))
    expect(rows).toHaveLength(60_004)
    expect((await rewrite(identifier)).outcome).toMatchObject({ filesRewritten: 2, filesSkipped: 0 })
    expect(await readTableRows(await load(identifier))).toEqual(rows)
    expect(await deleteFilesOf(identifier)).toHaveLength(3)
    await setProperties(identifier, { 'write.parquet.compression-codec': 'zstd' })
    expect((await rewrite(identifier)).outcome).toMatchObject({ filesRewritten: 3, filesSkipped: 0 })
    expect(await readTableRows(await load(identifier))).toEqual(rows)
    const deletes = await deleteFilesOf(identifier)
    expect(deletes.map((file) => file.recordCount)).toEqual([2, 2, 2])
    expect(deletes.map((file) => file.filePath)).not.toContain(filePath)
  })

  it('replaces nothing when every file was removed meanwhile', async () => {
    const identifier = await createTable('emptied')
    await setProperties(identifier, { 'write.parquet.compression-codec': 'gzip' })
    const files = (await liveFiles(identifier)).map(({ dataFile }) => dataFile)
    const removal = { ...appendOperation([]), name: 'delete' as const, removed: files }
    const run = await rewrite(identifier, () => commitFiles(identifier, removal))
    expect(run).toMatchObject({ state: 'succeeded', outcome: { snapshotId: null, filesRewritten: 0, filesSkipped: 2 } })
    expect(await liveFiles(identifier)).toEqual([])
    expect((await findStrayFiles(home.services)).filter((file) => file.includes('/emptied/'))).toEqual([])
  })

  it('that is cancelled leaves the table as it was, and no file behind', async () => {
    const identifier = await createTable('cancelled')
    await setProperties(identifier, { 'write.parquet.compression-codec': 'gzip' })
    const { metadataLocation } = await load(identifier)
    const run = await rewrite(identifier, async (id, signal) => {
      await requestCancel(home.database, id)
      // The next renewal of the lease reports it.
      await vi.waitUntil(() => signal.aborted, 100_000)
    })
    expect(run).toMatchObject({ state: 'cancelled' })
    expect((await load(identifier)).metadataLocation).toBe(metadataLocation)
    expect((await findStrayFiles(home.services)).filter((file) => file.includes('/cancelled/'))).toEqual([])
  })

  it('leaves out a file that is damaged, names it, and rewrites the others', async () => {
    const identifier = await createTable('damaged')
    await setProperties(identifier, { 'write.parquet.compression-codec': 'gzip' })
    const [first] = (await liveFiles(identifier)).map(({ dataFile }) => dataFile)
    const file = home.services.stores.localPath(first?.filePath ?? '')
    const bytes = readFileSync(file)
    // A page of the first column: its checksum does not match.
    bytes.writeUInt8(bytes.readUInt8(200) ^ 255, 200)
    writeFileSync(file, bytes)
    const run = await rewrite(identifier)
    expect(run).toMatchObject({ state: 'succeeded', outcome: { filesRewritten: 1, filesSkipped: 1 } })
    const log = (await readLog(home.database, run.id, 0, 50)).map(({ text }) => text).join('\n')
    expect(log).toContain(`${first?.filePath} stays as it is:`)
  })

  it('whose copy has one other value fails, and nothing is committed or left behind', async () => {
    const identifier = await createTable('wrong')
    await setProperties(identifier, { 'write.parquet.compression-codec': 'gzip' })
    const { metadataLocation } = await load(identifier)
    const compress = vi.spyOn(pageCompressors, 'gzip').mockImplementation((plain) => {
      const changed = Buffer.from(plain)
      // The last value of the page: its length stays.
      changed.writeUInt8(changed.readUInt8(changed.length - 1) ^ 1, changed.length - 1)
      return gzipSync(changed)
    })
    const run = await rewrite(identifier)
    compress.mockRestore()
    expect(run).toMatchObject({ state: 'failed', error: { code: 'internal' } })
    expect(run.error?.detail).toMatch(/differs in id, so it was not used\.$/)
    expect((await load(identifier)).metadataLocation).toBe(metadataLocation)
    expect((await findStrayFiles(home.services)).filter((file) => file.includes('/wrong/'))).toEqual([])
  })

  it('is queued once for a table, and needs the permission to write it', async () => {
    const identifier = await createTable('queued')
    const table = await load(identifier)
    const { id } = await queueRewrite(home.database, table, TEST_ACTOR)
    expect((await queueRewrite(home.database, table, TEST_ACTOR)).id).toBe(id)
    expect((await readNewestRewrite(home.database, table))?.id).toBe(id)
    await requestCancel(home.database, id)
    const viewer = { ...TEST_ACTOR, role: 'viewer' as const }
    const refused = await queueRewrite(home.database, table, viewer)
    const kinds = { [REWRITE_FILES]: rewriteFilesRuns(home.services) }
    expect(await runQueuedRun(home.services, refused.id, kinds)).toMatchObject({
      state: 'failed',
      error: { code: 'forbidden' },
    })
  })
})

import { describe, expect, it } from 'vitest'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { loadCsv, runQueuedRun } from '@/testing/ingest/load-table'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { requestCancel } from '@/server/db/jobs/runs'
import { readColumnStorage } from '../column-storage'
import { readLiveDataPaths } from '../live-data-paths'
import { COMPRESSION_TRIAL, queueTrial, readTrial } from './queued-trials'
import { trialRuns } from './trial-run'
import { CANDIDATES, tryCodec } from './try-codec'

const home = createTestHome()
const SCHEMA = {
  type: 'struct',
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'note', required: false, type: 'string' },
  ],
}
const CSV = `id,note\n${Array.from({ length: 50_000 }, (_, i) => `${i},a note of ${(i * 7919) % 100_003} words\n`).join('')}`

function identifier(table: string) {
  return { catalog: home.services.config.catalogName, namespace: ['ns'], table }
}

const runTrials = (id: string) => runQueuedRun(home.services, id, { [COMPRESSION_TRIAL]: trialRuns(home.services) })

const { signal } = new AbortController()
const readNewest = (table: LoadedTable, fieldId: number) =>
  readTrial(home.database, table, fieldId, () => readLiveDataPaths(home.services.manifestCache, table, signal))

describe('A trial of codecs', () => {
  it('compresses real pages of a column with every codec, and changes nothing', async () => {
    const properties = { 'write.parquet.compression-level': '7' }
    const table = await loadCsv(home.services, identifier('notes'), CSV, { schema: SCHEMA, properties })
    const queued = await queueTrial(home.database, table, 2, TEST_ACTOR)
    // A second request while it waits is the same run.
    expect((await queueTrial(home.database, table, 2, TEST_ACTOR)).id).toBe(queued.id)
    expect(await runTrials(queued.id)).toMatchObject({ state: 'succeeded', error: null })
    const { run, sample, isSampleCurrent } = await readNewest(table, 2)
    expect(isSampleCurrent).toBe(true)
    expect(run?.id).toBe(queued.id)
    if (!sample) throw new Error('no sample')
    expect(sample).toMatchObject({ fieldId: 2, fileCount: 1 })
    expect(sample.pageCount).toBeGreaterThan(1)
    // The codec that is set is tried, too.
    expect(sample.trials).toHaveLength(CANDIDATES.length + 1)
    expect(sample.trials.at(-1)).toMatchObject({ codec: 'zstd', level: 7, storedBytes: sample.storedBytes })
    expect(sample.trials[0]).toMatchObject({ codec: 'uncompressed', storedBytes: sample.encodedBytes })
    // All pages were tried, so nothing is projected.
    expect(sample.trials.at(-1)).toMatchObject({ change: 0, error: 0 })
    const storage = await readColumnStorage(home.services, table, { signal, nowMs: 0 })
    const note = storage.columns.find(({ fieldId }) => fieldId === 2)
    const plain = sample.trials[0]
    expect(Math.round((note?.storedBytes ?? 0) * (1 + (plain?.change ?? 0)))).toBe(note?.encodedBytes)
    for (const { encodedBytes, storedBytes, encodeMs, decodeMs, turns } of sample.trials) {
      expect(encodedBytes).toBe(sample.encodedBytes)
      expect(storedBytes).toBeGreaterThan(0)
      expect(encodeMs).toBeGreaterThan(0)
      expect(decodeMs).toBeGreaterThan(0)
      expect(turns?.encodedBytes).toBeGreaterThan(0)
      expect(turns?.encodeMs).toBeGreaterThanOrEqual(encodeMs)
      expect(turns?.decodeMs).toBeGreaterThanOrEqual(decodeMs)
    }
    const after = await (await openTestCatalog(home.services)).loadTable(table.identifier)
    expect(after.metadataLocation).toBe(table.metadataLocation)
    expect(await readNewest(table, 1)).toEqual({ run: null, sample: null, sampledAtMs: null, isSampleCurrent: null })
  })

  it('is refused for a column that does not exist, and fails when no file has its pages', async () => {
    const table = await loadCsv(home.services, identifier('empty'), 'id,note\n', { schema: SCHEMA })
    await expect(queueTrial(home.database, table, 99, TEST_ACTOR)).rejects.toMatchObject({ code: 'not-found' })
    const { id } = await queueTrial(home.database, table, 2, TEST_ACTOR)
    expect(await runTrials(id)).toMatchObject({ state: 'failed', error: { code: 'not-found' } })
  })

  it('can be cancelled, and the result of an earlier one stays', async () => {
    const table = await loadCsv(home.services, identifier('cancelled'), CSV, { schema: SCHEMA })
    await runTrials((await queueTrial(home.database, table, 2, TEST_ACTOR)).id)
    const { id } = await queueTrial(home.database, table, 2, TEST_ACTOR)
    await requestCancel(home.database, id)
    expect(await runTrials(id)).toMatchObject({ state: 'cancelled' })
    const { run, sample } = await readNewest(table, 2)
    expect([run?.state, sample?.fieldId]).toEqual(['cancelled', 2])
    // Another table that gets the name later has no trials.
    const another = { ...table, metadata: { ...table.metadata, tableUuid: '0a5a3d4e-6f6e-4a7e-9a54-0c4d6f1f2b11' } }
    expect(await readNewest(another, 2)).toMatchObject({ run: null, sample: null })
  })

  it('is of the files that are stored now, until one that it sampled is gone', async () => {
    const { identifier: rewritten } = await loadCsv(home.services, identifier('rewritten'), CSV, { schema: SCHEMA })
    const sampled = await loadCsv(home.services, rewritten, CSV)
    await runTrials((await queueTrial(home.database, sampled, 2, TEST_ACTOR)).id)
    const grown = await loadCsv(home.services, rewritten, CSV)
    expect(grown.metadata.currentSnapshotId).not.toBe(sampled.metadata.currentSnapshotId)
    expect(await readNewest(grown, 2)).toMatchObject({ isSampleCurrent: true, sample: { fileCount: 2 } })
    // As a rewrite would, and without the files of the other loads.
    const [gone] = await readLiveDataPaths(home.services.manifestCache, sampled, signal)
    const others = [...(await readLiveDataPaths(home.services.manifestCache, grown, signal))].filter(
      (filePath) => filePath !== gone,
    )
    const readOthers = async () => new Set(others)
    const { sample, isSampleCurrent } = await readTrial(home.database, grown, 2, readOthers)
    expect([sample?.fileCount, isSampleCurrent]).toEqual([2, false])
  })

  it('stops a codec that takes too long, and ends at once when it is aborted', async () => {
    const part = { kind: 'data', levels: new Uint8Array(0), body: new Uint8Array(1000), header: {} } as const
    const page = { parts: [part], partWeight: 1, encodedBytes: 1000, storedBytes: 1000, overheadBytes: 20, weight: 1 }
    const sample = { pages: [page, page, page], isComplete: true }
    const slow = await tryCodec(sample, { codec: 'zstd', level: 1 }, { signal, maxMs: 0 })
    expect(slow.encodedBytes).toBe(1000)
    const aborted = tryCodec(sample, { codec: 'zstd', level: 1 }, { signal: AbortSignal.abort(new Error('stop')) })
    await expect(aborted).rejects.toThrow('stop')
  })
})

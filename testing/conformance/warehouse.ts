import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { TestHome } from '@/testing/homes/test-home'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { signPlanToken } from '@/server/auth/tokens/plan-token'
import { runLakeshore } from '@/server/cli/lakeshore'
import type { Run } from '@/server/db/jobs/runs'
import { ReadinessProbe } from '@/server/http/readiness'
import { openTableFile } from '@/server/http/open-table-file'
import { parseIngestOutcome } from '@/server/ingest/run/ingest-outcome'
import { ingestRuns } from '@/server/ingest/run/ingest-run'
import { INGEST, toFileLocation, queueIngest } from '@/server/ingest/run/ingest-spec'
import { stageInput } from '@/server/ingest/stage/stage-input'
import { followRun } from '@/server/jobs/follow-run'
import { runWorkerLoop } from '@/server/jobs/worker-loop'
import type { Services } from '@/server/services'
import { readLiveFiles } from '@/server/table/files/live-files'
import { readObjectPage } from '@/server/table/objects/object-page'
import { commitIntents } from '@/server/changes/actions/change-table'

const SCHEMA = JSON.stringify({
  type: 'struct',
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'text', required: false, type: 'string' },
  ],
})
const { signal } = new AbortController()

/** The embedded catalog on a warehouse in a bucket, for a stand-in and for a real store. */
export function describeWarehouse(home: TestHome): void {
  const identifier = { catalog: 'local', namespace: ['größe', 'a b'], table: 't%1' }

  describe('A warehouse in a bucket', () => {
    test('is set up and ready without a folder', async () => {
      const terminal = { print: () => {}, printMessage: () => {}, prompt: async () => null, signal }
      expect(await runLakeshore(['init'], terminal, () => home.services)).toBe(0)
      expect(await new ReadinessProbe(home.services).check()).toMatchObject({
        ready: true,
        checks: { warehouse: 'ok' },
      })
    })

    test('stores rows, twice, and returns exactly what was staged', async () => {
      const first = await ingest(home.services, identifier, 'id,text\n1,one\n2,two\n')
      expect(parseIngestOutcome(first.outcome ?? {})).toMatchObject({ rowsCommitted: 2, fileCount: 1 })
      await ingest(home.services, identifier, 'id,text\n3,three\n', false)
      const table = await (await openTestCatalog(home.services)).loadTable(identifier)
      expect(table.metadata.location).toMatch(/^s3:\/\/.*\/größe\/a_b\/t_1-[0-9a-f]{8}$/)
      expect(table.metadata.snapshots).toHaveLength(2)
      const snapshot = table.metadata.snapshots.at(-1)
      if (!snapshot) throw new Error('no snapshot')
      const files = await readLiveFiles(home.services.manifestCache, table, snapshot, { store: table.store, signal })
      expect(files.map(({ dataFile }) => dataFile.recordCount)).toEqual([2, 1])
      const { tableUuid } = table.metadata
      const { snapshotId } = snapshot
      const scan = { identifier, tableUuid, snapshotId, schemaId: 0, userId: TEST_ACTOR.userId }
      const token = signPlanToken(home.services, scan)
      for (const [index, { dataFile }] of files.entries()) {
        expect(dataFile.filePath).toMatch(/^s3:\/\//)
        const served = await openTableFile(home.services, { token, index }, { actor: TEST_ACTOR, signal })
        expect(served.sizeBytes).toBe(dataFile.fileSizeBytes)
        const end = await new Response(await served.open({ start: served.sizeBytes - 4, end: served.sizeBytes })).text()
        expect(end).toBe('PAR1')
      }
    })

    test('lists its folders, and marks the file that no snapshot references', async () => {
      const table = await (await openTestCatalog(home.services)).loadTable(identifier)
      const { location } = table.metadata
      await table.store.writeNew(`${location}/data/stray.parquet`, new Uint8Array(3))
      const list = (folder: string) => readObjectPage(home.services, table, { folder, pageToken: undefined, signal })
      const [top, data] = [await list(location), await list(`${location}/data`)]
      expect([top.folders, top.objects]).toEqual([['data', 'metadata'], []])
      expect(data.references).toMatchObject({ isComplete: true, problem: null })
      const [stray, ...own] = data.objects.toSorted((a, b) => a.sizeBytes - b.sizeBytes)
      expect(stray).toMatchObject({ name: 'stray.parquet', sizeBytes: 3, reference: 'unreferenced' })
      expect(own.map(({ reference }) => reference)).toEqual(['referenced', 'referenced'])
      const metadata = await list(`${location}/metadata`)
      expect(metadata.objects.filter(({ reference }) => reference !== 'referenced')).toEqual([])
      for (const folder of [home.services.config.warehouse, `${location}/../..`, `${location}-other`]) {
        await expect(list(folder)).rejects.toMatchObject({ code: 'location-refused' })
      }
      await table.store.remove(`${location}/data/stray.parquet`)
    })

    test('rolls back to the earlier rows', async () => {
      const catalog = await openTestCatalog(home.services)
      const before = await catalog.loadTable(identifier)
      const [first, second] = before.metadata.snapshots
      if (!first || !second) throw new Error('no snapshots')
      const [fromSnapshotId, toSnapshotId] = [second.snapshotId, first.snapshotId]
      await commitIntents(
        home.services,
        identifier,
        [{ kind: 'roll-back', fromSnapshotId, toSnapshotId, safetyTag: null }],
        { actor: TEST_ACTOR, signal, requestId: 'r', confirmedName: 'größe.a b.t%1' },
      )
      const { metadata } = await catalog.loadTable(identifier)
      expect(metadata.refs['main']?.snapshotId).toBe(first.snapshotId)
    })

    test('stores nothing of a failed load, and separates a table from a dropped one of the same name', async () => {
      const failed = await ingest(home.services, { ...identifier, table: 'bad' }, 'id,text\nno number,x\n')
      expect(failed.state).toBe('failed')
      const catalog = await openTestCatalog(home.services)
      expect(await catalog.listTables(identifier.namespace)).toEqual([identifier])
      const { store } = await catalog.loadTable(identifier)
      expect(await store.hasFiles(`${home.services.config.warehouse}/größe/a b/bad`)).toBe(false)
      await catalog.write({ kind: 'drop-table', table: identifier })
      await ingest(home.services, identifier, 'id,text\n4,four\n')
      const { metadata } = await catalog.loadTable(identifier)
      expect(metadata.location).toMatch(/\/größe\/a_b\/t_1-[0-9a-f]{8}$/)
    })
  })
}

async function ingest(
  services: Services,
  identifier: { catalog: string; namespace: string[]; table: string },
  csv: string,
  isNew = true,
): Promise<Run> {
  const file = path.join(services.config.homeDir, `${randomBytes(6).toString('hex')}.csv`)
  writeFileSync(file, csv)
  const create = isNew ? { schema: SCHEMA, partitionBy: null, properties: {} } : null
  const spec = {
    input: [{ location: toFileLocation(file) }],
    format: 'csv' as const,
    ignoreExtra: false,
    maxRejectedRows: 0,
    create,
  }
  const id = await queueIngest(services.database, identifier, spec, COMMAND_LINE)
  const stop = new AbortController()
  const ingestKind = ingestRuns(services, (request, { onProgress }) => stageInput(request, onProgress))
  const loop = runWorkerLoop(services, {
    kinds: { [INGEST]: ingestKind },
    concurrency: 1,
    signal: stop.signal,
  })
  const run = await followRun(services.database, id, { signal, onProgress: () => {}, pollMs: 5 })
  stop.abort()
  await loop
  return run
}

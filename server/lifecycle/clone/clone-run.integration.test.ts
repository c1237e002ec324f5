import { describe, expect, it, vi } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { listAudit } from '@/server/db/audit-list'
import { readLog } from '@/server/db/jobs/run-logs'
import { requestCancel } from '@/server/db/jobs/runs'
import type { RunContext, RunKind } from '@/server/jobs/run-kind'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { findStrayFiles, openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { verifyTable } from '@/testing/catalogs/verify-table'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome } from '@/testing/homes/test-home'
import { loadCsv, runQueuedRun } from '@/testing/ingest/load-table'
import { queueClone } from '@/testing/lifecycle/queue-clone'
import { reviewClone } from './clone-review'
import { cloneTableRuns } from './clone-run'
import { CLONE_TABLE, type CloneSpec } from './clone-task'

const home = createTestHome()
const SCHEMA = {
  type: 'struct',
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'note', required: false, type: 'string' },
  ],
}
const csv = (first: number) => `id,note\n${Array.from({ length: 100 }, (_, i) => `${first + i},n${i}\n`).join('')}`
const toIdentifier = (table: string) => ({ catalog: home.services.config.catalogName, namespace: ['ns'], table })
const load = async (identifier: TableIdentifier) => (await openTestCatalog(home.services)).loadTable(identifier)
const signal = new AbortController().signal

/** A table of two files. */
async function createTable(name: string) {
  const identifier = toIdentifier(name)
  const properties = { comment: 'trips', 'write.parquet.page-row-limit': '1000', 'lakeshore.protected': 'true' }
  await loadCsv(home.services, identifier, csv(0), { schema: SCHEMA, properties })
  await loadCsv(home.services, identifier, csv(100))
  return load(identifier)
}

async function queue(source: TableIdentifier, name: string, change: Partial<CloneSpec> = {}) {
  const { metadata } = await load(source)
  const spec = {
    source,
    sourceTableUuid: metadata.tableUuid,
    snapshotId: metadata.currentSnapshotId,
    schemaId: metadata.currentSchemaId,
    location: null,
    keepsPartitioning: true,
    keepsSortOrder: true,
    keepsDescription: true,
    properties: Object.keys(metadata.properties),
    ...change,
  }
  return queueClone(home.database, toIdentifier(name), spec)
}

/** @param during happens each time the journal was saved */
function kinds(
  during: (journal: Record<string, unknown>, runSignal: AbortSignal) => Promise<unknown> = async () => {},
) {
  const kind = cloneTableRuns(home.services)
  const work: RunKind['work'] = (run, context) => {
    const saveJournal: RunContext['saveJournal'] = async (journal) => {
      await context.saveJournal(journal)
      await during(journal, context.signal)
    }
    return kind.work(run, { ...context, saveJournal })
  }
  return { [CLONE_TABLE]: { ...kind, work } }
}

const strayOf = async (name: string) =>
  (await findStrayFiles(home.services)).filter((file) => file.includes(`/${name}`) || file.includes('staging'))

describe('A clone', () => {
  it('has the rows of an earlier snapshot and what was chosen, and is one entry of the audit', async () => {
    const source = await createTable('source')
    const [first] = source.metadata.snapshots
    const { show } = await reviewClone(
      home.services,
      source.identifier,
      { asOf: { snapshotId: first?.snapshotId ?? '' }, target: toIdentifier('earlier'), location: undefined },
      { actor: TEST_ACTOR, signal },
    )
    const review = await show()
    expect(review).toMatchObject({ dataFileCount: 1, rowCount: 100, problems: [], blockers: [], keepsRowIds: null })
    expect(review.settings).toContain('write.parquet.page-row-limit')
    expect(review.description).toEqual(['comment'])
    expect(review.omitted).toEqual(['lakeshore.protected'])
    const { snapshotId, schemaId } = review
    const id = await queue(source.identifier, 'earlier', { snapshotId, schemaId, keepsDescription: false })
    const run = await runQueuedRun(home.services, id, kinds())
    expect(run).toMatchObject({ state: 'succeeded', outcome: { dataFilesCopied: 1, rowsCopied: 100 }, journal: null })
    const clone = await load(toIdentifier('earlier'))
    expect(await readTableRows(clone)).toEqual(await readTableRows(source, snapshotId ?? ''))
    expect(clone.metadata.properties).toMatchObject({
      'write.parquet.page-row-limit': '1000',
      'lakeshore.cloned-from.snapshot-id': snapshotId,
    })
    expect(Object.keys(clone.metadata.properties)).not.toContain('comment')
    expect(Object.keys(clone.metadata.properties)).not.toContain('lakeshore.protected')
    expect(clone.metadata.snapshots[0]?.summary).toMatchObject({
      operation: 'append',
      'added-records': '100',
      'total-records': '100',
    })
    const [entry] = await listAudit(home.database, { limit: 1 })
    expect(entry).toMatchObject({ action: 'clone-table', table: toIdentifier('earlier'), before: null })
    // Loads go on from the sequence number of the source.
    await loadCsv(home.services, toIdentifier('earlier'), csv(500))
    expect((await verifyTable(home.services, toIdentifier('earlier'))).rows).toBe(200)
  })

  it('is refused under a name that is taken, and leaves nothing', async () => {
    const source = await createTable('named')
    await createTable('taken')
    const { show } = await reviewClone(
      home.services,
      source.identifier,
      { asOf: {}, target: toIdentifier('taken'), location: undefined },
      { actor: TEST_ACTOR, signal },
    )
    expect((await show()).blockers).toMatchObject([{ part: 'name' }])
    const id = await queue(source.identifier, 'taken')
    expect(await runQueuedRun(home.services, id, kinds())).toMatchObject({
      state: 'failed',
      error: { code: 'already-exists' },
    })
    expect((await verifyTable(home.services, toIdentifier('taken'))).rows).toBe(200)
  })

  it('removes what it copied when the name is taken meanwhile', async () => {
    const source = await createTable('slow')
    const id = await queue(source.identifier, 'raced')
    let hasHappened = false
    const run = await runQueuedRun(
      home.services,
      id,
      kinds(async ({ copiedCount }) => {
        if (hasHappened || copiedCount !== 2) return
        hasHappened = true
        await createTable('raced')
      }),
    )
    expect(run).toMatchObject({ state: 'failed', error: { code: 'commit-conflict' }, journal: null })
    expect((await verifyTable(home.services, toIdentifier('raced'))).rows).toBe(200)
    expect(await strayOf('raced')).toEqual([])
  })

  it('removes what it copied when it is cancelled', async () => {
    const source = await createTable('regretted')
    const id = await queue(source.identifier, 'cancelled')
    const run = await runQueuedRun(
      home.services,
      id,
      kinds(async ({ copiedCount }, runSignal) => {
        if (copiedCount !== 2) return
        expect(await strayOf('cancelled')).toHaveLength(2)
        await requestCancel(home.database, id)
        await vi.waitUntil(() => runSignal.aborted, 100_000)
      }),
    )
    expect(run).toMatchObject({ state: 'cancelled', journal: null })
    expect(await strayOf('cancelled')).toEqual([])
  })

  it('goes on with the files that are copied when its worker is gone', async () => {
    const source = await createTable('long')
    const id = await queue(source.identifier, 'resumed')
    const stop = new Error('the worker is gone')
    const journals: Record<string, unknown>[] = []
    const kind = kinds(async (journal) => {
      journals.push(structuredClone(journal))
      if (journal['copiedCount'] !== 2 || journals.length > 2) return
      // As if it had died here: the lease ends, without a cleanup.
      await home.database.commit([
        rawChange("UPDATE runs SET lease_owner = 'nobody', lease_until_ms = 0 WHERE id = ?", [id]),
      ])
      throw stop
    })
    const run = await runQueuedRun(home.services, id, kind)
    expect(run).toMatchObject({ state: 'succeeded', attempt: 2, outcome: { dataFilesCopied: 2, rowsCopied: 200 } })
    expect((await readLog(home.database, id, 0, 100)).map(({ text }) => text)).toContain('2 files were copied before.')
    expect(await readTableRows(await load(toIdentifier('resumed')))).toEqual(await readTableRows(source))
    const locations = new Set(journals.map(({ location, tableUuid }) => JSON.stringify([location, tableUuid])))
    expect(locations.size).toBe(1)
    expect(await strayOf('resumed')).toEqual([])
  })
})

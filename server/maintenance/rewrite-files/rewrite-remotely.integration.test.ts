import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { actorFor } from '@/server/auth/actor'
import { listAudit } from '@/server/db/audit-list'
import { readRun } from '@/server/db/jobs/runs'
import { readLiveFiles } from '@/server/table/files/live-files'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { loadCsv, runQueuedRun } from '@/testing/ingest/load-table'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import { rewriteFilesRuns } from './rewrite-run'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { RunContext, RunKind } from '@/server/jobs/run-kind'
import { queueRewrite, REWRITE_FILES } from './rewrite-task'

/** Tables of another catalog, which is our own one over REST, with files in a bucket. */

const s3 = new S3StandIn()
const endpoint = await s3.start()
const home = createTestHome({
  LAKESHORE_WAREHOUSE: 's3://lake/wh',
  LAKESHORE_S3_ENDPOINT: endpoint,
  LAKESHORE_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
  LAKESHORE_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
})
let listener: RestListener
beforeAll(async () => {
  listener = await startRestListener(home.services)
  const user = await signInAs(home.services, 'admin')
  const token = await createRestTokenAs(home.services, 'admin')
  await addMirror(home, {
    name: 'mirror',
    listener,
    token,
    admin: actorFor({ ...user, role: 'admin' }),
    storage: { roots: ['s3://lake'], endpoint, ...KEYS },
  })
})
afterAll(async () => {
  await listener.stop()
  await s3.stop()
})

const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: true, type: 'long' }] }
const CSV = `id\n${Array.from({ length: 5000 }, (_, i) => `${i}\n`).join('')}`
const local = (table: string) => ({ catalog: home.services.config.catalogName, namespace: ['ns'], table })
const mirrored = (table: string) => ({ ...local(table), catalog: 'mirror' })

/** A table of one zstd file that is to become gzip. */
async function createTable(name: string) {
  await loadCsv(home.services, local(name), CSV, { schema: SCHEMA })
  const catalog = await openTestCatalog(home.services)
  const update = { action: 'set-properties', updates: { 'write.parquet.compression-codec': 'gzip' } } as const
  await catalog.write({ kind: 'commit-table', table: local(name), change: { requirements: [], updates: [update] } })
}
const load = async (identifier: TableIdentifier) =>
  (await home.services.catalogs.open(identifier.catalog, TEST_ACTOR)).loadTable(identifier)

describe('A rewrite of a table of another catalog', () => {
  it('is committed there, and audited once', async () => {
    await createTable('remote')
    const table = await load(mirrored('remote'))
    const rows = await readTableRows(table)
    const { id } = await queueRewrite(home.database, table, TEST_ACTOR)
    const run = await runQueuedRun(home.services, id, { [REWRITE_FILES]: rewriteFilesRuns(home.services) })
    expect(run).toMatchObject({ state: 'succeeded', outcome: { filesRewritten: 1 } })
    const after = await load(local('remote'))
    expect(await readTableRows(after)).toEqual(rows)
    expect(after.metadata.snapshots.at(-1)?.summary).toMatchObject({ operation: 'replace', 'lakeshore.run-id': id })
    const entries = (await listAudit(home.database, { limit: 10 })).filter(
      ({ action, table: of }) => action === 'replace' && of?.catalog === 'mirror',
    )
    expect(entries).toHaveLength(1)
  })

  it('that was committed, but whose answer was lost, has its outcome, and its files stay', async () => {
    await createTable('lost')
    const { id } = await queueRewrite(home.database, await load(mirrored('lost')), TEST_ACTOR)
    const kind = rewriteFilesRuns(home.services)
    const journals: JsonObject[] = []
    const work: RunKind['work'] = (run, context) => {
      const saveJournal: RunContext['saveJournal'] = async (journal) => {
        journals.push(structuredClone(journal))
        await context.saveJournal(journal)
      }
      return kind.work(run, { ...context, saveJournal })
    }
    const { outcome } = await runQueuedRun(home.services, id, { [REWRITE_FILES]: { ...kind, work } })
    const files = await filesOf('lost')
    const rows = await readTableRows(await load(local('lost')))
    const run = await readRun(home.database, id)
    const last = journals.at(-1)
    if (!run || !last) throw new Error('the run left no journal')
    expect(last).toMatchObject({ mayBeSent: true })
    const settled = await kind.settle({ ...run, journal: last })
    expect(settled).toMatchObject({ snapshotId: outcome?.snapshotId, filesRewritten: 1 })
    expect(await filesOf('lost')).toEqual(files)
    expect(await readTableRows(await load(local('lost')))).toEqual(rows)
  })

  it('removes nothing when it is not known whether the commit happened', async () => {
    await createTable('unknown')
    const { settled, remains } = await settleWith('unknown', { mayBeSent: true })
    await expect(settled).rejects.toMatchObject({ code: 'commit-state-unknown' })
    expect(await remains()).toBe(true)
  })

  it('removes only its own files when nothing was sent', async () => {
    await createTable('refused')
    const before = await filesOf('refused')
    expect(before).toHaveLength(1)
    const { settled, remains } = await settleWith('refused', { mayBeSent: false })
    expect(await settled).toBeNull()
    expect(await remains()).toBe(false)
    expect(await filesOf('refused')).toEqual(before)
  })

  /** Settles a run that has put one file into the table's folder. */
  async function settleWith(name: string, { mayBeSent }: { mayBeSent: boolean }) {
    const { metadata, store } = await load(mirrored(name))
    const own = `${metadata.location}/data/of-the-run.parquet`
    await store.writeNew(own, new Uint8Array(4))
    const queued = await queueRewrite(home.database, await load(mirrored(name)), TEST_ACTOR)
    const run = await readRun(home.database, queued.id)
    if (!run) throw new Error('the run is gone')
    const journal = { snapshotId: '77', locations: [own], mayBeSent, outcome: {} }
    const settled = rewriteFilesRuns(home.services).settle({ ...run, journal })
    const remains = async () =>
      (await store.listNames(`${metadata.location}/data`, { limit: 10 })).includes('of-the-run.parquet')
    return { settled, remains }
  }

  async function filesOf(name: string): Promise<string[]> {
    const table = await load(local(name))
    const { store } = table
    const [snapshot] = table.metadata.snapshots.slice(-1)
    if (!snapshot) throw new Error(`${name} has no snapshot`)
    const files = await readLiveFiles(home.services.manifestCache, table, snapshot, { store })
    return files.map(({ dataFile }) => dataFile.filePath)
  }
})

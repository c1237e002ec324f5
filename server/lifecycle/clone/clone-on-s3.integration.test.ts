import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { actorFor } from '@/server/auth/actor'
import { listAudit } from '@/server/db/audit-list'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { readTableRows } from '@/testing/catalogs/read-table-rows'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { loadCsv, runQueuedRun } from '@/testing/ingest/load-table'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import { queueClone } from '@/testing/lifecycle/queue-clone'
import { cloneTableRuns } from './clone-run'
import { CLONE_TABLE } from './clone-task'

/** Clones in a bucket, and to and from another catalog, which is our own one over REST. */

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
  const admin = actorFor({ ...user, role: 'admin' })
  await addMirror(home, {
    name: 'mirror',
    listener,
    token,
    admin,
    storage: { roots: ['s3://lake'], endpoint, ...KEYS },
  })
  await addMirror(home, { name: 'without-storage', listener, token, admin })
})
afterAll(async () => {
  await listener.stop()
  await s3.stop()
})

const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: true, type: 'long' }] }
const CSV = `id\n${Array.from({ length: 500 }, (_, i) => `${i}\n`).join('')}`
const inCatalog = (catalog: string, table: string) => ({ catalog, namespace: ['ns'], table })
const local = (table: string) => inCatalog(home.services.config.catalogName, table)
const load = async (identifier: TableIdentifier) =>
  (await home.services.catalogs.open(identifier.catalog, TEST_ACTOR)).loadTable(identifier)
const copies = () => s3.received.filter(({ headers }) => headers['x-amz-copy-source'] !== undefined)

async function clone(source: TableIdentifier, target: TableIdentifier) {
  const { metadata } = await load(source)
  const id = await queueClone(home.database, target, {
    source,
    sourceTableUuid: metadata.tableUuid,
    snapshotId: metadata.currentSnapshotId,
    schemaId: metadata.currentSchemaId,
    location: null,
    keepsPartitioning: true,
    keepsSortOrder: true,
    keepsDescription: true,
    properties: [],
  })
  return runQueuedRun(home.services, id, { [CLONE_TABLE]: cloneTableRuns(home.services) })
}

describe('A clone', () => {
  it('is copied by the store itself, if that can, and through here otherwise', async () => {
    await loadCsv(home.services, local('source'), CSV, { schema: SCHEMA })
    const rows = await readTableRows(await load(local('source')))
    expect(await clone(local('source'), local('by_store'))).toMatchObject({ state: 'succeeded' })
    expect(copies()).toHaveLength(1)
    expect(await readTableRows(await load(local('by_store')))).toEqual(rows)
    s3.supportsCopies = false
    expect(await clone(local('source'), local('through_here'))).toMatchObject({ state: 'succeeded' })
    s3.supportsCopies = true
    expect(await readTableRows(await load(local('through_here')))).toEqual(rows)
  })

  it('goes to another catalog and comes from one, with one entry of the audit', async () => {
    await loadCsv(home.services, local('here'), CSV, { schema: SCHEMA })
    const rows = await readTableRows(await load(local('here')))
    expect(await clone(local('here'), inCatalog('mirror', 'there'))).toMatchObject({ state: 'succeeded' })
    expect(await readTableRows(await load(local('there')))).toEqual(rows)
    const entries = (await listAudit(home.database, { limit: 20 })).filter(
      ({ action, table }) => action === 'clone-table' && table?.catalog === 'mirror',
    )
    expect(entries).toHaveLength(1)
    expect(await clone(inCatalog('mirror', 'there'), local('back'))).toMatchObject({ state: 'succeeded' })
    const back = await load(local('back'))
    expect(await readTableRows(back)).toEqual(rows)
    expect(back.metadata.properties['lakeshore.cloned-from.table']).toBe('mirror.ns.there')
  })

  it('is refused where nothing can be written before the table exists', async () => {
    await loadCsv(home.services, local('stays'), CSV, { schema: SCHEMA })
    expect(await clone(local('stays'), inCatalog('without-storage', 'nowhere'))).toMatchObject({
      state: 'failed',
      error: { code: 'location-refused' },
    })
  })
})

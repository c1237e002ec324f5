import { beforeAll, expect, it } from 'vitest'
import { deleteGrantChange, putGrantChanges } from '@/server/db/auth/grants'
import { queueRun } from '@/server/db/jobs/runs'
import { INGEST, toFileLocation } from '@/server/ingest/run/ingest-spec'
import { SAVE_RESULT } from '@/server/jobs/private-runs'
import { CLONE_TABLE } from '@/server/lifecycle/clone/clone-task'
import { REWRITE_FILES } from '@/server/maintenance/rewrite-files/rewrite-task'
import { COMPRESSION_TRIAL } from '@/server/metrics/columns/trial/queued-trials'
import { CHECK_TABLE } from '@/server/table/checks/queued-checks'
import { COUNT_EXPIRY } from '@/server/table/expiry/queued-counts'
import { listTableFiles } from '@/testing/catalogs/expire-table'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { appendTenRows, ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { runKinds } from './run-kinds'

/** Runs that wait in the queue while their user loses the role that let them queue it. */

const home = createTestHome()
const TABLE = { catalog: 'local', namespace: ['ours'], table: 't' }
const CLONE = { ...TABLE, table: 'clone' }
let user: Awaited<ReturnType<typeof signInAs>>
let specs: Record<string, { spec: Parameters<typeof queueRun>[1]['spec']; on: typeof TABLE }>

const load = async () => (await openTestCatalog(home.services)).loadTable(TABLE)

beforeAll(async () => {
  const catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['ours'], properties: {} })
  await catalog.write({ kind: 'create-table', table: TABLE, schema: ONE_COLUMN_SCHEMA })
  await appendTenRows(home.services, TABLE)
  user = await signInAs(home.services, null)
  const { metadata } = await load()
  const input = { input: [{ location: toFileLocation(`${home.config.homeDir}/in.csv`) }], format: 'csv', create: null }
  const { tableUuid: sourceTableUuid, currentSnapshotId: snapshotId, currentSchemaId: schemaId } = metadata
  const retained = { keepsPartitioning: true, keepsSortOrder: true, keepsDescription: true, properties: [] }
  specs = {
    [INGEST]: { spec: { ...input, ignoreExtra: false, maxRejectedRows: 0 }, on: TABLE },
    [SAVE_RESULT]: {
      spec: {
        query: { sql: 'SELECT 1 AS id', cursor: 0, connection: 'local' },
        landing: { operation: 'append', branch: null },
        create: null,
        maxRejectedRows: 0,
      },
      on: TABLE,
    },
    [REWRITE_FILES]: { spec: {}, on: TABLE },
    [COMPRESSION_TRIAL]: { spec: { fieldId: 1 }, on: TABLE },
    [CHECK_TABLE]: { spec: { snapshotId }, on: TABLE },
    [COUNT_EXPIRY]: { spec: {}, on: TABLE },
    [CLONE_TABLE]: {
      spec: { source: TABLE, sourceTableUuid, snapshotId, schemaId, location: null, ...retained },
      on: CLONE,
    },
  }
})

async function run(kind: string, { isWithdrawn }: { isWithdrawn: boolean }) {
  const holder = { kind: 'user', id: user.userId } as const
  const on = { catalog: 'local', namespace: ['ours'] }
  const grant = putGrantChanges({ grantId: 'g', holder, role: 'editor', resource: on, createdBy: 'a test' })
  await home.database.commit(grant)
  const { spec = {}, on: table = TABLE } = specs[kind] ?? {}
  const actor = { userId: user.userId, username: user.username, role: 'editor' as const }
  const id = await queueRun(home.database, { kind, title: kind, spec, actor, table })
  if (isWithdrawn) await home.database.commit([deleteGrantChange('g')])
  const ended = await runQueuedRun(home.services, id, runKinds(home.services))
  if (!isWithdrawn) await home.database.commit([deleteGrantChange('g')])
  return ended
}

it.each([INGEST, SAVE_RESULT, REWRITE_FILES, COMPRESSION_TRIAL, CHECK_TABLE, COUNT_EXPIRY, CLONE_TABLE])(
  'A run of the kind %s begins nothing when its user has lost the role',
  async (kind) => {
    const before = await load()
    const files = listTableFiles(before.metadata.location)
    expect(await run(kind, { isWithdrawn: true })).toMatchObject({
      state: 'failed',
      error: { code: 'forbidden', detail: expect.stringContaining('The run did not begin.') },
      journal: null,
    })
    expect((await load()).metadataLocation).toBe(before.metadataLocation)
    expect(listTableFiles(before.metadata.location)).toEqual(files)
    await expect((await openTestCatalog(home.services)).loadTable(CLONE)).rejects.toMatchObject({ code: 'not-found' })
  },
)

it('The same run succeeds while its user has the role', async () => {
  expect(await run(REWRITE_FILES, { isWithdrawn: false })).toMatchObject({ state: 'succeeded', error: null })
})

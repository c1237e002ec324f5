import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { appendOperation } from '@/lib/iceberg/operations/append'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { bundleProgram, startProgram } from '@/testing/processes/program-process'
import { actorFor } from '@/server/auth/actor'
import { listAudit } from '@/server/db/audit-list'
import { ARRIVAL_LIMIT_MS, settleNextWrite } from '@/server/maintenance/settle-writes'
import { runOperation } from '@/server/table/commit/run-operation'
import { commitCherryPick, publish } from '@/testing/lifecycle/actions'

/**
 * A cherry-pick, whose process kills itself at a step: a pick writes its manifests before it stores its commit. Steps are
 * before and after each transaction of the embedded catalog, or of the outbox: that reserves the key, stores the commit,
 * records its answer and releases the key. A publication writes no files.
 */
const SOURCE = `
import { actorFor } from '@/server/auth/actor'
import { touchesTable } from '@/testing/databases/change-sql'
import { services } from '@/testing/homes/program-services'
import { commitCherryPick, publish } from '@/testing/lifecycle/actions'

const [, , action, catalog, table, userId, snapshotId, tip, stopAt] = process.argv
let steps = 0
function step() {
  steps += 1
  if (steps === Number(stopAt)) process.kill(process.pid, 'SIGKILL')
}
async function main() {
  const { database } = services
  const { commit } = database
  database.commit = async (changes) => {
    const isStep = touchesTable(changes, catalog === 'local' ? 'iceberg_tables' : 'pending_writes')
    if (isStep) step()
    const changed = await commit(changes)
    if (isStep) step()
    return changed
  }
  const identifier = { catalog, namespace: ['demo'], table }
  const options = {
    actor: actorFor({ userId, username: 'ada', role: 'admin' }),
    signal: new AbortController().signal,
    requestId: 'r1',
    idempotencyKey: 'a-key-of-' + table,
  }
  await (action === 'publish'
    ? publish(services, identifier, { snapshotId, branch: 'audit', mainSnapshotId: tip }, options)
    : commitCherryPick(services, identifier, { snapshotId, tipSnapshotId: tip }, options))
  await database.close()
}
void main()
`

const home = createTestHome({ LAKESHORE_LOCAL_ROOTS: tmpdir() })
const signal = new AbortController().signal
let listener: RestListener
let program: string
let actor: ReturnType<typeof actorFor>
let tableCount = 0
let table: string
const local = (): TableIdentifier => ({ catalog: 'local', namespace: ['demo'], table })
const load = async () => (await openTestCatalog(home.services)).loadTable(local())

beforeAll(async () => {
  listener = await startRestListener(home.services)
  listener.supportsIdempotencyKeys = false
  actor = actorFor({ ...(await signInAs(home.services, 'admin')), role: 'admin' })
  const token = await createRestTokenAs(home.services, 'admin')
  await addMirror(home, { name: 'mirror', listener, token, admin: actor, storage: 'local' })
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  program = await bundleProgram(SOURCE, home.config.homeDir)
})
afterAll(() => listener.stop())
beforeEach(async () => {
  tableCount += 1
  table = `killed${tableCount}`
  await (await openTestCatalog(home.services)).write({
    kind: 'create-table',
    table: local(),
    schema: ONE_COLUMN_SCHEMA,
  })
})

async function append(name: string, branch = 'main'): Promise<string> {
  const { metadata, store } = await load()
  const catalog = await openTestCatalog(home.services)
  const operation = appendOperation([sampleDataFile(`${metadata.location}/data/${name}.parquet`)])
  const request = { catalog, store, identifier: local(), branch, auditAction: 'append', actor: TEST_ACTOR, signal }
  return (await runOperation(home.services.log, request, async () => ({ operation }))).snapshotId
}

async function listMetadataFiles(): Promise<string[]> {
  const { metadata } = await load()
  return (await readdir(fileURLToPath(`${metadata.location}/metadata`))).toSorted()
}

const UNKNOWN = 'commit-state-unknown'
/** `early`: the code of a request under the same key while the outcome is not known. */
const CASES = [
  { catalog: 'mirror', stopAt: 3, at: 'before the commit is stored', isMade: false, early: UNKNOWN, found: [] },
  { catalog: 'mirror', stopAt: 4, at: 'before it is sent', isMade: false, early: UNKNOWN, found: ['not-committed'] },
  {
    catalog: 'mirror',
    stopAt: 5,
    at: 'before its answer is recorded',
    isMade: true,
    early: UNKNOWN,
    found: ['committed'],
  },
  { catalog: 'mirror', stopAt: 6, at: 'before its key is released', isMade: true, early: 'made', found: [null] },
  { catalog: 'local', stopAt: 1, at: 'before the commit', isMade: false, early: null, found: [] },
  { catalog: 'local', stopAt: 2, at: 'after the commit', isMade: true, early: null, found: [null] },
]

test.each(['cherry-pick', 'publish'].flatMap((action) => CASES.map((one) => ({ action, ...one }))))(
  'A $action in $catalog that is killed $at is found or made once, and loses no file (commit-safety 4, 35)',
  async ({ action, catalog, stopAt, isMade, early, found }) => {
    const first = await append('a')
    await (await openTestCatalog(home.services)).write({
      kind: 'commit-table',
      table: local(),
      change: {
        requirements: [],
        updates: [{ action: 'set-snapshot-ref', refName: 'audit', snapshotId: first, type: 'branch' }],
      },
    })
    const staged = await append('b', 'audit')
    // A pick onto another tip writes files; main is only published forward.
    const tip = action === 'publish' ? first : await append('c')
    const args = [action, catalog, table, actor.userId, staged, tip, String(stopAt)]
    expect(await startProgram(home.config, program, args).ended).toBeNull()
    const mainNow = async () => (await load()).metadata.refs['main']?.snapshotId
    expect((await mainNow()) !== tip).toBe(isMade)
    const files = await listMetadataFiles()

    const identifier = { ...local(), catalog }
    const options = { actor, signal, requestId: 'r2', idempotencyKey: `a-key-of-${table}` }
    const send = () =>
      action === 'publish'
        ? publish(home.services, identifier, { snapshotId: staged, branch: 'audit', mainSnapshotId: tip }, options)
        : commitCherryPick(home.services, identifier, { snapshotId: staged, tipSnapshotId: tip }, options)
    // A commit that may be on its way is not sent again.
    const refusal =
      early &&
      (await send().then(
        () => 'made',
        ({ code }: { code: string }) => code,
      ))
    expect(refusal).toBe(early)
    await home.database.commit([
      rawChange('UPDATE pending_writes SET sent_at_ms = sent_at_ms - ?, next_check_at_ms = 0', [ARRIVAL_LIMIT_MS]),
    ])
    while (await settleNextWrite(home.services, signal));
    const audited = async () =>
      (await listAudit(home.database, { limit: 100 })).filter(
        (entry) => entry.table?.table === table && entry.table.catalog === catalog && entry.action === action,
      )
    expect((await audited()).map(({ outcome }) => outcome)).toEqual(found)
    expect(await listMetadataFiles()).toEqual(files)

    // A request that is sent again under its key returns the commit that was found, or makes the missing one.
    const { auditId } = await send()
    expect((await audited()).filter(({ outcome }) => outcome !== 'not-committed').map(({ id }) => id)).toEqual([
      auditId,
    ])
    const { metadata } = await load()
    expect(metadata.snapshots).toHaveLength(action === 'publish' ? 2 : 4)
    expect(await listMetadataFiles()).toEqual(expect.arrayContaining(files))
    expect(await mainNow()).toBe(action === 'publish' ? staged : metadata.snapshots.at(-1)?.snapshotId)
  },
)

import { tmpdir } from 'node:os'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { appendOperation } from '@/lib/iceberg/operations/append'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type Fault, type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { useTestClock } from '@/testing/clock'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { actorFor } from '@/server/auth/actor'
import { listAudit } from '@/server/db/audit-list'
import { settleNextWrite } from '@/server/maintenance/settle-writes'
import { runOperation } from '@/server/table/commit/run-operation'
import { commitCherryPick, publish } from '@/testing/lifecycle/actions'

/** Cherry-picks and publications through a connection to the home's own catalog, whose responses get lost. */

const home = createTestHome({ LAKESHORE_LOCAL_ROOTS: tmpdir() })
const signal = new AbortController().signal
let listener: RestListener
let actor: ReturnType<typeof actorFor>
let tableCount = 0
let identifier: TableIdentifier
let [staged, tip, key] = ['', '', '']
const local = () => ({ ...identifier, catalog: 'local' })
const load = async () => (await openTestCatalog(home.services)).loadTable(local())
const mainNow = async () => (await load()).metadata.refs['main']?.snapshotId

beforeAll(async () => {
  listener = await startRestListener(home.services)
  actor = actorFor({ ...(await signInAs(home.services, 'admin')), role: 'admin' })
  const token = await createRestTokenAs(home.services, 'admin')
  await addMirror(home, { name: 'mirror', listener, token, admin: actor, storage: 'local' })
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
afterAll(() => listener.stop())
beforeEach(async () => {
  // Requests whose response is lost are repeated after pauses.
  useTestClock().skipPauses()
  listener.supportsIdempotencyKeys = false
  tableCount += 1
  key = `a-key-of-one-request-${tableCount}`
  identifier = { catalog: 'mirror', namespace: ['demo'], table: `picked${tableCount}` }
  await (await openTestCatalog(home.services)).write({
    kind: 'create-table',
    table: local(),
    schema: ONE_COLUMN_SCHEMA,
  })
  const first = await append('a')
  await setRef('audit', first)
  staged = await append('b', 'audit')
  tip = await append('c')
})
afterEach(async () => {
  listener.faultFor = () => null
  await home.database.commit([rawChange('DELETE FROM pending_writes')])
})

async function append(name: string, branch = 'main'): Promise<string> {
  const catalog = await openTestCatalog(home.services)
  const { metadata, store } = await load()
  const operation = appendOperation([sampleDataFile(`${metadata.location}/data/${name}.parquet`)])
  const request = { catalog, store, identifier: local(), branch, auditAction: 'append', actor: TEST_ACTOR, signal }
  return (await runOperation(home.services.log, request, async () => ({ operation }))).snapshotId
}
const setRef = async (refName: string, snapshotId: string) =>
  (await openTestCatalog(home.services)).write({
    kind: 'commit-table',
    table: local(),
    change: {
      requirements: [],
      updates: [{ action: 'set-snapshot-ref', refName, snapshotId, type: 'branch' }],
    },
  })
function injectFault(fault: Fault): void {
  listener.faultFor = ({ method, url }) => (method === 'POST' && url.includes(`/${identifier.table}`) ? fault : null)
}
const pick = () =>
  commitCherryPick(
    home.services,
    identifier,
    { snapshotId: staged, tipSnapshotId: tip },
    { idempotencyKey: key, actor, requestId: 'r1', signal },
  )
const publishAudit = () =>
  publish(
    home.services,
    identifier,
    { snapshotId: staged, branch: 'audit', mainSnapshotId: tip },
    { actor, requestId: 'r1', signal, idempotencyKey: key },
  )
const age = (ms: number) =>
  home.database.commit([
    rawChange('UPDATE pending_writes SET sent_at_ms = sent_at_ms - ?, next_check_at_ms = next_check_at_ms - ?', [
      ms,
      ms,
    ]),
  ])
const audited = async () =>
  (await listAudit(home.database, { limit: 100 })).filter(
    ({ via, table }) => via === null && table?.catalog === 'mirror' && table.table === identifier.table,
  )

describe('A cherry-pick in a remote catalog', () => {
  test('whose response is lost after the commit is found, and a repeated request gets its answer', async () => {
    injectFault({ when: 'after', answer: 'cut' })
    const { auditId, snapshotId } = await pick()
    expect(await mainNow()).toBe(snapshotId)
    expect((await pick()).auditId).toBe(auditId)
    expect(await audited()).toMatchObject([{ id: auditId, action: 'cherry-pick', outcome: null }])
  })

  test('that never arrives has an unknown outcome, is not sent again, and is audited as not committed', async () => {
    injectFault({ when: 'before', answer: 'cut' })
    await expect(pick()).rejects.toMatchObject({ code: 'commit-state-unknown' })
    listener.faultFor = () => null
    await expect(pick()).rejects.toMatchObject({ code: 'commit-state-unknown' })
    expect(await mainNow()).toBe(tip)
    await age(11 * 60_000)
    expect(await settleNextWrite(home.services, signal)).toBe(true)
    expect(await audited()).toMatchObject([{ action: 'cherry-pick', outcome: 'not-committed' }])
  })

  test('that is refused leaves nothing behind', async () => {
    injectFault({ when: 'before', answer: 403 })
    await expect(pick()).rejects.toMatchObject({ code: 'forbidden' })
    expect(await audited()).toEqual([])
    listener.faultFor = () => null
    await pick()
    expect((await audited()).map(({ action }) => action)).toEqual(['cherry-pick'])
  })
})

describe('A publication in a remote catalog', () => {
  beforeEach(async () => {
    await setRef('main', (await load()).metadata.snapshots[0]?.snapshotId ?? '')
    tip = (await mainNow()) ?? ''
  })

  test('whose response is lost after the commit is found, and a repeated request gets its answer', async () => {
    injectFault({ when: 'after', answer: 'cut' })
    const { auditId } = await publishAudit()
    expect(await mainNow()).toBe(staged)
    expect((await publishAudit()).auditId).toBe(auditId)
    expect(await audited()).toMatchObject([
      { id: auditId, action: 'publish', after: { checks: { snapshotId: staged, passed: [] } } },
    ])
  })

  test('that never arrives has an unknown outcome, and is not sent again', async () => {
    injectFault({ when: 'before', answer: 'cut' })
    await expect(publishAudit()).rejects.toMatchObject({ code: 'commit-state-unknown' })
    listener.faultFor = () => null
    await expect(publishAudit()).rejects.toMatchObject({ code: 'commit-state-unknown' })
    expect(await mainNow()).toBe(tip)
  })
})

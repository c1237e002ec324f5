import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { actorFor } from '@/server/auth/actor'
import type { AuditEntry } from '@/server/db/audit'
import { listAudit } from '@/server/db/audit-list'
import { reserveKey } from '@/server/db/catalog/pending-writes'
import type { Change } from '@/server/db/database'
import { commitIntents } from '@/server/changes/actions/change-table'
import { readHistoryAs } from '@/testing/lifecycle/history'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type Fault, type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { useTestClock } from '@/testing/clock'
import { touchesTable } from '@/testing/databases/change-sql'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { ARRIVAL_LIMIT_MS, LOOK_LIMIT_MS, settleNextWrite } from './settle-writes'

/**
 * Writes through a connection that leads to the home's own catalog, so that the test can read whether they were made.
 */

const home = createTestHome()
const signal = new AbortController().signal
let listener: RestListener
let user: SignedInUser
let tableCount = 0
let identifier: TableIdentifier
const local = () => ({ ...identifier, catalog: 'local' })
const actor = () => actorFor({ ...user, role: 'admin' })

beforeAll(async () => {
  listener = await startRestListener(home.services)
  user = await signInAs(home.services, 'admin')
  const token = await createRestTokenAs(home.services, 'admin')
  await addMirror(home, { name: 'mirror', listener, token, admin: actor() })
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
afterAll(() => listener.stop())
beforeEach(async () => {
  // Requests whose response is lost are repeated after pauses.
  useTestClock().skipPauses()
  listener.supportsIdempotencyKeys = false
  tableCount += 1
  identifier = { catalog: 'mirror', namespace: ['demo'], table: `t${tableCount}` }
  await (await openTestCatalog(home.services)).write({
    kind: 'create-table',
    table: local(),
    schema: ONE_COLUMN_SCHEMA,
  })
})
const { afterFaults, failWrites } = faults()
afterEach(afterFaults)

/** A fault of the commits of the table. */
function injectFault(fault: Fault): void {
  listener.faultFor = ({ method, url }) => (method === 'POST' && url.includes(`/${identifier.table}`) ? fault : null)
}

function faults() {
  let restore = () => {}
  return {
    afterFaults: async () => {
      restore()
      listener.faultFor = () => null
      await home.database.commit([rawChange('DELETE FROM pending_writes')])
    },
    /** Makes our database fail each time a write is to be recorded. */
    failWrites: (isRecorded: (changes: readonly Change[]) => boolean) => {
      const { database } = home.services
      const { commit } = database
      restore = () => Object.assign(database, { commit })
      database.commit = async (changes) => {
        if (isRecorded(changes)) throw new Error('the disk is full')
        return commit(changes)
      }
      return restore
    },
  }
}

const isRecord = (changes: readonly Change[]) =>
  touchesTable(changes, 'delete from "pending_writes"') && touchesTable(changes, 'audit')

const setOwner = (value: string, idempotencyKey?: string) =>
  commitIntents(home.services, identifier, [{ kind: 'set-property', key: 'owner', value, base: null }], {
    actor: actor(),
    signal,
    requestId: 'r1',
    idempotencyKey,
  })
const owner = async () =>
  (await (await openTestCatalog(home.services)).loadTable(local())).metadata.properties['owner'] ?? null
const pendingCount = async () => (await home.database.read(rawQuery('SELECT id FROM pending_writes'))).length
const age = (ms: number) =>
  home.database.commit([
    rawChange('UPDATE pending_writes SET sent_at_ms = sent_at_ms - ?, next_check_at_ms = next_check_at_ms - ?', [
      ms,
      ms,
    ]),
  ])
const settle = () => settleNextWrite(home.services, signal)

/** Audit entries of this table that the console wrote, through the connection. */
async function audited(): Promise<AuditEntry[]> {
  const entries = await listAudit(home.database, { limit: 100 })
  return entries.filter(
    ({ via, table }) => via === null && table?.catalog === 'mirror' && table.table === identifier.table,
  )
}

async function historyThroughConnection() {
  const catalog = await home.services.catalogs.open('mirror', actor())
  return (await readHistoryAs(home.services, await catalog.loadTable(identifier), actor())).entries
}

describe('A write to a remote catalog', () => {
  test('is recorded with its outcome, and leaves nothing pending', async () => {
    const { auditId } = await setOwner('ada')
    expect(await audited()).toMatchObject([{ id: auditId, outcome: null, action: 'set-properties' }])
    expect(await pendingCount()).toBe(0)
  })

  test('can be repeated under its key after its process died before it was sent', async () => {
    const idempotencyKey = 'key-of-a-dead-process'
    const key = { actorId: actor().userId, key: idempotencyKey, operation: 'o' }
    expect(await reserveKey(home.database, 'mirror', key)).not.toBeNull()
    await expect(setOwner('ada', idempotencyKey)).rejects.toMatchObject({ code: 'commit-state-unknown' })
    await age(ARRIVAL_LIMIT_MS)
    expect(await settle()).toBe(true)
    expect(await pendingCount()).toBe(0)
    expect(await audited()).toEqual([])
    await setOwner('ada', idempotencyKey)
    expect(await owner()).toBe('ada')
  })

  test('is not sent when it cannot be stored first', async () => {
    const restore = failWrites((changes) => touchesTable(changes, 'pending_writes'))
    await expect(setOwner('ada')).rejects.toThrow('the disk is full')
    restore()
    expect(await owner()).toBeNull()
    expect(await audited()).toEqual([])
  })

  test('that is refused leaves nothing pending and no entry', async () => {
    injectFault({ when: 'before', answer: 403 })
    await expect(setOwner('ada')).rejects.toMatchObject({ code: 'forbidden' })
    expect(await pendingCount()).toBe(0)
    expect(await audited()).toEqual([])
  })

  test('whose response is lost after the commit is found at once', async () => {
    injectFault({ when: 'after', answer: 'cut' })
    await setOwner('ada')
    expect(await audited()).toMatchObject([{ outcome: null }])
    expect(await pendingCount()).toBe(0)
  })

  test('that never arrives is pending, and then audited as not committed, which cannot be undone', async () => {
    injectFault({ when: 'before', answer: 'cut' })
    await expect(setOwner('ada')).rejects.toMatchObject({ code: 'commit-state-unknown' })
    listener.faultFor = () => null
    expect(await settle()).toBe(false)
    await age(60_000)
    expect(await settle()).toBe(true)
    expect(await pendingCount()).toBe(1)
    expect(await audited()).toEqual([])
    await age(ARRIVAL_LIMIT_MS)
    await settle()
    expect(await pendingCount()).toBe(0)
    expect(await audited()).toMatchObject([
      { outcome: 'not-committed', action: 'set-properties', actor: { userId: user.userId }, requestId: 'r1' },
    ])
    const [entry] = await historyThroughConnection()
    expect(entry).toMatchObject({ outcome: 'not-committed', isUndoable: false, actor: user.username })
  })

  test('whose record is lost is found later, with before, after and its version, by one of two workers', async () => {
    const restore = failWrites(isRecord)
    const { table } = await setOwner('ada')
    restore()
    expect(await audited()).toEqual([])
    expect(await owner()).toBe('ada')
    await age(ARRIVAL_LIMIT_MS)
    await Promise.all([settle(), settle()])
    expect(await audited()).toMatchObject([
      {
        outcome: 'committed',
        before: { properties: { owner: null } },
        after: { properties: { owner: 'ada' }, metadataLocation: table.metadataLocation },
      },
    ])
    const [entry] = await historyThroughConnection()
    expect(entry).toMatchObject({ outcome: 'committed', isUndoable: true, source: 'console' })
  })

  test('is found although other commits followed', async () => {
    const restore = failWrites(isRecord)
    const { table } = await setOwner('ada')
    restore()
    const catalog = await openTestCatalog(home.services)
    await catalog.write({
      kind: 'commit-table',
      table: local(),
      change: {
        requirements: [],
        updates: [{ action: 'set-properties', updates: { other: 'x' } }],
      },
    })
    await age(ARRIVAL_LIMIT_MS)
    await settle()
    expect(await audited()).toMatchObject([
      { outcome: 'committed', after: { metadataLocation: table.metadataLocation } },
    ])
  })

  test('is not sent again under its key while it is pending, and is answered once it is found (commit-safety 36)', async () => {
    const restore = failWrites(isRecord)
    await setOwner('ada', 'key-1')
    restore()
    await expect(setOwner('ada', 'key-1')).rejects.toMatchObject({ code: 'commit-state-unknown' })
    await age(ARRIVAL_LIMIT_MS)
    await settle()
    const [entry] = await audited()
    expect((await setOwner('ada', 'key-1')).auditId).toBe(entry?.id)
    expect(await audited()).toHaveLength(1)
  })

  test('that cannot be looked up is audited as unknown after a day', async () => {
    injectFault({ when: 'before', answer: 'cut' })
    await expect(setOwner('ada')).rejects.toMatchObject({ code: 'commit-state-unknown' })
    listener.faultFor = () => ({ when: 'before', answer: 503 })
    await age(ARRIVAL_LIMIT_MS)
    await settle()
    expect(await pendingCount()).toBe(1)
    await age(LOOK_LIMIT_MS)
    await settle()
    expect(await pendingCount()).toBe(0)
    expect(await audited()).toMatchObject([{ outcome: 'unknown' }])
  })

  test('is recorded once when its process comes back after a worker found it', async () => {
    const { database } = home.services
    const { commit } = database
    let isFirst = true
    database.commit = async (changes) => {
      if (isFirst && isRecord(changes)) {
        isFirst = false
        await age(ARRIVAL_LIMIT_MS)
        await settle()
      }
      return commit(changes)
    }
    try {
      await setOwner('ada')
    } finally {
      Object.assign(database, { commit })
    }
    expect(await audited()).toMatchObject([{ outcome: 'committed' }])
    expect(await pendingCount()).toBe(0)
  })
})

describe('A created and a dropped table', () => {
  const created = () => ({ ...identifier, table: `${identifier.table}_new` })
  const auditedActions = async () =>
    (await listAudit(home.database, { limit: 100 }))
      .filter(({ via, table }) => via === null && table?.catalog === 'mirror' && table.table === created().table)
      .map(({ action, outcome }) => [action, outcome])

  test('are audited although their caller plans no entry, and found when the record is lost', async () => {
    const catalog = await home.services.catalogs.open('mirror', actor())
    await catalog.write({ kind: 'create-table', table: created(), schema: ONE_COLUMN_SCHEMA })
    await catalog.write({ kind: 'drop-table', table: created() })
    expect(await auditedActions()).toEqual([
      ['drop-table', null],
      ['create-table', null],
    ])
  })

  test('are found when the record is lost', async () => {
    const catalog = await home.services.catalogs.open('mirror', actor())
    const restore = failWrites(isRecord)
    await catalog.write({ kind: 'create-table', table: created(), schema: ONE_COLUMN_SCHEMA })
    await age(ARRIVAL_LIMIT_MS)
    restore()
    await settle()
    failWrites(isRecord)
    await catalog.write({ kind: 'drop-table', table: created() })
    await age(ARRIVAL_LIMIT_MS)
    restore()
    await settle()
    expect(await auditedActions()).toEqual([
      ['drop-table', 'committed'],
      ['create-table', 'committed'],
    ])
  })

  test('and a namespace and a rename, too', async () => {
    const catalog = await home.services.catalogs.open('mirror', actor())
    const namespace = [`n${tableCount}`]
    const restore = failWrites(isRecord)
    await catalog.write({ kind: 'create-namespace', namespace, properties: { a: '1' } })
    await catalog.write({ kind: 'update-namespace', namespace, updates: { a: '2' }, removals: [] })
    await catalog.write({ kind: 'rename-table', table: identifier, to: created() })
    restore()
    await age(ARRIVAL_LIMIT_MS)
    for (let i = 0; i < 3; i += 1) await settle()
    const entries = (await listAudit(home.database, { limit: 20 })).filter(({ outcome }) => outcome !== null)
    // After two changes of the namespace the catalog shows only the second.
    const outcomes = Object.fromEntries(entries.slice(0, 3).map(({ action, outcome }) => [action, outcome]))
    expect(await pendingCount()).toBe(1)
    expect(outcomes).toMatchObject({ 'update-namespace': 'committed', 'rename-table': 'committed' })
  })
})

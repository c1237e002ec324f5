import { afterAll, beforeAll, expect, test } from 'vitest'
import { actorFor } from '@/server/auth/actor'
import { listAudit } from '@/server/db/audit-list'
import { addMirror } from '@/testing/catalogs/add-mirror'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { bundleProgram, startProgram } from '@/testing/processes/program-process'
import { ARRIVAL_LIMIT_MS, settleNextWrite } from './settle-writes'

/**
 * A commit through a connection, whose process kills itself at a step: before and after each of its transactions that
 * touch the outbox. They reserve the key, store the write, record its answer and release the key; the request is sent
 * between the second and the third.
 */
const SOURCE = `
import { writeSync } from 'node:fs'
import { actorFor } from '@/server/auth/actor'
import { commitIntents } from '@/server/changes/actions/change-table'
import { touchesTable } from '@/testing/databases/change-sql'
import { services } from '@/testing/homes/program-services'

const [, , table, userId, stopAt] = process.argv
let steps = 0
function step() {
  steps += 1
  if (steps === Number(stopAt)) process.kill(process.pid, 'SIGKILL')
}
async function main() {
  const { database } = services
  const { commit } = database
  database.commit = async (changes) => {
    const isOutbox = touchesTable(changes, 'pending_writes')
    if (isOutbox) step()
    const changed = await commit(changes)
    if (isOutbox) step()
    return changed
  }
  const intent = { kind: 'set-property', key: 'owner', value: 'ada', base: null }
  await commitIntents(services, { catalog: 'mirror', namespace: ['demo'], table }, [intent], {
    actor: actorFor({ userId, username: 'ada', role: 'admin' }),
    signal: new AbortController().signal,
    requestId: 'r1',
    idempotencyKey: table,
  })
  writeSync(1, 'acknowledged\\n')
  await database.close()
}
void main()
`

const home = createTestHome()
const signal = new AbortController().signal
let listener: RestListener
let program: string
let userId: string

beforeAll(async () => {
  listener = await startRestListener(home.services)
  const user = await signInAs(home.services, 'admin')
  userId = user.userId
  const token = await createRestTokenAs(home.services, 'admin')
  await addMirror(home, { name: 'mirror', listener, token, admin: actorFor({ ...user, role: 'admin' }) })
  await (await openTestCatalog(home.services)).write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  program = await bundleProgram(SOURCE, home.config.homeDir)
})
afterAll(() => listener.stop())

test.each([
  { stopAt: 1, at: 'before its key is reserved', isMade: false, outcomes: [] },
  { stopAt: 3, at: 'before it is stored', isMade: false, outcomes: [] },
  { stopAt: 4, at: 'before it is sent', isMade: false, outcomes: ['not-committed'] },
  { stopAt: 5, at: 'before it is recorded', isMade: true, outcomes: ['committed'] },
  { stopAt: 6, at: 'after it is recorded', isMade: true, outcomes: [null] },
  { stopAt: 9, at: 'never', isMade: true, outcomes: [null] },
])(
  'A write whose process is killed $at is audited with its outcome (commit-safety 35)',
  async ({ stopAt, isMade, outcomes }) => {
    const identifier = { catalog: 'local', namespace: ['demo'], table: `t${stopAt}` }
    const catalog = await openTestCatalog(home.services)
    await catalog.write({ kind: 'create-table', table: identifier, schema: ONE_COLUMN_SCHEMA })
    const other = startProgram(home.config, program, [identifier.table, userId, String(stopAt)], {})
    const code = await other.ended
    expect(code === 0).toBe(stopAt === 9)
    const { metadata } = await catalog.loadTable(identifier)
    expect(metadata.properties['owner'] ?? null).toBe(isMade ? 'ada' : null)

    const audited = async () =>
      (await listAudit(home.database, { limit: 100 }))
        .filter(({ via, table }) => via === null && table?.table === identifier.table && table.catalog === 'mirror')
        .map(({ outcome, actor, requestId }) => ({ outcome, user: actor.username, requestId }))
    await home.database.commit([
      rawChange('UPDATE pending_writes SET sent_at_ms = sent_at_ms - ?, next_check_at_ms = 0', [ARRIVAL_LIMIT_MS]),
    ])
    while (await settleNextWrite(home.services, signal));
    expect(await audited()).toEqual(outcomes.map((outcome) => ({ outcome, user: 'ada', requestId: 'r1' })))
    expect(await home.database.read(rawQuery('SELECT id FROM pending_writes'))).toEqual([])
  },
)

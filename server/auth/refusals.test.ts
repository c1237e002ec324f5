import { expect, it, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { createTestHome } from '@/testing/homes/test-home'
import { SILENT_LOG } from '@/testing/silent-log'
import { actorFor } from '@/server/auth/actor'
import { listAudit } from '@/server/db/audit-list'
import { Refusals } from './refusals'

const home = createTestHome()

const forbidden = new AppError('forbidden', 'This needs the permission table:write.')

function refusalsOf(windowMs = 60_000) {
  return new Refusals({ database: home.database, log: SILENT_LOG, windowMs })
}

function request(userId: string, table: string) {
  const actor = actorFor({ userId, username: userId, role: 'viewer', origin: { kind: 'console' } })
  return { actor, operation: 'commitChanges', on: { catalog: 'c', namespace: ['n'], table }, requestId: 'r' }
}

async function entriesOf(userId: string) {
  const all = await listAudit(home.database, { limit: 500 })
  return all.filter(({ actor }) => actor.userId === userId).toReversed()
}

const counts = async (userId: string) => (await entriesOf(userId)).map(({ after }) => after?.refusal?.count)

it('records a refused write with its reason and its target', async () => {
  const refusals = refusalsOf()
  await refusals.recordRequest(forbidden, request('ada', 't'))
  expect(await entriesOf('ada')).toMatchObject([
    {
      action: 'refuse-request',
      table: { catalog: 'c', namespace: ['n'], table: 't' },
      tableUuid: null,
      requestId: 'r',
      after: { refusal: { operation: 'commitChanges', code: 'forbidden', reason: forbidden.message, count: 1 } },
    },
  ])
})

it('records only what was refused because of a permission or a rule', async () => {
  const refusals = refusalsOf()
  await refusals.recordRequest(new Error('a bug'), request('eve', 't'))
  await refusals.recordRequest(new AppError('invalid-request', 'A field is missing.'), request('eve', 't'))
  await refusals.recordRequest(new AppError('commit-conflict', 'The table changed.'), request('eve', 't'))
  expect(await entriesOf('eve')).toEqual([])
  const isProtected = new AppError('invalid-request', 'The table is protected.', { facts: { protected: 'p' } })
  await refusals.recordRequest(isProtected, request('eve', 't'))
  expect(await counts('eve')).toEqual([1])
})

it('records a refusal that is repeated once at first, then once a minute with its count', async () => {
  const refusals = refusalsOf(50)
  for (let i = 0; i < 100; i += 1) await refusals.recordRequest(forbidden, request('bob', 't'))
  await vi.waitFor(
    async () => expect((await counts('bob')).reduce((sum, count = 0) => (sum ?? 0) + count, 0)).toBe(100),
    50_000,
  )
  const recorded = await counts('bob')
  expect(recorded[0]).toBe(1)
  expect(recorded.length).toBeLessThan(50)
})

it('records a user who is refused at many tables in a bounded number of entries, and counts all', async () => {
  const refusals = refusalsOf()
  for (let i = 0; i < 200; i += 1) await refusals.recordRequest(forbidden, request('cy', `t${i}`))
  await refusals.flush()
  const recorded = await counts('cy')
  expect(recorded.length).toBeLessThanOrEqual(32)
  expect(recorded.reduce((sum, count = 0) => (sum ?? 0) + count, 0)).toBe(200)
})

it('A refusal is reported with its own reason when the audit cannot be written', async () => {
  const commit = () => Promise.reject(new AppError('database-busy', 'locked'))
  const refusals = new Refusals({ database: { ...home.database, commit }, log: SILENT_LOG })
  await refusals.recordRequest(forbidden, request('dee', 't'))
  expect(await entriesOf('dee')).toEqual([])
})

import { expect, it, vi } from 'vitest'
import { makeTestHome } from '@/scripts/test-home'
import { auditId, auditStatement, listAudit, type NewAuditEntry, readAudit } from './audit'
import { openDatabase } from './open-database'

makeTestHome()

const UUID = 'b7c2'

function entry(action: string, undoes: string | null = null): NewAuditEntry {
  const actor = { userId: 'u', username: 'ada' }
  const table = { catalog: 'local', namespace: ['a'], table: 't' }
  return { actor, action, table, tableUuid: UUID, before: null, after: null, requestId: null, undoes }
}

async function add(action: string, { id, atMs }: { id: string; atMs: number }, undoes: string | null = null) {
  await openDatabase().transact([auditStatement(entry(action, undoes), { id, atMs })])
  return id
}

const actions = (asked: Partial<Parameters<typeof listAudit>[0]> = {}) =>
  listAudit({ limit: 100, ...asked }).map(({ action }) => action)

it('Entries of one millisecond are told newest first, whichever process wrote them, and paged so', async () => {
  vi.resetModules()
  const other = await import('./audit')
  const expected: string[] = []
  for (let i = 0; i < 40; i += 1) {
    await add(`change ${i}`, { id: (i % 2 === 0 ? auditId : other.auditId)(5_000), atMs: 5_000 })
    expected.unshift(`change ${i}`)
  }
  expect(actions()).toEqual(expected)
  expect(actions({ tableUuid: UUID })).toEqual(expected)
  const paged: string[] = []
  for (let before: string | undefined; ; ) {
    const page = listAudit({ limit: 7, tableUuid: UUID, ...(before !== undefined && { before }) })
    paged.push(...page.map(({ action }) => action))
    if (page.length < 7) break
    before = page.at(-1)?.id
  }
  expect(paged).toEqual(expected)
})

it('An id is later than the one before it in the same process', () => {
  const ids = Array.from({ length: 100 }, () => auditId(6_000))
  expect(ids.toSorted()).toEqual(ids)
})

it('Entries are told in the order of their times, also those written after the clock was set back', async () => {
  await add('later', { id: auditId(9_000), atMs: 9_000 })
  await add('set back', { id: auditId(8_000), atMs: 8_000 })
  expect(actions({ limit: 2 })).toEqual(['later', 'set back'])
  const [first] = listAudit({ limit: 1 })
  expect(actions({ limit: 1, before: first?.id ?? '' })).toEqual(['set back'])
})

it('What was taken back twice in one millisecond was taken back by the later entry', async () => {
  const id = await add('set-properties', { id: auditId(10_000), atMs: 10_000 })
  // Their ids alone say it the other way round.
  await add('undo', { id: 'Z1', atMs: 11_000 }, id)
  await add('undo', { id: 'A1', atMs: 11_000 }, id)
  expect(readAudit(id)?.undoneBy).toBe('A1')
})

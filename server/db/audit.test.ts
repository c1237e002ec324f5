import { expect, it, vi } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import type { Resource } from '@/lib/permissions'
import { auditChange, newAuditId, type NewAuditEntry } from './audit'
import { listAudit, readAudit } from './audit-list'
import { SQLITE } from './sqlite/dialect'
import { compileQuery } from './statement'

const home = createTestHome()

const UUID = 'b7c2'

function entry(action: string, change: Partial<NewAuditEntry> = {}): NewAuditEntry {
  const actor = { userId: 'u', username: 'ada' }
  const table = { catalog: 'local', namespace: ['a'], table: 't' }
  const fields = { table, tableUuid: UUID, before: null, after: null, requestId: null, undoes: null }
  return { actor, action, ...fields, ...change }
}

async function add(action: string, given: { id?: string; atMs?: number } = {}, change: Partial<NewAuditEntry> = {}) {
  const id = given.id ?? newAuditId()
  await home.database.commit([auditChange(entry(action, change), { ...given, id })])
  return id
}

type ListOptions = Omit<Parameters<typeof listAudit>[1], 'limit'> & { limit?: number }
const actions = async (listed: ListOptions = {}) =>
  (await listAudit(home.database, { limit: 100, ...listed })).map(({ action }) => action)

it('Entries are listed and paged newest first, in the order in which they were written, whatever their clock said', async () => {
  const expected: string[] = []
  for (let i = 0; i < 40; i += 1) {
    // Ids and times have opposite orders.
    await add(`change ${i}`, { id: `${i % 3}-${100 - i}`, atMs: 5_000 + (i % 4) * 1000 })
    expected.unshift(`change ${i}`)
  }
  expect(await actions()).toEqual(expected)
  expect(await actions({ tableUuid: UUID })).toEqual(expected)
  const pagedActions: string[] = []
  for (let before: string | undefined; ; ) {
    const page = await listAudit(home.database, { limit: 7, tableUuid: UUID, ...(before !== undefined && { before }) })
    pagedActions.push(...page.map(({ action }) => action))
    if (page.length < 7) break
    before = page.at(-1)?.id
  }
  expect(pagedActions).toEqual(expected)
})

it('An id is greater than the one before it in the same process', () => {
  const ids = Array.from({ length: 100 }, () => newAuditId())
  expect(ids.toSorted()).toEqual(ids)
})

it('An entry written after the clock was set back is newer than the one before it', async () => {
  await add('before', { atMs: 9_000 })
  await add('set back', { atMs: 8_000 })
  expect(await actions({ limit: 2 })).toEqual(['set back', 'before'])
  const [first] = await listAudit(home.database, { limit: 1 })
  expect(await actions({ limit: 1, before: first?.id ?? '' })).toEqual(['before'])
})

it('No entry is older than one that does not exist', async () => {
  expect(await actions({ before: 'none' })).toEqual([])
})

it('An entry has the time of the database, unless it records something earlier', async () => {
  const [from, now, earlier] = [Date.now(), await add('now'), await add('earlier', { atMs: 12 })]
  const atMs = (await readAudit(home.database, now))?.atMs ?? 0
  expect(atMs).toBeGreaterThanOrEqual(from)
  expect(atMs).toBeLessThanOrEqual(Date.now())
  expect((await readAudit(home.database, earlier))?.atMs).toBe(12)
})

it('A change that was undone twice is undone by the later entry', async () => {
  const id = await add('set-properties', { atMs: 10_000 })
  // Their ids and times have the opposite order.
  await add('undo', { id: 'Z1', atMs: 11_001 }, { undoes: id })
  await add('undo', { id: 'A1', atMs: 11_000 }, { undoes: id })
  expect((await readAudit(home.database, id))?.undoneBy).toBe('A1')
})

/** Adds one commit that both the console and the catalog recorded. */
async function addTwice(tableUuid: string, namespace: readonly string[]) {
  const after = { metadataLocation: `file:///lake/${tableUuid}/v1.json` }
  const of = (catalog: string) => ({ tableUuid, after, table: { catalog, namespace, table: 't' } })
  await add('by the console', {}, of('remote'))
  await add('over REST', {}, { ...of('local'), via: { client: 'Lakeshore', token: 'connection' } })
}

it('A commit that two catalogs record is listed once, with the console’s entry for readers of its table', async () => {
  await addTwice('u1', ['a', 'deep'])
  const as = (...readable: Resource[]) => actions({ tableUuid: 'u1', readable })
  expect(await as({})).toEqual(['by the console'])
  expect(await as({ catalog: 'remote' })).toEqual(['by the console'])
  expect(await as({ catalog: 'remote', namespace: ['a'] })).toEqual(['by the console'])
  expect(await as({ catalog: 'remote', namespace: ['a', 'deep'], table: 't' })).toEqual(['by the console'])
  expect(await as({ catalog: 'local' }, { catalog: 'remote', table: 't' })).toEqual(['by the console'])
  expect(await as({ catalog: 'local' })).toEqual(['over REST'])
  expect(await as({ catalog: 'remote', namespace: ['a', 'deep', 'er'] })).toEqual(['over REST'])
  expect(await as({ catalog: 'remote', namespace: ['a', 'deep'], table: 'other' })).toEqual(['over REST'])
  expect(await as()).toEqual(['over REST'])
})

it('A list for a reader of many tables takes the same statement as for a reader of one', async () => {
  await addTwice('u2', ['n9999', 'deep'])
  const readAs = async (count: number) => {
    const namespaces = Array.from({ length: count }, (_, i) => [`n${i}`, 'deep'])
    const readable = namespaces.map((namespace) => ({ catalog: 'remote', namespace, table: 't' }))
    const read = vi.spyOn(home.database, 'read')
    const listed = await actions({ tableUuid: 'u2', readable })
    const [sent] = read.mock.calls.map(([query]) => compileQuery(query, SQLITE, 0))
    read.mockRestore()
    return { listed, sql: sent?.sql, paramCount: sent?.params.length }
  }
  const [one, many] = [await readAs(1), await readAs(10_000)]
  expect([one.listed, many.listed]).toEqual([['over REST'], ['by the console']])
  expect(many.sql).toBe(one.sql)
  expect(many.paramCount).toBe(one.paramCount)
})

it.each(['ab', 'a b', 'a.b', 'a\u0001', 'a\u001e', 'a\u0020', 'A'])(
  'The right to read the namespace a gives no access to the namespace %j',
  async (namespace) => {
    await addTwice(namespace, [namespace])
    const listed = { tableUuid: namespace, readable: [{ catalog: 'remote', namespace: ['a'] }] }
    expect(await actions(listed)).toEqual(['over REST'])
    expect(await actions({ ...listed, readable: [{ catalog: 'remote', namespace: [namespace] }] })).toEqual([
      'by the console',
    ])
  },
)

it('An undo that was not made, or whose outcome is unknown, leaves the entry as it was', async () => {
  const id = await add('set-properties')
  await add('undo', {}, { undoes: id, outcome: 'not-committed' })
  await add('undo', {}, { undoes: id, outcome: 'unknown' })
  expect((await readAudit(home.database, id))?.undoneBy).toBeNull()
  const made = await add('undo', {}, { undoes: id, outcome: 'committed' })
  await add('undo', {}, { undoes: id, outcome: 'not-committed' })
  expect((await readAudit(home.database, id))?.undoneBy).toBe(made)
})

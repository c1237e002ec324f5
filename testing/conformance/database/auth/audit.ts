import { describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import { joinNamespace } from '@/lib/names/identifiers'
import { auditChange, type AuditEntry, hasHappened, newAuditId, type NewAuditEntry } from '@/server/db/audit'
import { listAudit, listAuditFrom, listCatalogChanges, readAudit, readAuditEntries } from '@/server/db/audit-list'
import { covers, type Resource } from '@/lib/permissions'
import {
  runConcurrently,
  CONCURRENCY,
  MAX_INTEGER,
  LONG_TEXT,
  NAMES,
  type OpenDatabase,
  setUpDatabase,
  selectRows,
  TEXTS,
  undoneAtChange,
} from '@/testing/conformance/database/testbed'

function entry(action: string, change: Partial<NewAuditEntry> = {}): NewAuditEntry {
  const table = { catalog: 'local', namespace: ['a'], table: 't' }
  const fields = { table, tableUuid: 'uuid', before: null, after: null, requestId: null, undoes: null }
  return { actor: { userId: 'u', username: 'ada' }, action, ...fields, ...change }
}

/** SQLite refuses an expression that is nested a thousand levels deep. */
const MORE_THAN_NESTED = 1_001

const actions = (entries: readonly AuditEntry[]) => entries.map(({ action }) => action)

export function describeAudit(open: OpenDatabase): void {
  describe('The audit', () => {
    const database = setUpDatabase(open)

    async function add(
      action: string,
      change: Partial<NewAuditEntry> = {},
      overrides: { id?: string; atMs?: number } = {},
    ) {
      const id = overrides.id ?? newAuditId()
      await database().commit([auditChange(entry(action, change), { ...overrides, id })])
      return id
    }

    test('returns every field as it was written', async () => {
      const fullEntry: NewAuditEntry = {
        ...entry('set-properties'),
        table: { catalog: 'c', namespace: ['a.b', 'ä', "it's"], table: '%_\\' },
        via: { client: null, token: 'nul \0 and "quotes"' },
        before: { properties: { nul: 'a\0b', none: null }, refs: { main: '9223372036854775807' } },
        after: { metadataLocation: 'file:///lake/it\u2019s/v1.json', properties: Object.fromEntries(NAMES.entries()) },
        requestId: LONG_TEXT,
        undoes: 'nothing that is there',
      }
      const id = await add('', fullEntry, { atMs: MAX_INTEGER })
      const origin = { kind: 'engine' }
      const expected = { ...fullEntry, outcome: null, id, atMs: MAX_INTEGER, namespace: null, undoneBy: null, origin }
      expect(await readAudit(database(), id)).toEqual(expected)
      expect(await listAudit(database(), { limit: 1 })).toEqual([expected])
    })

    test('distinguishes entries of a namespace, of a table and of neither', async () => {
      const namespace = { catalog: 'c', namespace: ['a', 'b'] }
      const namespaceEntryId = await add('create-namespace', { table: null, namespace, tableUuid: null })
      const plainEntryId = await add('create-user', { table: null, tableUuid: null })
      expect(await readAudit(database(), namespaceEntryId)).toMatchObject({ table: null, namespace, tableUuid: null })
      expect(await readAudit(database(), plainEntryId)).toMatchObject({ table: null, namespace: null })
      expect(await readAudit(database(), 'none')).toBeNull()
    })

    test.each(TEXTS)('stores any text: %j', async (text) => {
      const id = await add(text, { tableUuid: text, requestId: text, before: { name: text } })
      const found = { id, action: text, tableUuid: text, requestId: text, before: { name: text } }
      expect(await readAudit(database(), id)).toMatchObject(found)
      expect(await listAudit(database(), { tableUuid: text, limit: 1 })).toMatchObject([found])
    })

    test('has its own order, whatever ids and clocks say, and pages by it', async () => {
      const written: string[] = []
      for (let i = 0; i < 20; i += 1) {
        await add(`change ${i}`, { tableUuid: 'paged' }, { id: `${i % 3}-${100 - i}`, atMs: 5_000 + (i % 4) * 1000 })
        written.push(`change ${i}`)
      }
      const newest = written.toReversed()
      expect(actions(await listAudit(database(), { tableUuid: 'paged', limit: 100 }))).toEqual(newest)
      expect(actions(await listAudit(database(), { limit: 20 }))).toEqual(newest)
      const paged: string[] = []
      for (let before: string | undefined; ; ) {
        const page = await listAudit(database(), {
          tableUuid: 'paged',
          limit: 7,
          ...(before !== undefined && { before }),
        })
        paged.push(...actions(page))
        before = page.at(-1)?.id
        if (before === undefined) break
      }
      expect(paged).toEqual(newest)
      expect(await listAudit(database(), { limit: 10, before: 'none' })).toEqual([])
      const from = { tableUuid: 'paged', from: '0-94', readable: [{}] }
      expect(actions(await listAuditFrom(database(), { ...from, limit: 4 }))).toEqual(written.slice(6, 10))
      expect(actions(await listAuditFrom(database(), { ...from, limit: 100 }))).toEqual(written.slice(6))
      expect(await listAuditFrom(database(), { ...from, from: 'none', limit: 4 })).toEqual([])
    })

    test('uses the database’s time unless another is given', async () => {
      // A process knows the clock of a database as exactly as a busy machine lets it.
      const before = database().nowMs()
      const id = await add('now')
      const atMs = (await readAudit(database(), id))?.atMs ?? 0
      expect(atMs).toBeGreaterThanOrEqual(before - 1_000)
      expect(atMs).toBeLessThanOrEqual(database().nowMs() + 1_000)
    })

    test('names the last entry that undid an entry', async () => {
      const id = await add('set-properties')
      await add('undo', { undoes: id }, { id: 'Z1', atMs: 11_001 })
      await add('undo', { undoes: id }, { id: 'A1', atMs: 11_000 })
      expect((await readAudit(database(), id))?.undoneBy).toBe('A1')
    })

    test('lists a commit that two catalogs record once, with an entry that the reader may see', async () => {
      const after = { metadataLocation: 'file:///lake/twice/v1.json' }
      const entryOf = (catalog: string) => ({
        tableUuid: 'twice',
        after,
        table: { catalog, namespace: ['a', 'deep'], table: 't' },
      })
      await add('by the console', entryOf('remote'))
      await add('over REST', { ...entryOf('local'), via: { client: 'Lakeshore', token: 'connection' } })
      const listReadableBy = async (...readable: Resource[]) =>
        actions(await listAudit(database(), { tableUuid: 'twice', limit: 10, readable }))
      expect(await listReadableBy({})).toEqual(['by the console'])
      expect(await listReadableBy({ catalog: 'remote', namespace: ['a'] })).toEqual(['by the console'])
      expect(await listReadableBy({ catalog: 'local' }, { catalog: 'remote', table: 't' })).toEqual(['by the console'])
      expect(await listReadableBy({ catalog: 'remote', namespace: ['A'] })).toEqual(['over REST'])
      expect(await listReadableBy({ catalog: 'remote', namespace: ['a', 'dee'] })).toEqual(['over REST'])
      expect(await listReadableBy()).toEqual(['over REST'])
    })

    test.each(NAMES)('gives no access to namespace %j by the right to read another', async (name) => {
      const after = { metadataLocation: `file:///lake/${name}/v1.json` }
      const entryOf = (catalog: string) => ({
        tableUuid: `of ${name}`,
        after,
        table: { catalog, namespace: [name], table: 't' },
      })
      await add('by the console', entryOf('remote'))
      await add('over REST', { ...entryOf('local'), via: { client: null, token: 'connection' } })
      const canReadEntry = async (namespace: readonly string[]) => {
        const readable = [{ catalog: 'remote', namespace }]
        const [first] = await listAudit(database(), { tableUuid: `of ${name}`, limit: 10, readable })
        return first?.action === 'by the console'
      }
      expect(await canReadEntry([name])).toBe(true)
      for (const other of NAMES.filter((other) => other !== name)) expect(await canReadEntry([other])).toBe(false)
    })

    test('lists changes that a reader may see among those of others, within a bound', async () => {
      const tableOf = (namespace: string) => ({ catalog: 'busy', namespace: [namespace], table: 't' })
      const mine = { table: tableOf('mine'), tableUuid: 'mine' }
      const seenId = await add('seen', mine, { atMs: 77_000 })
      await add('not made', { ...mine, outcome: 'not-committed' })
      await add('refuse-request', mine)
      await add('create-user', { table: null, tableUuid: null })
      for (let i = 0; i < 20; i += 1) await add(`other ${i}`, { table: tableOf('other'), tableUuid: 'other' })
      const grantId = await add('add-grant', {
        table: null,
        namespace: { catalog: 'busy', namespace: ['mine', 'deep'] },
      })
      const readable = [{ catalog: 'busy', namespace: ['mine'] }]
      const list = (limit: number, maxLookedAt: number, resources: readonly Resource[] = readable) =>
        listCatalogChanges(database(), {
          readable: resources,
          isReadable: (resource) => resources.some((one) => covers(one, resource)),
          isListed: hasHappened,
          limit,
          maxLookedAt,
        })
      const listed = await list(9, 30)
      expect(actions(listed.entries).slice(0, 2)).toEqual(['add-grant', 'seen'])
      expect(await list(9, 25)).toMatchObject({ entries: [{ id: grantId }, { id: seenId }] })
      expect(await list(2, 25)).toMatchObject({ unlistedAtMs: null })
      expect(await list(9, 24)).toMatchObject({ entries: [{ id: grantId }], unlistedAtMs: 77_000 })
      expect(await list(9, 1_000_000)).toMatchObject({ unlistedAtMs: null })
      expect(await list(9, 1_000_000, [])).toEqual({ entries: [], unlistedAtMs: null })
      const manyResources = Array.from({ length: MORE_THAN_NESTED }, (_, i) => ({
        catalog: 'busy',
        namespace: [`mine ${i}`],
      }))
      expect(await list(9, 30, [...manyResources, ...readable])).toEqual(listed)
      const byId = await readAuditEntries(database(), [grantId, seenId, 'none'])
      expect(actions(byId).toSorted()).toEqual(['add-grant', 'seen'])
      expect(await readAuditEntries(database(), [])).toEqual([])
    })

    test('stores concurrent entries, each once', async () => {
      const { done } = await runConcurrently((i) => add(`at once ${i}`, { tableUuid: 'at once' }))
      expect(done).toHaveLength(CONCURRENCY)
      const listed = await listAudit(database(), { tableUuid: 'at once', limit: 500 })
      expect(listed.map(({ id }) => id).toSorted()).toEqual(done.toSorted())
      const [{ seqs } = { seqs: 0 }] = await selectRows(
        database(),
        "SELECT count(DISTINCT seq) AS seqs FROM audit WHERE table_uuid = 'at once'",
      )
      expect(seqs).toBe(CONCURRENCY)
    })

    test('cannot be changed, and no entry can be removed', async () => {
      const before = await selectRows(database(), 'SELECT * FROM audit ORDER BY seq')
      await expect(database().commit([rawChange("UPDATE audit SET action = 'other'")])).rejects.toThrow('never changed')
      await expect(database().commit([rawChange('DELETE FROM audit')])).rejects.toThrow(/never (changed or )?removed/)
      expect(await selectRows(database(), 'SELECT * FROM audit ORDER BY seq')).toEqual(before)
    })

    test('refuses an id that exists', async () => {
      const id = await add('first')
      const again = [auditChange(entry('other')), auditChange(entry('again'), { id })]
      await expect(database().commit(again)).rejects.toThrow(undoneAtChange(1))
      expect((await readAudit(database(), id))?.action).toBe('first')
      expect(actions(await listAudit(database(), { limit: 1 }))).toEqual(['first'])
    })

    test('separates the levels of namespaces', async () => {
      await add('', { table: { catalog: 'c', namespace: ['a', 'b.c'], table: 't' }, tableUuid: 'levels' })
      const [row] = await selectRows(database(), "SELECT namespace FROM audit WHERE table_uuid = 'levels'")
      expect(row).toEqual({ namespace: joinNamespace(['a', 'b.c']) })
    })
  })
}

import { describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import {
  addBulkChangeChanges,
  bulkStateChange,
  bulkTableChange,
  countBulkTables,
  readBulkTableNames,
  readBulkTables,
  readStoredBulkChange,
  stoppedTablesChange,
} from '@/server/db/jobs/bulk-changes'
import { tidyDatabase } from '@/server/db/tidy'
import { NAMES, type OpenDatabase, setUpDatabase, TEXTS } from '@/testing/conformance/database/testbed'

const MANY = 1_200

export function describeBulkChanges(open: OpenDatabase): void {
  describe('Changes of many tables', () => {
    const database = setUpDatabase(open)
    const add = (bulkChangeId: string, tables: readonly string[], value = 'v') =>
      database().commit(
        addBulkChangeChanges(
          {
            bulkChangeId,
            catalog: 'local',
            selection: { namespace: ['a.b', 'c'], search: value },
            changes: [{ kind: 'set-property', key: 'owner', value }],
            startedBy: { userId: 'u1', username: value },
          },
          tables.map((table) => ({ namespace: ['a.b', 'c'], table })),
        ),
      )

    test.each(TEXTS)('are stored as they were started: %j', async (text) => {
      await add(text, NAMES, text)
      expect(await readStoredBulkChange(database(), text)).toMatchObject({
        catalog: 'local',
        selection: { namespace: ['a.b', 'c'], search: text },
        changes: [{ kind: 'set-property', key: 'owner', value: text }],
        startedBy: { userId: 'u1', username: text },
      })
      expect(await readBulkTableNames(database(), text)).toEqual(
        NAMES.map((table, position) => ({ position, namespace: ['a.b', 'c'], table, state: 'waiting', auditId: null })),
      )
      expect(await readStoredBulkChange(database(), `${text} not`)).toBeNull()
    })

    test('have a result for each table, also with more tables than a statement inserts', async () => {
      await add(
        'many',
        Array.from({ length: MANY }, (_, i) => `t${i}`),
      )
      const intents = [{ kind: 'set-property', key: 'owner', value: 'x', base: null }] as const
      await database().commit([
        bulkTableChange(
          { bulkChangeId: 'many', position: 7 },
          { state: 'ready', intents, warnings: ['w'], metadataLocation: 'm1' },
        ),
        bulkTableChange({ bulkChangeId: 'many', position: MANY - 1 }, { state: 'failed', problem: 'gone' }),
      ])
      await database().commit([
        bulkTableChange({ bulkChangeId: 'many', position: 7 }, { state: 'changed', auditId: 'a1' }),
      ])
      expect(await countBulkTables(database(), 'many', { sinceMs: 0 }), 'the others have no result').toEqual({
        changed: 1,
        failed: 1,
      })
      expect(await countBulkTables(database(), 'many', { sinceMs: database().nowMs() + 60_000 })).toEqual({})
      expect(await readBulkTables(database(), 'many', [MANY - 1, 7])).toMatchObject([
        {
          position: 7,
          table: 't7',
          state: 'changed',
          intents,
          warnings: ['w'],
          metadataLocation: 'm1',
          auditId: 'a1',
          problem: null,
        },
        { position: MANY - 1, state: 'failed', problem: 'gone', intents: null, auditId: null },
      ])
      expect(await readBulkTables(database(), 'many', [])).toEqual([])
      await database().commit([bulkStateChange('many', ['failed', 'changed'], 'waiting')])
      expect(await countBulkTables(database(), 'many', { sinceMs: 0 })).toEqual({ waiting: 2 })
      await database().commit([stoppedTablesChange('many', ['waiting'], { state: 'left', problem: 'stopped' })])
      expect(await countBulkTables(database(), 'many', { sinceMs: 0 })).toEqual({ left: MANY })
      expect(await readBulkTables(database(), 'many', [0])).toMatchObject([{ state: 'left', problem: 'stopped' }])
    })

    test('are removed with their tables after 90 days', async () => {
      for (const id of ['old', 'new']) await add(id, NAMES)
      await database().commit([
        rawChange("UPDATE bulk_changes SET created_at_ms = created_at_ms - ? WHERE id = 'old'", [
          90 * 24 * 60 * 60_000,
        ]),
      ])
      await tidyDatabase(database(), { signal: new AbortController().signal })
      expect(await readStoredBulkChange(database(), 'old')).toBeNull()
      expect(await readStoredBulkChange(database(), 'new')).not.toBeNull()
      expect(await readBulkTableNames(database(), 'old')).toEqual([])
      expect(await readBulkTableNames(database(), 'new')).toHaveLength(NAMES.length)
    })
  })
}

import { describe, expect, test } from 'vitest'
import { TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { createTestStores } from '@/testing/stores/test-stores'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { AuditEntry } from '@/server/db/audit'
import { commitAuditEntry } from './commit-audit-entry'
import { hasReverse } from './undo-plan'

const store = createTestStores().storeFor({ kind: 'local', roots: ['file:///lake'], isReadOnly: true })
const table = (owner: string): LoadedTable => ({
  identifier: { catalog: 'local', namespace: ['demo'], table: 'flights' },
  metadata: sampleMetadata({ properties: { owner } }),
  metadataLocation: `file:///lake/${owner}.metadata.json`,
  store,
})
const column = (id: number, name: string) => ({ id, name, required: false, type: 'int' as const })
const entry = commitAuditEntry(
  { before: table('ada'), after: table('zoe') },
  { actor: TEST_ACTOR, action: 'set-properties', requestId: null },
)

describe('The audit entry of a commit', () => {
  test('has only what the commit changed', () => {
    expect([entry.before, entry.after]).toEqual([
      { metadataLocation: 'file:///lake/ada.metadata.json', properties: { owner: 'ada' } },
      { metadataLocation: 'file:///lake/zoe.metadata.json', properties: { owner: 'zoe' } },
    ])
  })

  test('says what became of columns, by the names that they had, and names those with settings', () => {
    const key = 'lakeshore.parquet.column.2.compression-codec'
    const schemas = [
      { schemaId: 0, identifierFieldIds: [], fields: [column(1, 'score'), column(2, 'route')] },
      { schemaId: 1, identifierFieldIds: [], fields: [column(2, 'airline')] },
    ]
    const before = { ...table('ada'), metadata: sampleMetadata({ schemas, currentSchemaId: 0 }) }
    const after = {
      ...table('zoe'),
      metadata: sampleMetadata({ schemas, currentSchemaId: 1, properties: { [key]: 'zstd' } }),
    }
    const written = commitAuditEntry({ before, after }, { actor: TEST_ACTOR, action: 'change-schema', requestId: null })
    expect(written.after).toMatchObject({
      layout: { schema: 'id 1' },
      layoutChanges: [
        { kind: 'column', name: 'score', before: 'int', after: null },
        { kind: 'layout', name: 'column name', before: 'route', after: 'airline' },
      ],
      columnNames: { 2: 'airline' },
    })
    expect(written.before).not.toHaveProperty('layoutChanges')
  })

  test('names the one of two neighbours that the user moved', () => {
    const schemas = [
      { schemaId: 0, identifierFieldIds: [], fields: [column(1, 'score'), column(2, 'route')] },
      { schemaId: 1, identifierFieldIds: [], fields: [column(2, 'route'), column(1, 'score')] },
    ]
    const [before, after] = [0, 1].map((currentSchemaId) => ({
      ...table('ada'),
      metadata: sampleMetadata({ schemas, currentSchemaId }),
    })) as [LoadedTable, LoadedTable]
    const moved = (fieldId: number, name: string, after: number | null) =>
      ({ kind: 'move-column', fieldId, column: [name], after, afterName: null }) as const
    const namesAfter = (intent: ReturnType<typeof moved>) =>
      commitAuditEntry(
        { before, after },
        { actor: TEST_ACTOR, action: 'change-schema', requestId: null, intents: [intent] },
      ).after?.layoutChanges?.map(({ name }) => name)
    expect(namesAfter(moved(1, 'score', 2))).toEqual(['position of score'])
    expect(namesAfter(moved(2, 'route', null))).toEqual(['position of route'])
  })

  test('counts the snapshots before and after, and says until when some were removed', () => {
    const withSnapshots = (...numbers: (1 | 2 | 3)[]) => ({
      ...table('ada'),
      metadata: sampleMetadata({
        snapshots: numbers.map((number) => sampleSnapshot(number, { timestampMs: number * 1_000 })),
      }),
    })
    const audited = { actor: TEST_ACTOR, requestId: null }
    const expired = commitAuditEntry(
      { before: withSnapshots(1, 2, 3), after: withSnapshots(3) },
      { ...audited, action: 'commit' },
    )
    expect([expired.before, expired.after]).toMatchObject([
      { snapshotCount: 3 },
      { snapshotCount: 1, removedUntilMs: 2_000 },
    ])
    const undone = commitAuditEntry(
      { before: withSnapshots(3), after: withSnapshots(1, 2, 3) },
      { ...audited, action: 'undo', undoes: 'E1', hasEarlierSnapshots: true },
    )
    expect([undone.before, undone.after]).toMatchObject([{ snapshotCount: 1 }, { snapshotCount: 3 }])
    expect(undone.after).not.toHaveProperty('removedUntilMs')
    const [, first, second] = SAMPLE_SNAPSHOT_IDS
    expect(undone.after?.restored).toEqual({ snapshotCount: 2, snapshotIds: [first, second] })
    expect(undone.after).not.toHaveProperty('snapshots')
  })

  test('can be undone unless the commit did not happen', () => {
    const withOutcome = (outcome: AuditEntry['outcome']) => hasReverse({ ...entry, outcome } as AuditEntry)
    expect(
      [null, 'committed', 'not-committed', 'pending'].map((one) => withOutcome(one as AuditEntry['outcome'])),
    ).toEqual([true, true, false, false])
  })

  test('can be undone only as a whole: not with snapshots that expired, nor with refs whose intents are not known', () => {
    const withMore = (state: object) =>
      hasReverse({ ...entry, outcome: null, after: { ...entry.after, ...state } } as AuditEntry)
    const expiry = { snapshotCount: 1, fileCount: null, sizeBytes: null, removal: null }
    expect(withMore({})).toBe(true)
    expect([{ expiry }, { refs: { audit: '7' } }, { retention: { audit: '1 day' } }].map(withMore)).toEqual([
      false,
      false,
      false,
    ])
  })
})

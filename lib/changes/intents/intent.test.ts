import { expect, it } from 'vitest'
import type { Intent } from './intent'
import { intentEffects } from './intent'

const COLUMN = { fieldId: 5, column: ['origin'] }
const NEW_COLUMN = {
  kind: 'add-column',
  parentId: null,
  parent: [],
  name: 'note',
  type: 'string',
  required: false,
  doc: null,
  initialDefault: null,
  writeDefault: null,
  after: null,
} as const
const ROLL_BACK = { kind: 'roll-back', fromSnapshotId: '2', toSnapshotId: '1', safetyTag: null } as const
const EXPIRY = {
  kind: 'expire-snapshots',
  snapshotIds: ['1'],
  refNames: [],
  refs: [],
  removeFilesAfterMs: null,
} as const

it.each<[Intent, string]>([
  [{ kind: 'drop-column', ...COLUMN }, 'Existing files still contain its values, but readers ignore them.'],
  [{ kind: 'change-column-type', ...COLUMN, base: 'int', type: 'long' }, 'Existing files keep int; readers see'],
  [NEW_COLUMN, 'their rows read null'],
  [{ ...NEW_COLUMN, initialDefault: '"none"' }, 'their rows read the initial default'],
  [{ ...NEW_COLUMN, required: true }, 'needs a value'],
  [{ ...NEW_COLUMN, required: true, initialDefault: '"none"' }, 'their rows read the initial default'],
  [{ kind: 'set-property', key: 'write.parquet.compression-codec', value: 'zstd', base: null }, 'Existing data files'],
  [{ kind: 'set-property', key: 'read.split.target-size', value: '1', base: null }, 'No data file changes; engines'],
  [{ kind: 'set-property', key: 'owner', value: 'ada', base: null }, 'people see it next to the name'],
  [{ kind: 'set-property', key: 'lakeshore.column.3.badge', value: 'certified', base: null }, 'people see it'],
  [{ kind: 'set-property', key: 'lakeshore.check.x', value: 'select 1', base: null }, 'also waits for this check'],
  [{ kind: 'remove-property', key: 'lakeshore.check.x', base: 'select 1' }, 'no longer waits for this check'],
  [{ kind: 'set-property', key: 'lakeshore.rule.x', value: '{}', base: null }, 'also reject rows that break this rule'],
  [{ kind: 'remove-property', key: 'lakeshore.rule.x', base: '{}' }, 'no longer check this rule'],
  [{ kind: 'remove-property', key: 'lakeshore.tags', base: 'gold' }, 'people no longer see it'],
  [{ kind: 'remove-property', key: 'write.format.default', base: 'orc' }, 'writers return to their default'],
  [{ kind: 'replace-sort-order', fields: [], base: 1 }, 'new files need none'],
  [
    { kind: 'set-default-sort-order', orderId: 1, base: 0 },
    'writers that support it, Lakeshore among them, sort new files',
  ],
  [ROLL_BACK, 'later snapshots stay until they expire'],
  [{ ...ROLL_BACK, safetyTag: { name: 'before', maxRefAgeMs: null } }, 'the tag before keeps the snapshot of now'],
  [EXPIRY, 'files that only they reach stay in storage'],
  [{ ...EXPIRY, removeFilesAfterMs: 1000 }, 'are removed later'],
  [{ kind: 'upgrade-format-version', formatVersion: 3, base: 2 }, 'clients that do not support format version 3'],
])('says what a change means for files, readers and writers: %j', (intent, words) => {
  expect(intentEffects(intent)).toContain(words)
})

it.each<[Intent, string]>([
  [{ kind: 'drop-column', ...COLUMN }, 'Existing files (1,204 on main) still contain its values'],
  [{ kind: 'change-column-type', ...COLUMN, base: 'int', type: 'long' }, 'Existing files (1,204 on main) keep int;'],
  [NEW_COLUMN, 'Existing files (1,204 on main) stay as they are; their rows read null.'],
  [
    { kind: 'set-property', key: 'write.format.default', value: 'orc', base: null },
    'Existing data files (1,204 on main)',
  ],
  [{ kind: 'replace-sort-order', fields: [], base: 1 }, 'Existing files (1,204 on main) keep their order'],
  [EXPIRY, '(the table has 40 snapshots now)'],
])('says how much of the table it concerns, where the review knows: %j', (intent, words) => {
  expect(intentEffects(intent, { dataFileCount: 1204, snapshotCount: 40 })).toContain(words)
})

it('counts no files for a partition field: they may have been written with another spec', () => {
  const intent: Intent = { kind: 'remove-partition-field', fieldId: 1000, name: 'created_day' }
  expect(intentEffects(intent, { dataFileCount: 2, snapshotCount: 2 })).toBe(
    'Files that were written with it keep their partitions, and readers still skip by them; new files are written without it.',
  )
})

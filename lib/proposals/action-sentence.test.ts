import { expect, test } from 'vitest'
import { actionSentence } from './action-sentence'

test('names what is proposed', () => {
  const owner = { kind: 'set-property', key: 'owner', value: 'ada', base: null } as const
  const note = { kind: 'remove-property', key: 'note', base: 'x' } as const
  expect(actionSentence({ kind: 'change-table', intents: [owner, note] })).toMatch(/owner.* · .*note/)
  const options = { format: 'csv', ignoreExtra: false, maxRejectedRows: 0, sizeBytes: 1, sha256: 'a' } as const
  expect(actionSentence({ kind: 'load', input: 'file:///in/may.csv', ...options })).toBe('Load may.csv')
  const uploads = ['a.csv', 'b.csv'].map((fileName) => ({ uploadId: fileName, fileName, sizeBytes: 1 }))
  expect(actionSentence({ kind: 'load-uploads', uploads, ...options })).toBe('Load a.csv and 1 other file')
  const landing = { operation: 'replace-table', branch: 'audit' } as const
  expect(actionSentence({ kind: 'load-uploads', uploads: uploads.slice(1), landing, ...options })).toBe(
    'Replace all rows by b.csv on audit',
  )
  expect(actionSentence({ kind: 'publish', snapshotId: '7', branch: 'audit' })).toBe('Publish audit at snapshot 7')
  expect(actionSentence({ kind: 'publish', snapshotId: '7', branch: null })).toBe('Publish the staged snapshot 7')
  expect(actionSentence({ kind: 'cherry-pick', snapshotId: '7', branch: 'main' })).toBe(
    'Cherry-pick snapshot 7 onto main',
  )
})

test('names an undo by what it undoes, and that of an undo as a redo', () => {
  const undo = { kind: 'undo', auditId: 'a', safetyTag: null } as const
  expect(actionSentence({ ...undo, undone: 'set-properties' })).toBe('Undo: Set properties')
  expect(actionSentence({ ...undo, undone: 'undo' })).toBe('Redo an undone change')
})

test('says which snapshots would expire', () => {
  const day = 86_400_000
  expect(actionSentence({ kind: 'expire', removeFilesAfterMs: null })).toBe(
    'Expire snapshots older than the table default, files stay',
  )
  expect(actionSentence({ kind: 'expire', maxAgeMs: 7 * day, retainLast: 3, removeFilesAfterMs: day })).toMatch(
    /^Expire snapshots older than .+, at least 3 of each branch stay, files removed .+ later$/,
  )
  expect(actionSentence({ kind: 'expire', olderThanMs: 0, snapshotIds: ['1', '2', '3', '4'] })).toBe(
    'Expire snapshots 1, 2, 3 and 1 more',
  )
  expect(actionSentence({ kind: 'expire', olderThanMs: Date.UTC(2026, 0, 2) })).toBe(
    'Expire snapshots from before 2 Jan 2026, 00:00:00 UTC',
  )
})

test('names what is proposed for a view', () => {
  const schema = { schemaId: 0, identifierFieldIds: [], fields: [] }
  const version = { defaultCatalog: null, defaultNamespace: [], schema, retainedDialects: ['duckdb'], baseVersionId: 1 }
  const replace = (dialects: readonly string[]) =>
    actionSentence({
      kind: 'change-view',
      edit: { kind: 'replace', ...version, representations: dialects.map((dialect) => ({ dialect, sql: 'SELECT 1' })) },
    })
  expect(replace(['spark', 'trino'])).toBe('Write a new version in spark, trino')
  expect(replace([])).toBe('Write a new version')
  const rollBack = { kind: 'roll-back', baseVersionId: 2, versionId: 1 } as const
  expect(actionSentence({ kind: 'change-view', edit: rollBack })).toBe('Roll back to version 1')
  const changes = [{ name: 'comment', base: null, value: 'busy' }]
  expect(actionSentence({ kind: 'change-view', edit: { kind: 'properties', changes } })).toBe('Change comment')
  expect(actionSentence({ kind: 'rename-view', toNamespace: ['a', 'b'], toView: 'v' })).toBe('Rename to a.b.v')
  expect(actionSentence({ kind: 'drop-view' })).toBe('Drop the view')
})

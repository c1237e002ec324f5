import { expect, test } from 'vitest'
import { parseMetadataTable } from './metadata-table'

test.each([
  [['demo', 'flights', 'snapshots'], { kind: 'snapshots', table: ['demo', 'flights'], tab: 'Snapshots' }],
  [['local', 'demo', 'flights', 'ALL_FILES'], { kind: 'all_files', table: ['local', 'demo', 'flights'], tab: 'Files' }],
  [['demo', 'flights$refs'], { kind: 'refs', table: ['demo', 'flights'], tab: 'Snapshots' }],
  [['demo', 'snapshots'], null],
  [['demo', 'flights', 'constructor'], null],
  [['demo', 'flights', 'delays'], null],
])('%s', (parts, expected) => {
  expect(parseMetadataTable(parts)).toEqual(expected)
})

import { expect, test } from 'vitest'
import { parseMetadataTable } from './metadata-table'

test.each([
  [['demo', 'flights', 'snapshots'], { name: 'snapshots', table: ['demo', 'flights'], hasDollar: false }],
  [
    ['local', 'demo', 'flights', 'ALL_FILES'],
    { name: 'all_files', table: ['local', 'demo', 'flights'], hasDollar: false },
  ],
  [['demo', 'flights$refs'], { name: 'refs', table: ['demo', 'flights'], hasDollar: true }],
  [['demo', 'a$b$refs'], { name: 'refs', table: ['demo', 'a$b'], hasDollar: true }],
  [['demo', '$refs'], null],
  [['demo', 'snapshots'], null],
  [['demo', 'flights', 'constructor'], null],
  [['demo', 'flights', 'delays'], null],
])('%s', (parts, expected) => {
  expect(parseMetadataTable(parts)).toEqual(expected)
})

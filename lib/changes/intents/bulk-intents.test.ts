import { describe, expect, it } from 'vitest'
import type { BulkChange, BulkSetting } from './bulk-change'
import { bulkChangesProblem, bulkIntents } from './bulk-intents'

const table = (properties: Record<string, string>) => ({ schema: { fields: [] }, properties })
const CHANGES: readonly BulkSetting[] = [
  { kind: 'set-property', key: 'owner', value: 'data-platform' },
  { kind: 'remove-property', key: 'team' },
  { kind: 'add-tag', tag: 'pii' },
  { kind: 'remove-tag', tag: 'draft' },
]

describe('Changes of many tables', () => {
  it('become intents with the values that each table has', () => {
    expect(bulkIntents(table({ owner: 'web', team: 'x', 'lakeshore.tags': 'draft, raw' }), CHANGES)).toEqual([
      { kind: 'set-property', key: 'owner', value: 'data-platform', base: 'web' },
      { kind: 'remove-property', key: 'team', base: 'x' },
      { kind: 'set-property', key: 'lakeshore.tags', value: 'raw, pii', base: 'draft, raw' },
    ])
  })

  it('leave a table as it is that has all of them, also if it writes its tags differently', () => {
    expect(bulkIntents(table({ owner: 'data-platform', 'lakeshore.tags': 'raw,pii' }), CHANGES)).toEqual([])
  })

  it('remove the property with the last tag', () => {
    expect(bulkIntents(table({ 'lakeshore.tags': 'draft' }), [{ kind: 'remove-tag', tag: 'draft' }])).toEqual([
      { kind: 'remove-property', key: 'lakeshore.tags', base: 'draft' },
    ])
  })

  it.each<[string, BulkChange[], RegExp]>([
    [
      'set a value that no table takes',
      [{ kind: 'set-property', key: 'commit.retry.num-retries', value: 'many' }],
      /commit\.retry/,
    ],
    [
      'name a column by its id',
      [{ kind: 'set-property', key: 'lakeshore.parquet.column.3.compression-codec', value: 'zstd' }],
      /by its id/,
    ],
    ['add two tags as one', [{ kind: 'add-tag', tag: 'a, b' }], /without a comma/],
    [
      'change one property twice',
      [
        { kind: 'remove-property', key: 'a' },
        { kind: 'set-property', key: 'a', value: '1' },
      ],
      /more than once/,
    ],
    [
      'set the tags and add one',
      [
        { kind: 'set-property', key: 'lakeshore.tags', value: 'a' },
        { kind: 'add-tag', tag: 'b' },
      ],
      /not both/,
    ],
    ['drop the tables that they change', [{ kind: 'drop' }, { kind: 'remove-property', key: 'a' }], /of its own/],
    [
      'move tables twice',
      [
        { kind: 'move', toNamespace: ['a'] },
        { kind: 'move', toNamespace: ['b'] },
      ],
      /of its own/,
    ],
  ])('are refused when they %s', (_, changes, reason) => {
    expect(bulkChangesProblem(changes)).toMatch(reason)
  })

  it('are accepted otherwise', () => {
    expect(bulkChangesProblem(CHANGES)).toBeNull()
    expect(bulkChangesProblem([{ kind: 'remove-property', key: 'commit.retry.num-retries' }])).toBeNull()
    expect(bulkChangesProblem([{ kind: 'drop' }])).toBeNull()
  })
})

import { expect, it } from 'vitest'
import { groupReason } from './reason-group'

it.each([
  [
    'results in "1.5", which is not a whole number such as 1204',
    'results in a value that is not a whole number such as 1204',
  ],
  [
    'results in "a\\", which b", which is beyond the range of int',
    'results in a value that is beyond the range of int',
  ],
  ["cannot be computed: Conversion Error: Could not convert string 'x' to INT32", 'cannot be computed'],
  ['cannot be computed, or is a value that does not fit', 'cannot be computed'],
  ['has 1 field but the header has 12', 'has more or fewer fields than the header'],
  ['has 1,200 fields but the first row has 12', 'has more or fewer fields than the first row'],
  ['breaks the rule one: has the same id as line 12', 'breaks the rule one: has the same id as an earlier row'],
  ['breaks the rule one: has the same id as record 12', 'breaks the rule one: has the same id as an earlier row'],
  ['breaks the rule one: has the same id as a row of a.csv', 'breaks the rule one: has the same id as an earlier row'],
  ['names the key "a\\"b" twice', 'names a key twice'],
  ['is not JSON at character 7', 'is not JSON'],
  ['has more after the end of the JSON value, at character 12', 'has more after the end of the JSON value'],
])('Reasons that differ in a value, a line or a position are one: %s', (reason, group) => {
  expect(groupReason(reason)).toBe(group)
})

it('Reasons that say what a column takes differ', () => {
  const reasons = ['has more than 2 decimals', 'has more than 4 decimals', 'breaks the rule r: is not at most 12']
  expect(reasons.map(groupReason)).toEqual(reasons)
  const long = groupReason(`does not match ${'x'.repeat(1_000)}`)
  expect(long).toHaveLength(301)
})

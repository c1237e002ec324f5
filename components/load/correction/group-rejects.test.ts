import { expect, it } from 'vitest'
import { groupRejects } from './group-rejects'

const reject = (line: number, column: string | null, value: string | null, reason: string) => ({
  file: null,
  line,
  column,
  value,
  reason,
  text: `${line};${value}`,
  part: value === null ? null : { start: 2, end: 2 + value.length },
})

it('Groups rejects by column and reason, most first, with the values that can be replaced', () => {
  const rejects = [
    reject(2, null, null, 'has 1 field but the header has 2'),
    reject(3, 'fare', '-', 'is not a number'),
    reject(4, 'fare', 'n/a', 'is not a number'),
    reject(5, null, null, 'has 3 fields but the header has 2'),
    reject(6, 'fare', 'n/a', 'is not a number'),
    reject(7, 'tip', 'n/a', 'is not a number'),
  ]
  expect(groupRejects(rejects).map(({ key: _key, ...group }) => group)).toEqual([
    {
      column: 'fare',
      reason: 'is not a number',
      indexes: [1, 2, 4],
      values: [
        { value: 'n/a', count: 2 },
        { value: '-', count: 1 },
      ],
    },
    { column: null, reason: 'has more or fewer fields than the header', indexes: [0, 3], values: [] },
    { column: 'tip', reason: 'is not a number', indexes: [5], values: [{ value: 'n/a', count: 1 }] },
  ])
})

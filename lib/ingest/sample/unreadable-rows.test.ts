import { expect, it } from 'vitest'
import { UnreadableSample } from './unreadable-rows'

it('A row of a file without lines has its number', () => {
  const rows = new UnreadableSample()
  rows.add({ line: null, item: 1_204 }, 'has a key twice')
  rows.add({ line: null, item: 1_300 }, 'has a text that is not UTF-8')
  expect(rows.finish(2_000)).toEqual({
    count: 2,
    areMany: false,
    sentence: '2 of 2,002 rows cannot be read: the first one, row 1,204, has a key twice',
  })
})

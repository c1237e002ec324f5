import { expect, it } from 'vitest'
import { verdictText } from './bloom-field'

it('says what a bloom filter saves compared with bounds alone', () => {
  const groupsByBounds = Array.from({ length: 28 }, (_, group) => group)
  expect(verdictText({ groups: [4, 5, 22], groupsByBounds, testedCount: 28, groupCount: 28 }, 19)).toBe(
    'Not in this row group. 3 of 28 may hold it: 4, 5, 22. Bounds alone would read all 28.',
  )
  expect(verdictText({ groups: [], groupsByBounds: [0], testedCount: 2, groupCount: 2 }, 0)).toBe(
    'Not in this row group. None of 2 row groups holds it. Bounds alone would read 1 of 2.',
  )
})

it('names row groups without a filter, and cuts a long list', () => {
  const groups = Array.from({ length: 30 }, (_, group) => group)
  const text = verdictText({ groups, groupsByBounds: groups, testedCount: 29, groupCount: 30 }, 3)
  expect(text).toContain('Maybe in this row group.')
  expect(text).toContain('19 and 10 more.')
  expect(text).toContain('1 row group has no filter that can be read.')
})

import { describe, expect, it, test } from 'vitest'
import { exceedsShare, shareText, toRejectLimit, misfitText } from './reject-limit'

describe('The limit of rejected rows', () => {
  it.each([
    [{}, { maxRejectedRows: 0 }],
    [{ rows: 3 }, { maxRejectedRows: 3 }],
    [{ share: 0.1 }, { maxRejectedRows: Number.MAX_SAFE_INTEGER, maxRejectedShare: 0.1 }],
    [
      { rows: 3, share: 0 },
      { maxRejectedRows: 3, maxRejectedShare: 0 },
    ],
  ])('of %j', (given, limit) => {
    expect(toRejectLimit(given)).toEqual(limit)
  })

  it.each([
    [0, 0, 0, false],
    [10, 1, 0, true],
    [10, 1, 0.1, false],
    [1000, 7, 0.007, false],
    [1000, 8, 0.007, true],
    [1, 1, 1, false],
  ])('%d rows read and %d rejected, with the share %d', (rowsRead, rowsRejected, share, isExceeded) => {
    expect(exceedsShare({ rowsRead, rowsRejected }, share)).toBe(isExceeded)
  })
})

test('A share is written with all its digits', () => {
  expect([0, 0.007, 0.025, 0.00001, 1].map(shareText)).toEqual(['0%', '0.7%', '2.5%', '0.001%', '100%'])
})

it('A refusal says how many rows do not fit, and how many may', () => {
  expect(misfitText({ rowsRejected: 1, rowsRead: 2_000 }, { allowed: null })).toBe(
    '1 of 2,000 rows does not fit the table. The run lists it',
  )
  expect(misfitText({ rowsRejected: 12, rowsRead: 2_000 }, { allowed: '10' })).toBe(
    '12 of 2,000 rows do not fit the table, more than the 10 allowed. The run lists them',
  )
})

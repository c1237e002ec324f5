import { describe, expect, it } from 'vitest'
import { findSharedParts } from './shared-name-parts'

const UUID = '5cb4cc4f-9f7f-4d34-8f1c-6a6b1a2f0001'

/** The part of each name that is not shared. */
function ownParts(names: readonly string[]): string[] {
  const { startChars, endChars } = findSharedParts(names)
  return names.map((name) =>
    Array.from(name)
      .slice(startChars, Array.from(name).length - endChars)
      .join(''),
  )
}

describe('The part in which names differ', () => {
  it('is the number of the file in names that PyIceberg wrote in one commit', () => {
    expect(ownParts(['0', '1', '12', '1999'].map((task) => `00000-${task}-${UUID}.parquet`))).toEqual([
      '0',
      '1',
      '12',
      '1999',
    ])
  })

  it('is a whole number or id, also if its digits are alike', () => {
    expect(ownParts([`00000-1234-${UUID}.parquet`, `00000-1235-${UUID}.parquet`])).toEqual(['1234', '1235'])
  })

  it('is the stem in names of different writers', () => {
    expect(ownParts(['a1-x.parquet', 'b2-y.parquet'])).toEqual(['a1-x', 'b2-y'])
  })

  it('is the whole name if there is one name', () => {
    expect(ownParts(['a-1.parquet'])).toEqual(['a-1.parquet'])
    expect(ownParts(['a-1.parquet', 'a-1.parquet'])).toEqual(['a-1.parquet', 'a-1.parquet'])
    expect(ownParts([])).toEqual([])
  })

  it('does not overlap the shared parts if one name continues the other', () => {
    expect(ownParts(['a-a', 'a-a-a'])).toEqual(['', 'a-'])
    expect(ownParts(['x.parquet', 'x.parquet.parquet'])).toEqual(['', 'parquet.'])
  })

  it('does not divide a character of two code units', () => {
    expect(ownParts(['😀-1-😀', '😀-2-😀'])).toEqual(['1', '2'])
  })
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { DeletedRows } from './deleted-rows'

test('Deleted rows are counted and listed as in a set', () => {
  const position = fc.integer({ min: -5, max: 210 })
  fc.assert(
    fc.property(fc.array(position), position, position, (positions, one, other) => {
      const rowCount = 200
      const deleted = new DeletedRows(rowCount)
      for (const each of positions) deleted.add(each)
      const expected = new Set(positions.filter((each) => each >= 0 && each < rowCount))
      const [from, to] = [one, other].map((each) => Math.max(0, Math.min(rowCount, each))).sort((a, b) => a - b) as [
        number,
        number,
      ]
      const inRange = Array.from({ length: to - from }, (_, i) => from + i)
      expect(deleted.count).toBe(expected.size)
      expect(deleted.countIn(from, to)).toBe(inRange.filter((each) => expected.has(each)).length)
      expect([...deleted.remaining(from, to)]).toEqual(
        inRange.filter((each) => !expected.has(each)).map((each) => each - from),
      )
      const live = Array.from({ length: rowCount }, (_, i) => i).filter((each) => !expected.has(each))
      expect(live.map((_, index) => deleted.positionOf(index))).toEqual(live)
      expect(deleted.positionOf(live.length)).toBe(rowCount)
    }),
    propertyRuns(),
  )
})

test('A range of deleted rows ends with the file', () => {
  const deleted = new DeletedRows(70)
  deleted.addRange(60, 100)
  expect([deleted.count, deleted.has(59), deleted.has(60), deleted.has(69)]).toEqual([10, false, true, true])
})

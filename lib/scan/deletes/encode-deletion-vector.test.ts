import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { deletionVectorBlob } from '@/testing/iceberg/deletion-vector-blob'
import { DeletedRows } from './deleted-rows'
import { readDeletionVector } from './deletion-vector'
import { encodeDeletionVector } from './encode-deletion-vector'

function deletedRows(rowCount: number, positions: Iterable<number>): DeletedRows {
  const deleted = new DeletedRows(rowCount)
  for (const position of positions) deleted.add(position)
  return deleted
}

describe('An encoded deletion vector', () => {
  it('has the bytes of the format', () => {
    expect(encodeDeletionVector(deletedRows(10_000, [0, 5, 9_999]))).toEqual(deletionVectorBlob([0, 5, 9_999]))
  })

  it('has the positions when it is read, in arrays and in bits', () => {
    const ranges = fc.array(fc.tuple(fc.nat(299_999), fc.nat(9_000)), { maxLength: 12 })
    fc.assert(
      fc.property(ranges, (given) => {
        const deleted = new DeletedRows(300_000)
        for (const [start, length] of given) deleted.addRange(start, start + length)
        expect(readDeletionVector(encodeDeletionVector(deleted), 300_000).equals(deleted)).toBe(true)
      }),
      propertyRuns(50),
    )
  })

  it('of every row, of none, and of a whole container is read again', () => {
    for (const [start, end] of [
      [0, 200_000],
      [0, 0],
      [65_536, 131_072],
      [199_999, 200_000],
    ] as const) {
      const deleted = new DeletedRows(200_000)
      deleted.addRange(start, end)
      const read = readDeletionVector(encodeDeletionVector(deleted), 200_000)
      expect(read.count).toBe(end - start)
      expect(read.equals(deleted)).toBe(true)
    }
  })
})

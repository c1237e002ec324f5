import { describe, expect, it } from 'vitest'
import { parseSnapshotIds } from './snapshot-ids'

describe('Snapshot ids in a text', () => {
  it('are separated by spaces, commas, semicolons and lines, and are exact', () => {
    expect(parseSnapshotIds(' 9223372036854775807,\n-9223372036854775808;7 \t007\r\n9007199254740993 ')).toEqual({
      ids: ['9223372036854775807', '-9223372036854775808', '7', '9007199254740993'],
    })
    expect(parseSnapshotIds(' ,\n')).toEqual({ ids: [] })
  })

  it('are whole numbers of 64 bits: anything else is named', () => {
    expect(parseSnapshotIds('7 9223372036854775808')).toEqual({
      problem: '“9223372036854775808” is not a snapshot id. An id is a whole number of 64 bits.',
    })
    expect(parseSnapshotIds('1.5, 0x1, main, 1e3, 4')).toEqual({
      problem: '“1.5”, “0x1”, “main” and 1 more are not snapshot ids. An id is a whole number of 64 bits.',
    })
  })

  it('are at most as many as one commit expires, each counted once', () => {
    const ids = Array.from({ length: 20_000 }, (_, i) => String(i))
    expect(parseSnapshotIds([...ids, ...ids].join(' '))).toEqual({ ids })
    expect(parseSnapshotIds([...ids, '20000'].join(' '))).toEqual({
      problem: 'These are 20,001 snapshots. One commit expires at most 20,000.',
    })
  })
})

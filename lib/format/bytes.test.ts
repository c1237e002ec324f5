import { describe, expect, it } from 'vitest'
import { formatBytes, formatBytesChange, formatBytesTick, formatExactBytes } from './bytes'

const MiB = 2 ** 20
const GiB = 2 ** 30

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [12, '12 B'],
    [1023, '1,023 B'],
    [1024, '1.00 KiB'],
    [1536, '1.50 KiB'],
    [88.1 * MiB, '88.1 MiB'],
    [318 * MiB, '318 MiB'],
    [9.84 * GiB, '9.84 GiB'],
    [4.1 * MiB, '4.10 MiB'],
    [999.4 * MiB, '999 MiB'],
    [1023.9 * 1024, '1.00 MiB'],
    [1000 * MiB, '0.977 GiB'],
    [5 * 2 ** 60, '5,120 PiB'],
    [-2 * GiB, '−2.00 GiB'],
  ])('prints %d with three significant figures', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  it('shows the sign of a change, and none for zero', () => {
    expect([2.31 * GiB, -14.9 * GiB, 0].map(formatBytesChange)).toEqual(['+2.31 GiB', '−14.9 GiB', '0 B'])
  })

  it('keeps ticks short', () => {
    expect([0, 4 * 2 ** 40, 1.5 * GiB].map(formatBytesTick)).toEqual(['0', '4 TiB', '1.5 GiB'])
  })

  it('gives the exact count for a title', () => {
    expect([1, 10_565_701_632].map(formatExactBytes)).toEqual(['1 byte', '10,565,701,632 bytes'])
  })
})

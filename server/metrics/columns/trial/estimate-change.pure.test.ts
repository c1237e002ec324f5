import { describe, expect, it } from 'vitest'
import { estimateChange } from './estimate-change'

describe('The estimated change of a column', () => {
  it('is the ratio of its pages, each as often as it counts', () => {
    const dictionary = { nowBytes: 100, triedBytes: 50 }
    const data = { nowBytes: 900, triedBytes: 900 }
    expect(estimateChange([dictionary, data], true)).toEqual({ change: expect.closeTo(-0.05, 10), error: 0 })
  })

  it('has no error when all pages are alike, and a larger one the more they differ', () => {
    const alike = Array.from({ length: 20 }, () => ({ nowBytes: 100, triedBytes: 80 }))
    const different = alike.map((page, i) => ({ ...page, triedBytes: 80 + (i % 2 === 0 ? 10 : -10) }))
    expect(estimateChange(alike, false)).toEqual({ change: expect.closeTo(-0.2, 10), error: expect.closeTo(0, 10) })
    const { change, error } = estimateChange(different, false)
    expect(change).toBeCloseTo(-0.2)
    // Two standard errors of the mean of 20 values with a deviation of 0.1.
    expect(error).toBeCloseTo((2 * 0.1 * Math.sqrt(20 / 19)) / Math.sqrt(20), 2)
  })

  it('may be wrong by a fifth when a few pages have to stand for others', () => {
    expect(estimateChange([{ nowBytes: 100, triedBytes: 90 }], false)).toMatchObject({ error: 0.2 })
    expect(estimateChange([{ nowBytes: 0, triedBytes: 0 }], true)).toEqual({ change: 0, error: 0 })
  })
})

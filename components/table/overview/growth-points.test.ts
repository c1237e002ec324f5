import { describe, expect, it } from 'vitest'
import { extendToNow } from './growth-points'

describe('The size of a table over time', () => {
  const points = [
    { atMs: 1, bytes: 10 },
    { atMs: 5, bytes: null },
  ]

  it('stays until now as the newest commit left it, known or not', () => {
    expect(extendToNow(points, 9)).toEqual([...points, { atMs: 9, bytes: null }])
    expect(extendToNow(points.slice(0, 1), 9)).toEqual([
      { atMs: 1, bytes: 10 },
      { atMs: 9, bytes: 10 },
    ])
  })

  it('ends with a commit whose writer has a clock that is ahead', () => {
    expect(extendToNow(points, 4)).toEqual(points)
    expect(extendToNow([], 4)).toEqual([])
  })
})

import { describe, expect, it, vi } from 'vitest'
import { cacheByZone } from './cache-by-zone'

describe('A cache by time zone', () => {
  it('computes the value of a zone once', () => {
    const compute = vi.fn(() => 'value')
    const read = cacheByZone(compute)
    expect([read('UTC'), read('UTC')]).toEqual(['value', 'value'])
    expect(compute).toHaveBeenCalledTimes(1)
  })

  it('keeps no failure', () => {
    const compute = vi
      .fn(() => 'value')
      .mockImplementationOnce(() => {
        throw new RangeError('no such zone')
      })
    const read = cacheByZone(compute)
    expect(() => read('Nowhere')).toThrow('no such zone')
    expect(read('Nowhere')).toBe('value')
  })

  it('forgets all zones when a client names more than there are', () => {
    const compute = vi.fn((timeZone: string) => timeZone)
    const read = cacheByZone(compute)
    for (let i = 0; i < 1_001; i += 1) read(`zone ${i}`)
    compute.mockClear()
    read('zone 1000')
    expect(compute).not.toHaveBeenCalled()
    read('zone 0')
    expect(compute).toHaveBeenCalledOnce()
  })
})

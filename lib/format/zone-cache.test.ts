import { describe, expect, it, vi } from 'vitest'
import { ZoneCache } from './zone-cache'

describe('A cache by time zone', () => {
  it('computes the value of a zone once', () => {
    const cache = new ZoneCache<string>()
    const compute = vi.fn(() => 'value')
    expect([cache.get('UTC', compute), cache.get('UTC', compute)]).toEqual(['value', 'value'])
    expect(compute).toHaveBeenCalledTimes(1)
  })

  it('keeps no failure', () => {
    const cache = new ZoneCache<string>()
    const fail = () => {
      throw new RangeError('no such zone')
    }
    expect(() => cache.get('Nowhere', fail)).toThrow('no such zone')
    expect(cache.get('Nowhere', () => 'value')).toBe('value')
  })

  it('forgets all zones when a client names more than there are', () => {
    const cache = new ZoneCache<number>()
    for (let i = 0; i < 1_001; i += 1) cache.get(`zone ${i}`, () => i)
    expect(cache.get('zone 0', () => -1)).toBe(-1)
    expect(cache.get('zone 1000', () => -1)).toBe(1_000)
  })
})

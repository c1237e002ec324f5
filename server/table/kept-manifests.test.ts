import { describe, expect, test } from 'vitest'
import type { ManifestEntry } from '@/lib/iceberg/manifest'
import { ManifestCache } from './kept-manifests'

const none: readonly ManifestEntry[] = []

describe('Decoded manifests', () => {
  test('are kept by their key within what they were decoded for', () => {
    const cache = new ManifestCache()
    cache.within('table a').set('m1', none, 10)
    expect(cache.within('table a').get('m1')).toBe(none)
    expect(cache.within('table b').get('m1')).toBeUndefined()
  })

  test('are given up in the order of their last use when they take too much', () => {
    const kept = new ManifestCache(100).within('t')
    kept.set('m1', none, 40)
    kept.set('m2', none, 40)
    expect(kept.get('m1')).toBe(none)
    kept.set('m3', none, 40)
    expect([kept.get('m1'), kept.get('m2'), kept.get('m3')]).toEqual([none, undefined, none])
  })

  test('are counted once when they are kept again', () => {
    const kept = new ManifestCache(100).within('t')
    for (let turn = 0; turn < 10; turn += 1) kept.set('m1', none, 40)
    kept.set('m2', none, 60)
    expect([kept.get('m1'), kept.get('m2')]).toEqual([none, none])
  })

  test('that alone take more than there is are not kept, and push no other out', () => {
    const kept = new ManifestCache(100).within('t')
    kept.set('m1', none, 40)
    kept.set('m2', none, 101)
    expect([kept.get('m1'), kept.get('m2')]).toEqual([none, undefined])
  })
})

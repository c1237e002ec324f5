import { describe, expect, test } from 'vitest'
import type { ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import { ManifestCache } from './manifest-cache'

const NO_ENTRIES: readonly ManifestEntry[] = []

describe('Decoded manifests', () => {
  test('are cached by key within the scope they were decoded for', () => {
    const cache = new ManifestCache()
    cache.cacheFor('table a').set('m1', NO_ENTRIES, 10)
    expect(cache.cacheFor('table a').get('m1')).toBe(NO_ENTRIES)
    expect(cache.cacheFor('table b').get('m1')).toBeUndefined()
  })

  test('are evicted in the order of their last use when they take too much memory', () => {
    const manifests = new ManifestCache(100).cacheFor('t')
    manifests.set('m1', NO_ENTRIES, 40)
    manifests.set('m2', NO_ENTRIES, 40)
    expect(manifests.get('m1')).toBe(NO_ENTRIES)
    manifests.set('m3', NO_ENTRIES, 40)
    expect([manifests.get('m1'), manifests.get('m2'), manifests.get('m3')]).toEqual([NO_ENTRIES, undefined, NO_ENTRIES])
  })

  test('are counted once when they are cached again', () => {
    const manifests = new ManifestCache(100).cacheFor('t')
    for (let round = 0; round < 10; round += 1) manifests.set('m1', NO_ENTRIES, 40)
    manifests.set('m2', NO_ENTRIES, 60)
    expect([manifests.get('m1'), manifests.get('m2')]).toEqual([NO_ENTRIES, NO_ENTRIES])
  })

  test('larger than the whole cache are not cached and evict nothing', () => {
    const manifests = new ManifestCache(100).cacheFor('t')
    manifests.set('m1', NO_ENTRIES, 40)
    manifests.set('m2', NO_ENTRIES, 101)
    expect([manifests.get('m1'), manifests.get('m2')]).toEqual([NO_ENTRIES, undefined])
  })
})

import { describe, expect, test } from 'vitest'
import type { ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import type { ManifestLayout, PlannedManifest } from '@/lib/scan/plan/manifest-layout'
import { ManifestCache } from './manifest-cache'
import { sampleManifest } from '@/testing/iceberg/sample-manifest'

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

const MANIFEST = sampleManifest()

describe('The layouts of manifest lists', () => {
  const layout = (count: number): ManifestLayout => ({
    manifests: Array.from(
      { length: count },
      (): PlannedManifest => ({
        manifest: MANIFEST,
        firstFile: 0,
        firstRow: 0,
        fileCount: 1,
        rowCount: 1,
      }),
    ),
    fileCount: count,
    rowCount: count,
    deleteManifests: [],
    deleteFileCount: 0,
  })

  test('are cached by key within their scope, up to a size', () => {
    const cache = new ManifestCache(100, 2_000)
    const [one, two] = [layout(1), layout(1)]
    cache.plansFor('table a').layouts.set('list', one)
    expect(cache.plansFor('table a').layouts.get('list')).toBe(one)
    expect(cache.plansFor('table b').layouts.get('list')).toBeUndefined()
    cache.plansFor('table a').layouts.set('list 2', two)
    cache.plansFor('table a').layouts.set('list 3', layout(1))
    expect(cache.plansFor('table a').layouts.get('list')).toBeUndefined()
    expect(cache.plansFor('table a').layouts.get('list 2')).toBe(two)
  })
})

test('A table with more entries than the cache holds does not fit', () => {
  const cache = new ManifestCache(80_000).cacheFor('table a')
  expect([cache.fits(0), cache.fits(100), cache.fits(101)]).toEqual([true, true, false])
})

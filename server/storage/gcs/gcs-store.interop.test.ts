import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installGcsServer, type GcsServer, startGcsServer } from '@/testing/stores/gcs-server'
import { describeStore } from '@/testing/conformance/store'
import type { GcsAccess } from '../../locations/storage-access'
import { gcsStore } from './gcs-store'

const SIZES = { firstPauseMs: 1, partBytes: 1024 * 1024, maxSingleUploadBytes: 1024 * 1024 }

describe.skipIf(installGcsServer() === null)('fake-gcs-server (skipped if it is not available)', () => {
  let server: GcsServer

  beforeAll(async () => {
    server = await startGcsServer()
  })
  afterAll(() => server.stop())

  const openStore = (overrides: Partial<GcsAccess>) => gcsStore({ ...server.access, ...overrides }, SIZES)
  const encode = (of: string) => new TextEncoder().encode(of)

  describeStore('A bucket', () => ({
    store: openStore({ roots: ['gs://lake/wh'] }),
    folder: 'gs://lake/wh/t',
    outside: 'gs://lake/other',
  }))

  test('lists all names across several pages', async () => {
    const store = openStore({})
    const names = Array.from({ length: 1_003 }, (_, i) => `f${i}`)
    for (let start = 0; start < names.length; start += 100) {
      const some = names.slice(start, start + 100)
      await Promise.all(some.map((name) => store.writeNew(`gs://lake/many/${name}`, encode('x'))))
    }
    expect((await store.listNames('gs://lake/many', { limit: 2_000 })).sort()).toEqual(names.sort())
  })

  test('reports a missing bucket', async () => {
    const store = openStore({ roots: ['gs://nowhere'] })
    const missing = 'There is no bucket named nowhere.'
    await expect(store.writeNew('gs://nowhere/a', encode('x'))).rejects.toThrow(missing)
    await expect(store.listNames('gs://nowhere/a', { limit: 1 })).rejects.toThrow(missing)
    await expect(store.read('gs://nowhere/a')).rejects.toMatchObject({ code: 'file-missing' })
    await store.remove('gs://nowhere/a')
  })
})

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import { createTestStores } from '@/testing/stores/test-stores'
import type { LocalAccess, S3Access } from '@/server/locations/storage-access'

const stores = createTestStores()

let folder: string
let local: LocalAccess
let s3: S3StandIn
let objects: S3Access

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'open-store-'))
  await mkdir(path.join(folder, 'moved'))
  local = { kind: 'local', roots: [`file://${folder}/moved`] }
  s3 = new S3StandIn()
  objects = {
    kind: 's3',
    roots: ['s3://lake'],
    endpoint: await s3.start(),
    region: 'us-east-1',
    isPathStyle: true,
    credentials: { kind: 'keys', ...KEYS },
  }
})
afterEach(async () => {
  await s3.stop()
  await rm(folder, { recursive: true })
})

const errorWithCode = (expected: string) => expect.objectContaining({ code: expected })
const encode = (of: string) => new TextEncoder().encode(of)
const decode = (of: Uint8Array) => new TextDecoder().decode(of)

describe('Equal storage accesses', () => {
  test('share a store, whatever the order of their fields', () => {
    const { kind, ...rest } = objects
    expect(stores.storeFor({ ...rest, kind })).toBe(stores.storeFor({ ...objects }))
    expect(stores.storeFor({ ...local })).toBe(stores.storeFor(local))
    const sign = () => Promise.reject(new Error('not called'))
    const signed: S3Access = { ...objects, credentials: { kind: 'remote-signing', sign } }
    expect(stores.storeFor(signed)).toBe(stores.storeFor({ ...signed, credentials: { kind: 'remote-signing', sign } }))
  })

  test('do not share a store when anything differs', () => {
    const sign = () => Promise.reject(new Error('not called'))
    const others: S3Access[] = [
      { ...objects, roots: ['s3://lake/a'] },
      { ...objects, isReadOnly: true },
      { ...objects, credentials: { kind: 'keys', ...KEYS, secretAccessKey: 'other' } },
      { ...objects, credentials: { kind: 'anonymous' } },
      { ...objects, credentials: { kind: 'remote-signing', sign } },
      { ...objects, credentials: { kind: 'remote-signing', sign: () => sign() } },
    ]
    expect(new Set([objects, ...others].map((access) => stores.storeFor(access))).size).toBe(7)
  })

  test('are evicted from the cache when there are too many', () => {
    const first = stores.storeFor(objects)
    for (let i = 0; i < 300; i++) stores.storeFor({ ...objects, roots: [`s3://lake/${i}`] })
    expect(stores.storeFor(objects)).not.toBe(first)
  })
})

describe('A read-only access', () => {
  test('allows reads and refuses writes', async () => {
    await writeFile(path.join(folder, 'moved/a'), 'there')
    const location = `file://${folder}/moved/a`
    const store = stores.storeFor({ ...local, isReadOnly: true })
    expect(decode(await store.read(location))).toBe('there')
    await expect(store.writeNew(`${location}2`, encode('x'))).rejects.toThrow(errorWithCode('forbidden'))
    await expect(store.importFile(path.join(folder, 'moved/a'), `${location}2`)).rejects.toThrow(
      errorWithCode('forbidden'),
    )
    await expect(store.remove(location)).rejects.toThrow(errorWithCode('forbidden'))
    expect(await readFile(path.join(folder, 'moved/a'), 'utf8')).toBe('there')
  })
})

describe('Mapped locations', () => {
  test.each([
    ['warehouse', 'warehouse/db/t/a'],
    ['warehouse/', 'warehouse/db/t/a'],
    ['hdfs://nn:8020/lake', 'hdfs://nn:8020/lake/db/t/a'],
    ['s3://theirs/wh', 's3://theirs/wh/db/t/a'],
    ['/home/iceberg/warehouse', '/home/iceberg/warehouse/db/t/a'],
    ['file:/home/iceberg', 'file:/home/iceberg/db/t/a'],
  ])('below %s are found at their actual location', async (from, location) => {
    const store = stores.storeFor(local, [{ from, to: `file://${folder}/moved/copy/` }])
    await store.writeNew(location, encode('0123'))
    expect(await readFile(path.join(folder, 'moved/copy/db/t/a'), 'utf8')).toBe('0123')
    expect(decode(await store.read(location, { range: { start: 1, end: 3 } }))).toBe('12')
    expect(await store.sizeBytes(location)).toBe(4)
    expect(await new Response(await store.stream(location, { range: { start: 2, end: 4 } })).text()).toBe('23')
    expect(await store.hasFiles(location.slice(0, -2))).toBe(true)
    await store.remove(location)
    expect(await store.hasFiles(location.slice(0, -2))).toBe(false)
    await writeFile(path.join(folder, 'staged'), 'rows')
    await store.importFile(path.join(folder, 'staged'), location)
    expect(decode(await store.read(location))).toBe('rows')
    expect(() => store.checkLocation(location)).not.toThrow()
  })

  test('use the longest matching prefix, which ends at a slash', async () => {
    s3.objects.set('lake/near/a', Buffer.from('near'))
    s3.objects.set('lake/far/bc/a', Buffer.from('far'))
    const store = stores.storeFor(objects, [
      { from: 'old', to: 's3://lake/far' },
      { from: 'old/b', to: 's3://lake/near' },
    ])
    expect(decode(await store.read('old/b/a'))).toBe('near')
    expect(decode(await store.read('old/bc/a'))).toBe('far')
    await expect(store.read('older/a')).rejects.toThrow(errorWithCode('location-refused'))
  })

  test('pass the gate after mapping: no mapping leads outside the roots', async () => {
    const store = stores.storeFor(objects, [
      { from: 'old', to: 's3://lake/near' },
      { from: 'bad', to: 'http://169.254.169.254' },
      { from: 'etc', to: 'file:///etc' },
      { from: 'theirs', to: 's3://other' },
    ])
    for (const location of ['old/../far', 'old/%2e%2e/a', 'bad/latest', 'etc/passwd', 'theirs/a', 'old\\..\\a']) {
      await expect(store.read(location)).rejects.toThrow(errorWithCode('location-refused'))
      expect(() => store.checkLocation(location)).toThrow(errorWithCode('location-refused'))
    }
    expect(s3.received).toEqual([])
  })

  test('appear in errors as in the metadata', async () => {
    const store = stores.storeFor(objects, [{ from: 'old', to: 's3://lake/secret-place' }])
    const missing: unknown = await store.read('old/a').catch((e: unknown) => e)
    expect(missing).toMatchObject({ code: 'file-missing', facts: { location: 'old/a' } })
    expect(String(missing)).not.toContain('secret-place')
    s3.objects.set('lake/secret-place/a', Buffer.alloc(1000))
    s3.faultFor = ({ headers }) => (headers.range === 'bytes=0-999' ? { kind: 'cut' } : { kind: 'answer', status: 403 })
    const stream = await store.stream('old/a', { range: { start: 0, end: 1000 } })
    await expect(new Response(stream).bytes()).rejects.toMatchObject({
      code: 'forbidden',
      facts: { location: 'old/a' },
    })
  })

  test('are released when their reader leaves', async () => {
    s3.objects.set('lake/a', Buffer.alloc(8_000_000))
    const store = stores.storeFor(objects, [{ from: 'old', to: 's3://lake' }])
    await (await store.stream('old/a', { range: { start: 0, end: 8_000_000 } })).cancel()
    await vi.waitFor(() => expect(s3.runningCount).toBe(0), 50_000)
  })
})

describe('Several storage accesses', () => {
  test('serve each location by the longest root that contains it', async () => {
    s3.sessionToken = 'narrow'
    s3.objects.set('lake/a/x', Buffer.from('narrow'))
    const narrow: S3Access = {
      ...objects,
      roots: ['s3://lake/a'],
      credentials: { kind: 'keys', ...KEYS, sessionToken: 'narrow' },
    }
    const store = stores.storeForAll([objects, narrow, local], [{ from: 'moved', to: `file://${folder}/moved` }])
    expect(decode(await store.read('s3://lake/a/x'))).toBe('narrow')
    // Signed without the token, so the store refuses the request.
    await expect(store.read('s3://lake/ab')).rejects.toThrow(errorWithCode('forbidden'))
    await store.writeNew('moved/x', encode('file'))
    expect(decode(await store.read(`file://${folder}/moved/x`))).toBe('file')
    await expect(store.read('s3://other/x')).rejects.toThrow(errorWithCode('location-refused'))
    expect(() => stores.storeForAll([]).checkLocation('s3://lake/a')).toThrow(errorWithCode('location-refused'))
  })

  test('return the store itself when there is only one', () => {
    expect(stores.storeForAll([objects])).toBe(stores.storeFor(objects))
  })
})

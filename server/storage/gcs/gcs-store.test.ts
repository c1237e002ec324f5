import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { GcsStandIn } from '@/testing/stores/gcs-stand-in'
import type { ObjectStore } from '../object-store'
import type { GcsAccess } from '../../locations/storage-access'
import { type GcsStoreOptions, gcsStore } from './gcs-store'
import { gcsUrl } from './gcs-url'

const ROOT = 'gs://lake/wh'
const UPLOADS = '/upload/storage/v1/b/lake/o'

let gcs: GcsStandIn
let endpoint: string
let store: ObjectStore

beforeEach(async () => {
  gcs = new GcsStandIn()
  endpoint = await gcs.start()
  store = connect()
})
afterEach(() => gcs.stop())

function connect(access: Partial<GcsAccess> = {}, options: GcsStoreOptions = {}): ObjectStore {
  return gcsStore(
    { kind: 'gcs', roots: [ROOT], endpoint, credentials: { kind: 'anonymous' }, ...access },
    { firstPauseMs: 1, ...options },
  )
}

const locationOf = (name: string) => `${ROOT}/${name}`
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const encode = (of: string) => new TextEncoder().encode(of)
const errorWithCode = (expected: string) => expect.objectContaining({ code: expected })

describe('A new object', () => {
  test('counts as written when the answer was lost but the object is there', async () => {
    gcs.faults.push({ kind: 'lose' })
    await store.writeNew(locationOf('a'), encode('mine'))
    const upload = `POST ${UPLOADS}?ifGenerationMatch&uploadType&name`
    expect(gcs.requests).toEqual([upload, upload, 'HEAD /lake/wh/a', 'GET /lake/wh/a'])
  })

  test.each(['other', 'mine but longer'])(
    'does not count as written when another object (%j) took the name first',
    async (other) => {
      gcs.objects.set('lake/wh/a', Buffer.from(other))
      gcs.faults.push({ kind: 'reset' })
      await expect(store.writeNew(locationOf('a'), encode('mine!'))).rejects.toThrow(errorWithCode('already-exists'))
      expect(gcs.objects.get('lake/wh/a')?.toString()).toBe(other)
    },
  )
})

describe('A finished local file', () => {
  let folder: string
  let file: string
  const content = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251))
  const isPart = ({ method }: { method: string }) => method === 'PUT'

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gcs-import-'))
    file = path.join(folder, 'staged.parquet')
    await writeFile(file, content)
    store = connect({}, { partBytes: 64, maxSingleUploadBytes: 100 })
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('is uploaded in parts, in sequence and only to the store, and is then removed', async () => {
    await store.importFile(file, locationOf('x'))
    expect(gcs.objects.get('lake/wh/x')).toEqual(content)
    expect(gcs.received.filter(isPart)).toHaveLength(16)
    expect(gcs.maxRunningCount).toBe(1)
    expect(existsSync(file)).toBe(false)
  })

  test('is complete when the store accepts less of each part than it was sent', async () => {
    gcs.maxPartBytes = 50
    await store.importFile(file, locationOf('x'))
    expect(gcs.objects.get('lake/wh/x')).toEqual(content)
  })

  test('is complete when answers are lost, including the one to the last part', async () => {
    let sent = 0
    gcs.faultFor = (seen) => {
      if (!isPart(seen)) return null
      sent += 1
      return sent % 2 === 1 ? { kind: 'lose' } : null
    }
    await store.importFile(file, locationOf('x'))
    expect(gcs.objects.get('lake/wh/x')).toEqual(content)
  })

  test('stays when another client created the object first', async () => {
    gcs.faultFor = ({ headers }) => {
      if (headers['content-range'] === 'bytes 960-999/1000') gcs.objects.set('lake/wh/x', Buffer.from('theirs'))
      return null
    }
    await expect(store.importFile(file, locationOf('x'))).rejects.toThrow(errorWithCode('already-exists'))
    expect(gcs.objects.get('lake/wh/x')?.toString()).toBe('theirs')
    expect(existsSync(file)).toBe(true)
  })

  test.each([
    ['accepts none of it', { kind: 'answer', status: 308 }],
    ['reports more bytes than were sent', { kind: 'answer', status: 308, headers: { range: 'bytes=0-999999' } }],
    ['no longer knows the upload', { kind: 'answer', status: 404, code: 'notFound' }],
    ['fails', { kind: 'answer', status: 503, code: 'backendError' }],
  ] as const)('stays when the store %s', async (_what, fault) => {
    gcs.faultFor = (seen) => (isPart(seen) ? fault : null)
    await expect(store.importFile(file, locationOf('x'))).rejects.toThrow(errorWithCode('storage-unavailable'))
    expect(gcs.objects.size).toBe(0)
    expect(existsSync(file)).toBe(true)
  })

  test('stays when the store repeatedly accepts some bytes and loses them', async () => {
    let sent = 0
    gcs.faultFor = (seen) => {
      if (!isPart(seen)) return null
      sent += 1
      if (sent > 99) return { kind: 'answer', status: 403 }
      return { kind: 'answer', status: 308, ...(sent % 2 === 1 && { headers: { range: 'bytes=0-63' } }) }
    }
    await expect(store.importFile(file, locationOf('x'))).rejects.toThrow(errorWithCode('storage-unavailable'))
    expect(sent).toBeLessThan(10)
  })

  test('is not sent when the store returns no upload id', async () => {
    gcs.faults.push({ kind: 'answer', status: 200, headers: { location: 'https://elsewhere.example/' } })
    await expect(store.importFile(file, locationOf('x'))).rejects.toThrow(errorWithCode('storage-unavailable'))
    expect(gcs.received).toHaveLength(1)
  })
})

describe('A store in trouble', () => {
  beforeEach(() => gcs.objects.set('lake/wh/a', Buffer.from('x')))

  test('is retried a few times', async () => {
    const busy = { kind: 'answer', status: 429, code: 'rateLimitExceeded' } as const
    gcs.faults.push(busy, { kind: 'answer', status: 503, code: 'backendError' }, { kind: 'reset' })
    expect(decode(await store.read(locationOf('a')))).toBe('x')
    gcs.faultFor = () => busy
    await expect(store.read(locationOf('a'))).rejects.toThrow(errorWithCode('storage-unavailable'))
    expect(gcs.received).toHaveLength(4 + 4)
  })

  test.each([
    [{ status: 401, code: 'authError' }, 'forbidden', 'does not accept the credentials'],
    [{ status: 403, code: 'AccessDenied' }, 'forbidden', 'does not let these credentials'],
    [{ status: 403, code: 'forbidden' }, 'forbidden', 'does not let these credentials'],
    [{ status: 403, code: 'retentionPolicyNotMet' }, 'forbidden', 'A retention policy or a hold protects this file'],
    [{ status: 400, code: 'UserProjectMissing' }, 'forbidden', 'requester pays'],
    [{ status: 404, code: 'NoSuchBucket' }, 'file-missing', 'no bucket named lake'],
    [{ status: 404, code: 'NoSuchKey' }, 'file-missing', 'no file'],
    [{ status: 302, headers: { location: 'http://169.254.169.254/' } }, 'storage-unavailable', 'answered 302'],
    [{ status: 400, code: 'invalid' }, 'storage-unavailable', 'answered 400 invalid'],
    [{ status: 500, body: 'top&secret' }, 'storage-unavailable', 'answered 500'],
  ] as const)('that answers %j is reported in our words', async (answer, expected, words) => {
    gcs.faultFor = () => ({ kind: 'answer', ...answer })
    const error: unknown = await store.read(locationOf('a')).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: expected, message: expect.stringContaining(words) })
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('secret')
  })

  test('reports a missing bucket for listings and for writes', async () => {
    gcs.faultFor = () => ({ kind: 'answer', status: 404, code: 'notFound' })
    await expect(store.listNames(ROOT, { limit: 1 })).rejects.toThrow('no bucket named lake')
    await expect(store.writeNew(locationOf('b'), encode('x'))).rejects.toThrow('no bucket named lake')
  })

  test.each(['', '{}', '[]', '{"kind":"storage#object"}', '<html>'])(
    'does not accept %j as a listing',
    async (body) => {
      gcs.faultFor = () => ({ kind: 'answer', status: 200, body })
      await expect(store.hasFiles(ROOT)).rejects.toThrow(errorWithCode('storage-unavailable'))
    },
  )

  test('lists all names across several pages', async () => {
    gcs.maxKeysPerPage = 2
    for (const name of ['b', 'c', 'd', 'e/f']) gcs.objects.set(`lake/wh/${name}`, Buffer.from('x'))
    expect(await store.listNames(ROOT, { limit: 9 })).toEqual(['a', 'b', 'c', 'd'])
  })
})

test('Object URLs point at Google unless an endpoint is set', () => {
  const addressOf = (endpoint: string | null, method: 'GET' | 'DELETE' | 'POST', key = 'a/b c') =>
    gcsUrl(endpoint, { method, object: { bucket: 'lake', key }, query: { x: 'a&b' } }).href
  expect(addressOf(null, 'GET')).toBe('https://storage.googleapis.com/lake/a/b%20c?x=a%26b')
  expect(addressOf(null, 'GET', '')).toBe('https://storage.googleapis.com/storage/v1/b/lake/o?x=a%26b')
  expect(addressOf(null, 'DELETE')).toBe('https://storage.googleapis.com/storage/v1/b/lake/o/a%2Fb%20c?x=a%26b')
  expect(addressOf('http://127.0.0.1:4443/gcs/', 'POST')).toBe(
    'http://127.0.0.1:4443/gcs/upload/storage/v1/b/lake/o?x=a%26b&name=a%2Fb%20c',
  )
})

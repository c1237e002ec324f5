import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import { SILENT_LOG } from '@/testing/silent-log'
import type { ObjectStore } from '../object-store'
import type { S3Access, S3Credentials } from '../../locations/storage-access'
import { type S3StoreOptions, s3Store } from './s3-store'

let s3: S3StandIn
let endpoint: string
let store: ObjectStore

beforeEach(async () => {
  s3 = new S3StandIn()
  endpoint = await s3.start()
  store = connect()
})
afterEach(() => s3.stop())

function connect(access: Partial<S3Access> = {}, options: S3StoreOptions = {}): ObjectStore {
  const credentials: S3Credentials = { kind: 'keys', ...KEYS }
  const defaults = { kind: 's3' as const, roots: ['s3://lake/wh'], endpoint, region: 'eu-central-1', isPathStyle: true }
  return s3Store({ ...defaults, credentials, ...access }, SILENT_LOG, { firstPauseMs: 1, ...options })
}

const locationOf = (name: string) => `s3://lake/wh/${name}`
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const encode = (of: string) => new TextEncoder().encode(of)
const errorWithCode = (expected: string) => expect.objectContaining({ code: expected })
const readStream = async (name: string, start: number, end: number) =>
  new Response(await store.stream(locationOf(name), { range: { start, end } })).text()

describe('A new object', () => {
  test('is read back completely, by range and as a stream, with its length', async () => {
    await store.writeNew(locationOf('t/a.json'), encode('0123456789'))
    expect(decode(await store.read(locationOf('t/a.json')))).toBe('0123456789')
    expect(decode(await store.read(locationOf('t/a.json'), { range: { start: 2, end: 5 } }))).toBe('234')
    expect(await store.sizeBytes(locationOf('t/a.json'))).toBe(10)
    expect(await readStream('t/a.json', 7, 10)).toBe('789')
    expect(await store.read(locationOf('t/a.json'), { range: { start: 3, end: 3 } })).toEqual(new Uint8Array(0))
    expect(await readStream('t/a.json', 4, 4)).toBe('')
  })

  test.each(['a b', 'name=a%2Fb', 'größe/数据', "it's(1)*!", 'a+b&c=d;e', 'a?b#c', '~x', 'a//b', 'q:8080@h'])(
    'named %j is stored under exactly that key, with a valid signature',
    async (name) => {
      await store.writeNew(locationOf(name), encode(name))
      expect([...s3.objects.keys()]).toEqual([`lake/wh/${name}`])
      expect(decode(await store.read(locationOf(name), { range: { start: 0, end: encode(name).length } }))).toBe(name)
      expect(await store.hasFiles(locationOf(''))).toBe(true)
    },
  )

  test('is found in its bucket at an IP address, which has no subdomains', async () => {
    store = connect({ isPathStyle: false })
    await store.writeNew(locationOf('a'), encode('x'))
    expect([...s3.objects.keys()]).toEqual(['lake/wh/a'])
  })

  test('can be empty', async () => {
    await store.writeNew(locationOf('empty'), new Uint8Array(0))
    expect(await store.read(locationOf('empty'))).toEqual(new Uint8Array(0))
    expect(await store.sizeBytes(locationOf('empty'))).toBe(0)
  })

  test('never replaces another', async () => {
    await store.writeNew(locationOf('a'), encode('first'))
    await expect(store.writeNew(locationOf('a'), encode('second'))).rejects.toThrow(errorWithCode('already-exists'))
    // Not even when the bytes are equal: the object belongs to another writer.
    await expect(store.writeNew(locationOf('a'), encode('first'))).rejects.toThrow(errorWithCode('already-exists'))
    expect(decode(await store.read(locationOf('a')))).toBe('first')
  })

  test.each([4, 100_000])(
    'of %i bytes counts as written when the answer was lost but the object is there',
    async (length) => {
      s3.faults.push({ kind: 'lose' })
      await store.writeNew(locationOf('a'), encode('m'.repeat(length)))
      expect(s3.requests).toEqual(['PUT /lake/wh/a', 'PUT /lake/wh/a', 'HEAD /lake/wh/a', 'GET /lake/wh/a'])
    },
  )

  test.each(['other', 'mine but longer'])(
    'does not count as written when another object (%j) took the name first',
    async (other) => {
      s3.objects.set('lake/wh/a', Buffer.from(other))
      s3.faults.push({ kind: 'reset' })
      await expect(store.writeNew(locationOf('a'), encode('mine!'))).rejects.toThrow(errorWithCode('already-exists'))
      expect(decode(await store.read(locationOf('a')))).toBe(other)
    },
  )

  test('is written after a conflict between writers, or reports that the name is taken', async () => {
    const conflict = { kind: 'answer', status: 409, code: 'ConditionalRequestConflict' } as const
    s3.faults.push(conflict)
    await store.writeNew(locationOf('a'), encode('x'))
    s3.faults.push(conflict, conflict, conflict, conflict)
    await expect(store.writeNew(locationOf('b'), encode('x'))).rejects.toThrow(errorWithCode('already-exists'))
  })

  test('is looked up first, for every object, when the store does not support conditional writes', async () => {
    s3.supportsConditionalWrites = false
    await store.writeNew(locationOf('a'), encode('first'))
    await store.writeNew(locationOf('b'), encode('other'))
    expect(s3.requests).toEqual([
      'PUT /lake/wh/a',
      'HEAD /lake/wh/a',
      'PUT /lake/wh/a',
      'HEAD /lake/wh/b',
      'PUT /lake/wh/b',
    ])
    await expect(store.writeNew(locationOf('a'), encode('second'))).rejects.toThrow(errorWithCode('already-exists'))
    expect(decode(await store.read(locationOf('a')))).toBe('first')
  })

  test('that does not fit is reported as storage-full', async () => {
    s3.faults.push({ kind: 'answer', status: 507, code: 'XMinioStorageFull' })
    await expect(store.writeNew(locationOf('a'), encode('x'))).rejects.toThrow(errorWithCode('storage-full'))
  })
})

describe('A finished local file', () => {
  let folder: string
  let file: string
  const content = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251))

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 's3-import-'))
    file = path.join(folder, 'staged.parquet')
    await writeFile(file, content)
    store = connect({}, { partBytes: 64, maxSingleUploadBytes: 100 })
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('is uploaded in parts and is then removed', async () => {
    await store.importFile(file, locationOf('x'))
    expect(s3.objects.get('lake/wh/x')).toEqual(content)
    expect(s3.received.filter(({ query }) => query.has('partNumber'))).toHaveLength(16)
    expect(s3.maxRunningCount).toBeLessThanOrEqual(4)
    expect(s3.uploads.size).toBe(0)
    expect(existsSync(file)).toBe(false)
  })

  test('is uploaded in one request when it is small', async () => {
    await writeFile(file, 'rows')
    await store.importFile(file, locationOf('x'))
    expect(s3.requests).toEqual(['PUT /lake/wh/x'])
    expect(existsSync(file)).toBe(false)
  })

  test('stays, and leaves no parts in the store, when its name is taken', async () => {
    s3.objects.set('lake/wh/x', Buffer.from('there'))
    await expect(store.importFile(file, locationOf('x'))).rejects.toThrow(errorWithCode('already-exists'))
    expect(s3.objects.get('lake/wh/x')?.toString()).toBe('there')
    expect(s3.uploads.size).toBe(0)
    expect(existsSync(file)).toBe(true)
  })

  test('leaves no parts when one cannot be sent, and sends no further ones', async () => {
    s3.faultFor = ({ query }) =>
      query.get('partNumber') === '3' ? { kind: 'answer', status: 403, code: 'AccessDenied' } : null
    await expect(store.importFile(file, locationOf('x'))).rejects.toThrow(errorWithCode('forbidden'))
    expect(s3.uploads.size).toBe(0)
    expect(s3.requests.at(-1)).toBe('DELETE /lake/wh/x?uploadId')
    expect(s3.runningCount).toBe(0)
    expect(existsSync(file)).toBe(true)
  })

  test('reports the first error even if its parts cannot be removed', async () => {
    s3.faultFor = ({ method, query }) =>
      query.has('partNumber') || method === 'DELETE' ? { kind: 'answer', status: 403, code: 'AccessDenied' } : null
    await expect(store.importFile(file, locationOf('x'))).rejects.toThrow(errorWithCode('forbidden'))
  })

  test('is complete when parts and answers are lost', async () => {
    let isLost = false
    s3.faultFor = ({ method, query }) => {
      if (query.get('partNumber') === '2' && !isLost) {
        isLost = true
        return { kind: 'reset' }
      }
      return method === 'POST' && query.has('uploadId') && s3.objects.size === 0 ? { kind: 'lose' } : null
    }
    await store.importFile(file, locationOf('x'))
    expect(s3.objects.get('lake/wh/x')).toEqual(content)
  })

  test('does not count as written when an error comes with a success status', async () => {
    const success = (inBody: string) =>
      ({ kind: 'answer', status: 200, body: `<Error><Code>${inBody}</Code></Error>` }) as const
    s3.faultFor = ({ method, query }) =>
      method === 'POST' && query.has('uploadId') ? success('PreconditionFailed') : null
    await expect(store.importFile(file, locationOf('x'))).rejects.toThrow(errorWithCode('already-exists'))
    s3.faultFor = ({ method, query }) => (method === 'POST' && query.has('uploadId') ? success('InternalError') : null)
    await expect(store.importFile(file, locationOf('x'))).rejects.toThrow(errorWithCode('storage-unavailable'))
    expect(s3.uploads.size).toBe(0)
  })

  test.each(['', '   ', '<html>Welcome</html>'])(
    'does not count as written when the store answers %j to its completion, and is completed again',
    async (body) => {
      let isFirst = true
      s3.faultFor = ({ method, query }) => {
        if (method !== 'POST' || !query.has('uploadId') || !isFirst) return null
        isFirst = false
        return { kind: 'answer', status: 200, body }
      }
      await store.importFile(file, locationOf('x'))
      expect(s3.objects.get('lake/wh/x')).toEqual(content)
    },
  )

  test('is uploaded when the store does not support conditional writes', async () => {
    s3.supportsConditionalWrites = false
    await store.importFile(file, locationOf('x'))
    expect(s3.objects.get('lake/wh/x')).toEqual(content)
    await writeFile(file, content)
    await expect(store.importFile(file, locationOf('x'))).rejects.toThrow(errorWithCode('already-exists'))
  })
})

describe('Reading', () => {
  beforeEach(() => s3.objects.set('lake/wh/a', Buffer.from('0123456789')))

  test('consecutive requests for lengths share a connection', async () => {
    for (let i = 0; i < 5; i += 1) expect(await store.sizeBytes(locationOf('a'))).toBe(10)
    expect(s3.connectionCount).toBe(1)
  })

  test('a missing object is reported as file-missing', async () => {
    const reads = [
      () => store.read(locationOf('none')),
      () => store.sizeBytes(locationOf('none')),
      () => readStream('none', 0, 1),
    ]
    for (const read of reads) {
      await expect(read()).rejects.toThrow(errorWithCode('file-missing'))
    }
    await expect(connect({ roots: ['s3://lake'] }).read('s3://lake')).rejects.toThrow(errorWithCode('file-missing'))
  })

  test.each([
    [2, 20],
    [10, 12],
  ])('beyond the end (%i to %i) is a damaged file, never a shorter result', async (start, end) => {
    await expect(store.read(locationOf('a'), { range: { start, end } })).rejects.toThrow(errorWithCode('file-damaged'))
    await expect(readStream('a', start, end)).rejects.toThrow(errorWithCode('file-damaged'))
  })

  test('an answer that is shorter than announced is a damaged file', async () => {
    s3.faultFor = () => ({ kind: 'short' })
    await expect(store.read(locationOf('a'), { range: { start: 0, end: 5 } })).rejects.toThrow(
      errorWithCode('file-damaged'),
    )
    await expect(readStream('a', 0, 5)).rejects.toThrow(errorWithCode('file-damaged'))
  })

  test('an answer with other bytes is refused', async () => {
    const other = (headers: Record<string, string>, status = 206) =>
      s3.faults.push({ kind: 'answer', status, body: 'abcd', headers })
    other({ 'content-range': 'bytes 3-6/10' })
    await expect(store.read(locationOf('a'), { range: { start: 2, end: 6 } })).rejects.toThrow(
      errorWithCode('storage-unavailable'),
    )
    other({}, 200)
    await expect(store.read(locationOf('a'), { range: { start: 2, end: 6 } })).rejects.toThrow(
      errorWithCode('storage-unavailable'),
    )
    other({ 'content-range': 'bytes 0-1/10' })
    await expect(store.read(locationOf('a'), { range: { start: 0, end: 2 } })).rejects.toThrow(
      errorWithCode('storage-unavailable'),
    )
    other({ 'content-range': 'bytes 0-1/10' })
    await expect(readStream('a', 0, 2)).rejects.toThrow(errorWithCode('storage-unavailable'))
  })

  test('the whole object is accepted in answer to a range that covers it', async () => {
    s3.faults.push({ kind: 'answer', status: 200, body: '0123456789' })
    expect(decode(await store.read(locationOf('a'), { range: { start: 0, end: 10 } }))).toBe('0123456789')
  })

  test('more than the caller allows is reported as too-large', async () => {
    await expect(store.read(locationOf('a'), { maxBytes: 3 })).rejects.toThrow(errorWithCode('too-large'))
    await expect(store.read(locationOf('a'), { maxBytes: 3, range: { start: 0, end: 4 } })).rejects.toThrow(
      errorWithCode('too-large'),
    )
    expect(s3.received).toHaveLength(1)
  })

  test('resumes after a broken connection, in a stream from that position', async () => {
    s3.faults.push({ kind: 'cut' }, null, { kind: 'cut' }, null)
    expect(decode(await store.read(locationOf('a')))).toBe('0123456789')
    expect(await readStream('a', 0, 10)).toBe('0123456789')
    expect(s3.received.map(({ headers }) => headers.range)).toEqual([undefined, undefined, 'bytes=0-9', 'bytes=5-9'])
  })

  test('ends as storage-unavailable when connections keep breaking', async () => {
    s3.faultFor = () => ({ kind: 'cut' })
    await expect(store.read(locationOf('a'))).rejects.toThrow(errorWithCode('storage-unavailable'))
    s3.objects.set('lake/wh/long', Buffer.alloc(100_000))
    await expect(readStream('long', 0, 100_000)).rejects.toThrow(errorWithCode('storage-unavailable'))
  })

  test('stops when the reader leaves or the request is aborted', async () => {
    s3.objects.set('lake/wh/large', Buffer.alloc(8_000_000, 1))
    const range = { start: 0, end: 8_000_000 }
    await (await store.stream(locationOf('large'), { range })).cancel()
    const controller = new AbortController()
    const { signal } = controller
    const reader = (await store.stream(locationOf('large'), { range, signal })).getReader()
    await reader.read()
    controller.abort()
    await expect(readAll(reader)).rejects.toMatchObject({ name: 'AbortError' })
    await expect(store.read(locationOf('large'), { signal })).rejects.toMatchObject({ name: 'AbortError' })
    await vi.waitFor(() => expect(s3.runningCount).toBe(0), 50_000)
  })
})

describe('A store in trouble', () => {
  const busy = { kind: 'answer', status: 503, code: 'SlowDown' } as const
  beforeEach(() => s3.objects.set('lake/wh/a', Buffer.from('x')))

  test('is retried a few times', async () => {
    s3.faults.push(busy, { kind: 'answer', status: 500, code: 'InternalError' }, { kind: 'reset' })
    expect(decode(await store.read(locationOf('a')))).toBe('x')
    s3.faults.push({ kind: 'answer', status: 429 })
    expect(await store.sizeBytes(locationOf('a'))).toBe(1)
    s3.faultFor = () => busy
    await expect(store.read(locationOf('a'))).rejects.toThrow(errorWithCode('storage-unavailable'))
    expect(s3.received).toHaveLength(4 + 2 + 4)
  })

  test('that does not answer is given up in time', async () => {
    store = connect({}, { idleTimeoutMs: 20 })
    s3.faultFor = () => ({ kind: 'silence' })
    await expect(store.read(locationOf('a'))).rejects.toThrow(errorWithCode('storage-unavailable'))
  })

  test('that cannot be reached is reported as storage-unavailable with its address', async () => {
    await s3.stop()
    await expect(store.read(locationOf('a'))).rejects.toThrow(
      expect.objectContaining({
        code: 'storage-unavailable',
        message: expect.stringContaining('127.0.0.1:') as string,
      }),
    )
    s3 = new S3StandIn()
    await s3.start()
  })

  test('gets at most sixteen requests at once; waiting requests can be aborted', async () => {
    let open = () => {}
    s3.delay = new Promise<void>((resolve) => {
      open = resolve
    })
    const reads = Array.from({ length: 40 }, () => store.sizeBytes(locationOf('a')))
    const controller = new AbortController()
    const impatient = store.sizeBytes(locationOf('a'), { signal: controller.signal })
    controller.abort()
    await expect(impatient).rejects.toMatchObject({ name: 'AbortError' })
    await vi.waitFor(() => expect(s3.runningCount).toBe(16), 50_000)
    open()
    expect(await Promise.all(reads)).toEqual(Array(40).fill(1))
    expect(s3.maxRunningCount).toBe(16)
    expect(s3.received).toHaveLength(40)
  })

  test.each([
    [403, 'AccessDenied', 'forbidden'],
    [403, 'SignatureDoesNotMatch', 'forbidden'],
    [400, 'ExpiredToken', 'forbidden'],
    [403, undefined, 'forbidden'],
    [404, 'NoSuchBucket', 'file-missing'],
    [404, undefined, 'file-missing'],
    [404, 'NoSuchRoute', 'storage-unavailable'],
    [301, 'PermanentRedirect', 'storage-unavailable'],
    [400, 'AuthorizationHeaderMalformed', 'storage-unavailable'],
    [403, 'RequestTimeTooSkewed', 'storage-unavailable'],
    [403, 'InvalidObjectState', 'file-damaged'],
    [418, 'IamATeapot', 'storage-unavailable'],
    [400, '<b>', 'storage-unavailable'],
  ])('that answers %i %s is reported as %s without secrets', async (status, refusal, expected) => {
    s3.faultFor = () => ({
      kind: 'answer',
      status,
      headers: { location: 'http://169.254.169.254/' },
      ...(refusal && { code: refusal }),
    })
    const error: unknown = await store.read(locationOf('a')).catch((e: unknown) => e)
    expect(error).toMatchObject({ code: expected, facts: { location: locationOf('a') } })
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain(KEYS.secretAccessKey)
    expect(s3.received).toHaveLength(1)
  })

  test.each(['accessKeyId', 'sessionToken'])(
    'is not sent an invalid %s, and the error does not repeat it',
    async (name) => {
      const storeWithBadKeys = connect({ credentials: { kind: 'keys', ...KEYS, [name]: 'half\nsecret' } })
      const error: unknown = await storeWithBadKeys.read(locationOf('a')).catch((e: unknown) => e)
      expect(error).toMatchObject({ code: 'forbidden' })
      expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('secret')
      expect(s3.received).toEqual([])
    },
  )

  test('reports the name of a missing bucket', async () => {
    s3.faultFor = () => ({ kind: 'answer', status: 404, code: 'NoSuchBucket' })
    await expect(store.writeNew(locationOf('b'), encode('x'))).rejects.toThrow('lake')
  })

  test('reports the region of a bucket when the store returns it', async () => {
    s3.faultFor = () => ({ kind: 'answer', status: 301, headers: { 'x-amz-bucket-region': 'eu-west-3' } })
    await expect(store.sizeBytes(locationOf('a'))).rejects.toThrow('It is in eu-west-3.')
  })

  test('whose answers are not XML, or XML with entities, is not trusted', async () => {
    for (const body of ['<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult/>', 'not xml <', '']) {
      s3.faults.push({ kind: 'answer', status: 200, body })
      await expect(store.hasFiles(locationOf('t'))).rejects.toThrow(errorWithCode('storage-unavailable'))
    }
  })
})

describe('A folder', () => {
  test('has files when an object is below it', async () => {
    s3.objects.set('lake/wh/tables/x', Buffer.from('x'))
    expect(await store.hasFiles(locationOf('t'))).toBe(false)
    expect(await store.hasFiles(locationOf('tables'))).toBe(true)
    expect(await store.hasFiles(locationOf('tables/'))).toBe(true)
  })

  test('has none when it only has the marker of an empty folder', async () => {
    s3.objects.set('lake/wh/t/', Buffer.from(''))
    expect(await store.hasFiles(locationOf('t'))).toBe(false)
    s3.objects.set('lake/wh/t/a&b', Buffer.from('x'))
    expect(await store.hasFiles(locationOf('t'))).toBe(true)
  })

  test('lists the names of the objects directly in it, page by page, up to a limit', async () => {
    for (const key of ['wh/t/', 'wh/t/a', 'wh/t/b c', 'wh/t/c', 'wh/t/deep/d', 'wh/tt/e'])
      s3.objects.set(`lake/${key}`, Buffer.from('x'))
    s3.maxKeysPerPage = 2
    expect(await store.listNames(locationOf('t'), { limit: 3 })).toEqual(['a', 'b c', 'c'])
    await expect(store.listNames(locationOf('t/'), { limit: 2 })).rejects.toThrow(errorWithCode('too-large'))
    expect(await store.listNames(locationOf('none'), { limit: 2 })).toEqual([])
    await expect(store.listNames('s3://other/t', { limit: 2 })).rejects.toThrow(errorWithCode('location-refused'))
  })

  test.each([
    [
      'is cut off without a continuation token',
      '<IsTruncated>true</IsTruncated><Contents><Key>wh/t/a</Key></Contents>',
    ],
    ['names an object outside the folder', '<Contents><Key>wh/u/a</Key></Contents>'],
    ['has a file without a name', '<Contents><Size>1</Size></Contents>'],
    ['is incomplete', '<Contents><Key>wh/t/a</Key></Contents>', ''],
    ['is incomplete after a complete element', '<Contents><Key>wh/t/a</Key></Contents><Prefix/>', ''],
  ])('does not accept a listing that %s', async (_what, said, end = '</ListBucketResult>') => {
    s3.faults.push({ kind: 'answer', status: 200, body: `<ListBucketResult>${said}${end}` })
    await expect(store.listNames(locationOf('t'), { limit: 9 })).rejects.toThrow(errorWithCode('storage-unavailable'))
  })

  test('can have the same object removed twice', async () => {
    await store.writeNew(locationOf('a'), encode('x'))
    await store.remove(locationOf('a'))
    await store.remove(locationOf('a'))
    s3.faults.push({ kind: 'answer', status: 404, code: 'NoSuchKey' })
    await store.remove(locationOf('a'))
    s3.faults.push({ kind: 'answer', status: 403, code: 'AccessDenied' })
    await expect(store.remove(locationOf('a'))).rejects.toThrow(errorWithCode('forbidden'))
    expect(s3.objects.size).toBe(0)
  })
})

test('Nothing outside the warehouse is requested', async () => {
  for (const location of [
    's3://other/wh/a',
    's3://lake/wh2/a',
    's3://lake/wh/../a',
    'file:///etc/passwd',
    's3://lake',
  ]) {
    await expect(store.read(location)).rejects.toThrow(errorWithCode('location-refused'))
    await expect(store.stream(location, { range: { start: 0, end: 1 } })).rejects.toThrow(
      errorWithCode('location-refused'),
    )
    await expect(store.writeNew(location, encode('x'))).rejects.toThrow(errorWithCode('location-refused'))
    await expect(store.importFile('/none', location)).rejects.toThrow(errorWithCode('location-refused'))
    await expect(store.hasFiles(location)).rejects.toThrow(errorWithCode('location-refused'))
    await expect(store.remove(location)).rejects.toThrow(errorWithCode('location-refused'))
    expect(() => store.checkLocation(location)).toThrow(errorWithCode('location-refused'))
  }
  expect(() => store.checkLocation('s3a://lake/wh/a')).not.toThrow()
  expect(s3.received).toEqual([])
})

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import { SILENT_LOG } from '@/testing/silent-log'
import type { S3Access, S3Signer } from '../../locations/storage-access'
import { objectUrl } from './object-url'
import { requestSigner } from './request-signer'
import { s3Store } from './s3-store'

let s3: S3StandIn
let access: Omit<S3Access, 'credentials'>

beforeEach(async () => {
  s3 = new S3StandIn()
  s3.objects.set('lake/a', Buffer.from('x'))
  access = { kind: 's3', roots: ['s3://lake'], endpoint: await s3.start(), region: 'us-east-1', isPathStyle: true }
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await s3.stop()
})

const sizeWith = (credentials: S3Access['credentials']) =>
  s3Store({ ...access, credentials }, SILENT_LOG, { firstPauseMs: 1 }).sizeBytes('s3://lake/a')

describe('Requests are signed', () => {
  test('as AWS signs its example of a GET with a range', async () => {
    vi.useFakeTimers({ now: Date.UTC(2013, 4, 24) })
    // Amazon S3 API reference, *Signature Calculations for the Authorization Header*, except for `range`, which may
    // stay unsigned.
    const sign = requestSigner({
      region: 'us-east-1',
      credentials: {
        kind: 'keys',
        accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
        secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      },
    })
    const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    const list = { method: 'GET', headers: { 'x-amz-content-sha256': empty } }
    const { headers } = await sign({
      ...list,
      url: new URL('https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J'),
    })
    vi.useRealTimers()
    expect(headers.authorization).toContain('34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7')
  })

  test('with the session token of temporary keys, until the keys expire', async () => {
    s3.sessionToken = 'a/session+token=='
    const keys = { kind: 'keys', ...KEYS, sessionToken: s3.sessionToken } as const
    expect(await sizeWith({ ...keys, expiresAtMs: Date.now() + 60_000 })).toBe(1)
    await expect(sizeWith({ ...keys, expiresAtMs: Date.now() - 1 })).rejects.toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    )
    expect(s3.received).toHaveLength(1)
  })

  test('not at all with anonymous access', async () => {
    s3.isAnonymous = true
    expect(await sizeWith({ kind: 'anonymous' })).toBe(1)
    expect(s3.received[0]?.headers.authorization).toBeUndefined()
  })
})

describe('AWS’s chain', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'aws-'))
    for (const name of ['AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])
      vi.stubEnv(name, undefined)
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    vi.stubEnv('AWS_CONFIG_FILE', path.join(folder, 'config'))
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', path.join(folder, 'credentials'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('reads keys from the environment', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', KEYS.accessKeyId)
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', KEYS.secretAccessKey)
    expect(await sizeWith({ kind: 'chain' })).toBe(1)
  })

  test('reads keys from a profile', async () => {
    const { accessKeyId, secretAccessKey } = KEYS
    const profile = `[lake]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`
    writeFileSync(path.join(folder, 'credentials'), profile)
    expect(await sizeWith({ kind: 'chain', profile: 'lake' })).toBe(1)
  })

  test('without keys is reported in our words', async () => {
    await expect(sizeWith({ kind: 'chain' })).rejects.toThrow(expect.objectContaining({ code: 'forbidden' }))
    expect(s3.received).toEqual([])
  })
})

describe('A catalog that signs', () => {
  const asCatalog = (change: (url: string) => string = (url) => url) =>
    vi.fn<S3Signer>(async ({ method, url, region, headers }) => {
      const flat = Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.join(',')]))
      const sign = requestSigner({ region, credentials: { kind: 'keys', ...KEYS } })
      const signed = await sign({ method, url: new URL(url), headers: flat })
      const listed = Object.entries({ ...signed.headers, Host: new URL(url).host }).map(([name, value]) => [
        name,
        [value],
      ])
      return { url: change(url), headers: Object.fromEntries(listed) as Record<string, string[]> }
    })

  test('is called for each request, with the headers that are sent', async () => {
    const sign = asCatalog()
    const store = s3Store({ ...access, credentials: { kind: 'remote-signing', sign } }, SILENT_LOG)
    await store.read('s3://lake/a', { range: { start: 0, end: 1 } })
    await store.writeNew('s3://lake/b', new Uint8Array(3))
    expect(
      sign.mock.calls.map(([{ method, url, headers }]) => [
        method,
        url.slice(access.endpoint?.length),
        Object.keys(headers).sort(),
      ]),
    ).toEqual([
      ['GET', '/lake/a', ['host', 'range', 'x-amz-content-sha256']],
      ['PUT', '/lake/b', ['host', 'if-none-match', 'x-amz-content-sha256']],
    ])
  })

  test.each([
    ['another host', (url: string) => url.replace('127.0.0.1', 'localhost')],
    ['another object', (url: string) => `${url}2`],
    ['an invalid URL', () => 'nowhere'],
  ])('cannot redirect the request to %s', async (_what, change) => {
    await expect(sizeWith({ kind: 'remote-signing', sign: asCatalog(change) })).rejects.toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    )
    expect(s3.received).toEqual([])
  })
})

describe('The URL of an object', () => {
  const aws = { endpoint: null, region: 'eu-west-1', isPathStyle: false }
  const object = { bucket: 'lake', key: 'a b/c+d' }

  test.each([
    [aws, object, 'https://lake.s3.eu-west-1.amazonaws.com/a%20b/c%2Bd'],
    [{ ...aws, isPathStyle: true }, object, 'https://s3.eu-west-1.amazonaws.com/lake/a%20b/c%2Bd'],
    [{ ...aws, region: 'cn-north-1' }, object, 'https://lake.s3.cn-north-1.amazonaws.com.cn/a%20b/c%2Bd'],
    [aws, { bucket: 'my.lake', key: 'a' }, 'https://s3.eu-west-1.amazonaws.com/my.lake/a'],
    [{ ...aws, endpoint: 'http://minio:9000' }, object, 'http://lake.minio:9000/a%20b/c%2Bd'],
    [
      { ...aws, endpoint: 'https://x.y/storage/s3', isPathStyle: true },
      object,
      'https://x.y/storage/s3/lake/a%20b/c%2Bd',
    ],
    [aws, { bucket: 'lake', key: '' }, 'https://lake.s3.eu-west-1.amazonaws.com/'],
    [{ ...aws, isPathStyle: true }, { bucket: 'lake', key: '' }, 'https://s3.eu-west-1.amazonaws.com/lake'],
    [aws, { bucket: 'lake', key: '/a//' }, 'https://lake.s3.eu-west-1.amazonaws.com//a//'],
  ])('%j of %j is %s', (access, object, url) => {
    expect(objectUrl(access, object).href).toBe(url)
  })
})

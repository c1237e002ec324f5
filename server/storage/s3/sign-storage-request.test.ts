import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { KEYS, S3StandIn } from '@/testing/stores/s3-stand-in'
import { objectUrl } from './object-url'
import { requestKind, signStorageRequest, type RemoteSignRequest } from './sign-storage-request'
import type { S3Access } from '../../locations/storage-access'

const s3 = new S3StandIn()
let endpoint = ''
beforeAll(async () => {
  endpoint = await s3.start()
})
afterAll(() => s3.stop())
beforeEach(() => s3.objects.clear())

const FOLDERS = ['s3://lake/wh/t', 's3://lake/data/of t']
const isTableFolder = async (location: string) => !location.startsWith('s3://lake/wh/t/another')
const EMPTY_DIGEST = createHash('sha256').update('').digest('hex')

function access(change: Partial<S3Access> = {}): S3Access {
  const credentials = { kind: 'keys' as const, ...KEYS }
  return { kind: 's3', roots: ['s3://lake'], endpoint, region: 'eu-west-1', isPathStyle: true, credentials, ...change }
}

const AWS = access({ endpoint: null, isPathStyle: false })
const VIRTUAL_HOSTS = () => access({ isPathStyle: false })

function signFor(method: string, address: string, overrides: Partial<RemoteSignRequest> = {}, to = access()) {
  const url = address.startsWith('/') ? endpoint + address : address
  return signStorageRequest(
    to,
    { folders: FOLDERS, isTableFolder, isChangeable: async () => true },
    { method, url, headers: {}, body: null, ...overrides },
  )
}

const refused = expect.objectContaining({ code: expect.stringMatching(/^(forbidden|invalid-request)$/) })

/** Sends the signed request as an engine does, and returns the store's status. */
async function send(method: string, address: string, body?: string, headers: Record<string, string> = {}) {
  const digest = createHash('sha256')
    .update(body ?? '')
    .digest('hex')
  const given = Object.entries({ 'x-amz-content-sha256': digest, ...headers }).map(([name, value]) => [name, [value]])
  const signed = await signFor(method, address, { headers: Object.fromEntries(given), body: body ?? null })
  const sent = Object.entries(signed.headers).map(([name, values]): [string, string] => [name, values.join(',')])
  return fetch(signed.url, { method, headers: sent, ...(body !== undefined && { body }) })
}

describe('A signed request', () => {
  test.each(['plain.parquet', 'a b/%25/é.parquet', 'k=a%2Fb.parquet', "q!'()*.parquet", 'p+q.parquet', 'a//b'])(
    'is accepted by the store: %s',
    async (name) => {
      const path = objectUrl(access(), { bucket: 'lake', key: `wh/t/${name}` }).pathname
      expect((await send('PUT', path, 'rows')).status).toBe(200)
      expect(s3.objects.get(`lake/wh/t/${name}`)?.toString()).toBe('rows')
      expect(await (await send('GET', path)).text()).toBe('rows')
      expect((await send('HEAD', path)).status).toBe(200)
      expect((await send('DELETE', path)).status).toBe(204)
      expect(s3.objects.size).toBe(0)
    },
  )

  test('is refused by the store after any change to it', async () => {
    s3.objects.set('lake/wh/t/x', Buffer.from('rows'))
    s3.objects.set('lake/wh/other/x', Buffer.from('secret'))
    const { headers } = await signFor('GET', '/lake/wh/t/x', { headers: { 'x-amz-content-sha256': [EMPTY_DIGEST] } })
    const plain = Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, values.join(',')]))
    expect((await fetch(`${endpoint}/lake/wh/t/x`, { headers: plain })).status).toBe(200)
    expect((await fetch(`${endpoint}/lake/wh/other/x`, { headers: plain })).status).toBe(403)
    expect((await fetch(`${endpoint}/lake/wh/t/x?versionId=1`, { headers: plain })).status).toBe(403)
    expect((await fetch(`${endpoint}/lake/wh/t/x`, { method: 'DELETE', headers: plain })).status).toBe(403)
    const copying = { ...plain, 'x-amz-copy-source': '/lake/wh/other/x' }
    expect((await fetch(`${endpoint}/lake/wh/t/x`, { headers: copying })).status).toBe(403)
  })

  test('for a listing, a multipart upload and its completion is accepted by the store', async () => {
    s3.objects.set('lake/wh/t/a', Buffer.from('1'))
    expect(await (await send('GET', '/lake?list-type=2&prefix=wh%2Ft%2F&max-keys=5')).text()).toContain('wh/t/a')
    const startedUpload = await (await send('POST', '/lake/wh/t/big?uploads=', '')).text()
    const id = /<UploadId>(.*)<\/UploadId>/.exec(startedUpload)?.[1]
    expect((await send('PUT', `/lake/wh/t/big?partNumber=1&uploadId=${id}`, 'part')).status).toBe(200)
    expect((await send('DELETE', `/lake/wh/t/big?uploadId=${id}`)).status).toBe(204)
  })

  test('contains the key’s id and a signature, never the secret, and ignores the client’s keys', async () => {
    const headers = { 'X-Amz-Security-Token': ['theirs'], Authorization: ['theirs'], Host: ['evil'] }
    const text = JSON.stringify(await signFor('GET', '/lake/wh/t/x', { headers }))
    expect(text).toContain(KEYS.accessKeyId)
    expect(text).not.toContain(KEYS.secretAccessKey)
    expect(text).not.toMatch(/theirs|evil/)
    const session = access({ credentials: { kind: 'keys', ...KEYS, sessionToken: 'ours' } })
    expect((await signFor('GET', '/lake/wh/t/x', { headers }, session)).headers['x-amz-security-token']).toEqual([
      'ours',
    ])
  })

  test('is dated now, whatever date the client sent', async () => {
    const headers = { 'x-amz-date': ['20990101T000000Z'] }
    expect((await signFor('GET', '/lake/wh/t/x', { headers })).headers['x-amz-date']?.[0]).not.toMatch(/^2099/)
  })

  test('requires keys of this server', async () => {
    const credentials = { kind: 'anonymous' as const }
    await expect(signFor('GET', '/lake/wh/t/x', {}, access({ credentials }))).rejects.toMatchObject({
      code: 'not-supported',
    })
  })
})

describe('The target of a request', () => {
  test.each([
    'https://lake.s3.eu-west-1.amazonaws.com/wh/t/x',
    'https://lake.s3.amazonaws.com/wh/t/x',
    'https://s3.eu-west-1.amazonaws.com/lake/wh/t/x',
    'https://lake.s3.eu-west-1.amazonaws.com:443/wh/t/x',
    'https://lake.s3.eu-west-1.amazonaws.com/data/of%20t/x',
  ])('is read from the path or from an AWS host name: %s', async (url) => {
    expect((await signFor('GET', url, {}, AWS)).headers['authorization']).toBeDefined()
  })

  test.each([
    'http://lake.s3.eu-west-1.amazonaws.com/wh/t/x',
    'https://lake.s3.us-east-1.amazonaws.com/wh/t/x',
    'https://other.s3.eu-west-1.amazonaws.com/wh/t/x',
    'https://lake.s3.eu-west-1.amazonaws.com.evil.example/wh/t/x',
    'https://evils3.amazonaws.com/lake/wh/t/x',
    'https://lake.s3.eu-west-1.amazonaws.com:8443/wh/t/x',
    'https://lake.s3.eu-west-1.amazonaws.com/lake/wh/t/x',
    'https://me:you@lake.s3.eu-west-1.amazonaws.com/wh/t/x',
    'https://lake@s3.eu-west-1.amazonaws.com/lake/wh/t/x',
    'https://x.lake.s3.eu-west-1.amazonaws.com/wh/t/x',
    'https://evil.example/lake/wh/t/x',
    'http://169.254.169.254/lake/wh/t/x',
    'file:///lake/wh/t/x',
    's3://lake/wh/t/x',
    'not a URL',
    '',
  ])('is refused anywhere else: %s', async (url) => {
    await expect(signFor('GET', url, {}, AWS)).rejects.toEqual(refused)
  })

  test('has other host names in China', async () => {
    const china = access({ endpoint: null, region: 'cn-north-1', isPathStyle: false })
    expect(await signFor('GET', 'https://lake.s3.cn-north-1.amazonaws.com.cn/wh/t/x', {}, china)).toBeDefined()
    await expect(signFor('GET', 'https://lake.s3.cn-north-1.amazonaws.com/wh/t/x', {}, china)).rejects.toEqual(refused)
  })

  test('must use the scheme and the path of the endpoint', async () => {
    const proxied = access({ endpoint: 'https://store.example/s3' })
    expect(await signFor('GET', 'https://store.example/s3/lake/wh/t/x', {}, proxied)).toBeDefined()
    for (const url of [
      'http://store.example/s3/lake/wh/t/x',
      'https://store.example/lake/wh/t/x',
      'https://store.example/s3/../lake/wh/t/x',
      'https://store.example/s32/lake/wh/t/x',
    ]) {
      await expect(signFor('GET', url, {}, proxied), url).rejects.toEqual(refused)
    }
  })

  test('has its bucket in the host name only if the store does', async () => {
    const url = endpoint.replace('127.0.0.1', 'lake.localhost')
    const named = { endpoint: endpoint.replace('127.0.0.1', 'localhost') }
    const virtual = { ...VIRTUAL_HOSTS(), ...named }
    expect(await signFor('GET', `${url}/wh/t/x`, {}, virtual)).toBeDefined()
    // A store that only supports path-style requests would take `wh` for the bucket.
    await expect(signFor('GET', `${url}/wh/t/x`, {}, access(named))).rejects.toEqual(refused)
  })

  test.each([
    '/other/wh/t/x',
    '/lake/wh/t_2/x',
    '/lake/wh/other/x',
    '/lake/wh/t/../other/x',
    '/lake/wh/t/%2e%2e/other/x',
    '/lake/wh/t/..%2fother/x',
    '/lake/wh/t/%252e%252e/other/x',
    '/lake/wh/t/..%5cother',
    '/lake/wh/t%00/x',
    '/lake/wh/t/%zz',
    '/lake//wh/t/x',
    '/lake%2Fwh%2Ft%2Fx',
    '//lake/wh/t/x',
    '/lake/data/of+t/x',
    '/lake/wh/t/a+b',
    '/lake/wh/t/another/x',
    '/lake/wh',
    '/lake',
    '/',
  ])('must be in a folder of the table: not %s', async (path) => {
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'POST']) {
      await expect(signFor(method, path), method).rejects.toEqual(refused)
    }
  })

  test('is never outside the folders in any spelling, as the store interprets the signed request', async () => {
    const pieces = fc.constantFrom(
      ...'.. . %2e %2E%2e / %2f %5c \\ %25 %252e + %20 ? # @ : %00 wh t lake other é //'.split(' '),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 8 }), async (parts) => {
        const signed = await signFor('GET', `/lake/wh/t/${parts.join('')}`).catch(() => null)
        if (signed === null) return
        const path = decodeURIComponent(new URL(signed.url).pathname)
        expect(path === '/lake/wh/t' || path.startsWith('/lake/wh/t/')).toBe(true)
        expect(path.split('/')).not.toContain('..')
      }),
      { numRuns: 500 },
    )
  })
})

describe('The operation of a request', () => {
  test.each([
    ['GET', '/lake/wh/t/x', 'read'],
    ['HEAD', '/lake/wh/t/x', 'read'],
    ['get', '/lake?prefix=wh/t/', 'read'],
    ['PUT', '/lake/wh/t/x', 'write'],
    ['POST', '/lake/wh/t/x?uploads', 'write'],
    ['DELETE', '/lake/wh/t/x?uploadId=7', 'write'],
    ['DELETE', '/lake/wh/t/x', 'remove'],
    // Some stores ignore an upload without an id.
    ['DELETE', '/lake/wh/t/x?uploadId=', 'remove'],
    ['POST', '/lake?delete', 'remove'],
  ])('%s %s counts as %3$s', (method, path, kind) => {
    expect(requestKind({ method, url: `http://s3${path}` })).toBe(kind)
  })

  test.each(['PATCH', 'OPTIONS', 'CONNECT', 'GETX', ''])('%j is not signed', async (method) => {
    expect(() => requestKind({ method, url: 'http://s3/lake' })).toThrow(refused)
  })

  test.each([
    ...['acl', 'policy', 'tagging', 'retention', 'legal-hold', 'torrent', 'attributes', 'versionId=1', 'select'].map(
      (name) => `/lake/wh/t/x?${name}`,
    ),
    '/lake/wh/t/x?X-Amz-Signature=0',
    '/lake/wh/t/x?uploadId=1&uploadId=2',
    ...['acl', 'policy', 'cors', 'lifecycle', 'versions', 'uploads', 'location', 'website'].map(
      (name) => `/lake?prefix=wh/t/&${name}`,
    ),
  ])('other operations of the store are refused: %s', async (path) => {
    for (const method of path.includes('uploadId') ? ['PUT', 'POST', 'DELETE'] : ['GET', 'PUT', 'POST', 'DELETE']) {
      await expect(signFor(method, path), method).rejects.toEqual(refused)
    }
  })

  test.each([
    '',
    'prefix=',
    'prefix=wh/t',
    'prefix=wh/',
    'prefix=wh/t_2/',
    'prefix=wh/t/../',
    'prefix=wh/t/&prefix=',
    'prefix=wh/t/another/',
  ])('a listing must be of a folder of the table: not ?%s', async (query) => {
    await expect(signFor('GET', `/lake?list-type=2&${query}`)).rejects.toEqual(refused)
  })

  test('a listing of the table’s folder, or of a folder in it, is signed', async () => {
    expect(await signFor('GET', '/lake?list-type=2&prefix=wh/t/&delimiter=/')).toBeDefined()
    expect(await signFor('GET', '/lake/?prefix=wh/t/data/')).toBeDefined()
  })
})

describe('A header', () => {
  const withHeader = (name: string, value = 'x') => signFor('PUT', '/lake/wh/t/x', { headers: { [name]: [value] } })

  test.each([
    'X-Amz-Acl',
    'x-amz-grant-read',
    'x-amz-website-redirect-location',
    'x-amz-bypass-governance-retention',
    'x-amz-object-lock-mode',
    'x-amz-mfa',
    'x-amz-whatever-comes',
  ])('cannot share or lock a file: %s', async (name) => {
    await expect(withHeader(name)).rejects.toMatchObject({ code: 'forbidden' })
  })

  test.each([
    ['a b', 'x'],
    ['', 'x'],
    ['x', 'a\r\nb: c'],
    ['x', 'é\u{1F600}'],
  ])('must be valid: %j with %j', async (name, value) => {
    await expect(withHeader(name, value)).rejects.toMatchObject({ code: 'invalid-request' })
  })

  test.each(['lake/wh/t/y', '/lake/wh/t/y', 'lake%2Fwh%2Ft%2Fy', '/lake/wh/t/y?versionId=3'])(
    'can copy from the table itself: %s',
    async (source) => {
      const { headers } = await withHeader('X-Amz-Copy-Source', source)
      expect(headers['authorization']?.[0]).toMatch(/SignedHeaders=[^,]*x-amz-copy-source/)
    },
  )

  test.each([
    'other/wh/t/y',
    '/lake/wh/t_2/y',
    '/lake/wh/t/../z',
    '/lake/wh/t/%2e%2e/z',
    '//lake/wh/t/y',
    '',
    '%zz',
    'arn:aws:s3:eu-west-1:1:accesspoint/p/object/wh/t/y',
    '/lake/data/of+t/y',
  ])('cannot copy from anywhere else: %j', async (source) => {
    await expect(withHeader('x-amz-copy-source', source)).rejects.toEqual(refused)
  })

  test('is checked with all values of the same name', async () => {
    const headers = { 'x-amz-copy-source': ['/other/x'], 'X-Amz-Copy-Source': ['/lake/wh/t/y'] }
    await expect(signFor('PUT', '/lake/wh/t/x', { headers })).rejects.toEqual(refused)
  })
})

describe('A request that removes several objects', () => {
  const remove = (body: string | null, headers: RemoteSignRequest['headers'] = {}) =>
    signFor('POST', '/lake?delete', { body, headers })
  const object = (key: string) => `<Object><Key>${key}</Key></Object>`
  const listing = (...keys: string[]) => `<Delete>${keys.map(object).join('')}</Delete>`

  test.each([
    listing('wh/t/a', 'data/of t/b'),
    `<?xml version="1.0" encoding="UTF-8"?><Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${object('wh/t/a')}<Quiet>true</Quiet></Delete>`,
    `<?xml version='1.0'?>\n<Delete>\n  <Quiet>false</Quiet>\n  <Object>\n <Key>wh/t/a</Key>\n </Object>\n</Delete>\n`,
    listing('wh/t/a&amp;b&lt;c&#x2f;d'),
  ])('is signed when every key is in the table: %s', async (body) => {
    const { headers } = await remove(body)
    expect(headers['x-amz-content-sha256']).toEqual([createHash('sha256').update(body).digest('hex')])
  })

  test('has its body bound to the signature, even if the client leaves it open', async () => {
    const body = listing('wh/t/a')
    const digest = createHash('sha256').update(body).digest('hex')
    for (const given of ['UNSIGNED-PAYLOAD', digest]) {
      const { headers } = await remove(body, { 'x-amz-content-sha256': [given] })
      expect(headers['x-amz-content-sha256']).toEqual([digest])
    }
    await expect(remove(body, { 'x-amz-content-sha256': [EMPTY_DIGEST] })).rejects.toMatchObject({
      code: 'invalid-request',
    })
  })

  test.each([
    null,
    '',
    'not xml',
    '<Delete></Delete>',
    listing('wh/t_2/a'),
    listing('wh/t/a', 'wh/t/another/a'),
    listing('wh/t/a', 'wh/other/b'),
    listing(''),
    listing('wh/t/&#46;&#46;/other'),
    listing('wh/t/..&#x2F;other'),
    listing('wh/t/&#0;'),
    listing('wh/t/&#x110000;'),
    listing('wh/t/&AMP;'),
    listing('wh/t/&evil;'),
    listing('wh/t/a & b'),
    listing('wh/t/<!-- -->a'),
    listing('wh/t/<![CDATA[a]]>'),
    '<Delete><Object><Key>wh/t/a</Key><Key>wh/other/b</Key></Object></Delete>',
    '<Delete><Object><Key>wh/t/a</Key><VersionId>1</VersionId></Object></Delete>',
    '<Delete><Object><Key a="b">wh/t/a</Key></Object></Delete>',
    `<Delete>${object('wh/t/a')}</Delete><Delete>${object('wh/other/b')}</Delete>`,
    `<x:Delete xmlns:x="y"><x:Object><x:Key>wh/t/a</x:Key></x:Object></x:Delete>`,
    `<!DOCTYPE Delete [<!ENTITY evil "wh/other/b">]>${listing('wh/t/&evil;')}`,
    `<?xml version="1.0" encoding="UTF-16"?>${listing('wh/t/a')}`,
    `<!-- ${listing('wh/t/a')} -->${listing('wh/other/b')}`,
    listing(...Array.from({ length: 1_001 }, (_, index) => `wh/t/${index}`)),
    listing(`wh/t/${'a'.repeat(9_000_000)}`),
  ])('is refused when another parser could read its body differently (%#)', async (body) => {
    await expect(remove(body)).rejects.toEqual(refused)
  })

  test('can remove a thousand objects at once', async () => {
    expect(await remove(listing(...Array.from({ length: 1_000 }, (_, index) => `wh/t/${index}`)))).toBeDefined()
  })
})

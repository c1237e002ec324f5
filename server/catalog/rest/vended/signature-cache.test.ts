import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createResponsePool } from '@/server/http-out/memory-pool'
import { type Reply, restSettings, RestCatalogStandIn } from '@/testing/catalogs/rest-catalog-stand-in'
import { SignatureCache } from './signature-cache'
import { remoteSigner } from './remote-signer'
import { restHttpClient } from '../http/client'

let catalog: RestCatalogStandIn
let nowMs: number

beforeEach(async () => {
  catalog = await RestCatalogStandIn.start()
  nowMs = 1_700_000_000_000
})
afterEach(() => catalog.stop())

/** The signer of one client. */
function createSigner() {
  const http = restHttpClient({
    responsePool: createResponsePool(),
    settings: restSettings(catalog.uri),
    nowMs: () => nowMs,
  })
  return remoteSigner({ http, signatures: new SignatureCache(() => nowMs), base: catalog.uri }, {})
}

const request = {
  method: 'GET',
  url: 'https://b.s3.amazonaws.com/k?x=1',
  region: 'us-east-1',
  headers: { range: ['bytes=0-9'] },
}

describe('Signatures by the catalog for file requests', () => {
  const SIGN = 'POST /v1/aws/s3/sign'
  const signature = (cacheControl: string | null, signedHeaders = 'host;x-amz-date'): Reply => ({
    headers: cacheControl === null ? {} : { 'cache-control': cacheControl },
    body: {
      uri: request.url,
      headers: {
        Authorization: [`AWS4-HMAC-SHA256 Credential=a, SignedHeaders=${signedHeaders}, Signature=${'0'.repeat(64)}`],
        'x-amz-date': ['d'],
        range: ['bytes=0-9'],
      },
    },
  })
  const other = { ...request, headers: { range: ['bytes=10-19'] } }
  const signRequestCount = () => catalog.routes().filter((route) => route === SIGN).length

  it('are reused for half a minute, with each request’s own range if that was not signed', async () => {
    catalog.on(SIGN, signature('private'))
    const sign = createSigner()
    const first = await sign(request)
    const again = await sign(other)
    expect(signRequestCount()).toBe(1)
    expect(again).toEqual({ url: request.url, headers: { ...first.headers, range: undefined } })
    expect(Object.keys(again.headers)).toEqual(['Authorization', 'x-amz-date'])
    nowMs += 30_000
    await sign(request)
    expect(signRequestCount()).toBe(2)
  })

  it.each([null, 'no-cache', 'private, no-store', 'public', 'max-age=60'])(
    'are not reused when Cache-Control is %j',
    async (cacheControl) => {
      catalog.on(SIGN, signature(cacheControl))
      const sign = createSigner()
      await sign(request)
      await sign(request)
      expect(signRequestCount()).toBe(2)
    },
  )

  it('are reused no longer than the response allows', async () => {
    catalog.on(SIGN, signature('private, max-age=10'))
    const sign = createSigner()
    await sign(request)
    nowMs += 9_999
    await sign(request)
    expect(signRequestCount()).toBe(1)
    nowMs += 1
    await sign(request)
    expect(signRequestCount()).toBe(2)
  })

  it('are not reused for a request with other signed parts (apache/iceberg#15166)', async () => {
    catalog.on(SIGN, signature('private', 'host;range;x-amz-date'))
    const sign = createSigner()
    await sign(request)
    expect((await sign(request)).headers['range']).toEqual(['bytes=0-9'])
    expect(signRequestCount()).toBe(1)
    await sign(other)
    await sign({ ...other, headers: {} })
    expect(signRequestCount()).toBe(3)
  })

  it.each([
    ['method', { method: 'HEAD' }],
    ['region', { region: 'eu' }],
    ['address', { url: `${request.url}&y=2` }],
  ])('are not reused for another %s', async (_what, change) => {
    catalog.on(SIGN, signature('private'))
    const sign = createSigner()
    await sign(request)
    await sign({ ...request, ...change })
    expect(signRequestCount()).toBe(2)
  })

  it('are not reused for writes, or when the signed headers are unknown', async () => {
    catalog.on(SIGN, signature('private'))
    const sign = createSigner()
    await sign({ ...request, method: 'PUT' })
    await sign({ ...request, method: 'PUT' })
    expect(signRequestCount()).toBe(2)
    catalog.on(SIGN, { ...signature('private'), body: { uri: request.url, headers: { authorization: ['other'] } } })
    await sign(request)
    await sign(request)
    expect(signRequestCount()).toBe(4)
  })

  it('are not reused for another person (apache/iceberg#17801)', async () => {
    catalog.on(SIGN, signature('private'))
    await createSigner()(request)
    await createSigner()(request)
    expect(signRequestCount()).toBe(2)
  })
})

import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createResponsePool } from '@/server/http-out/memory-pool'
import { restSettings, RestCatalogStandIn } from '@/testing/catalogs/rest-catalog-stand-in'
import { exchangeWithLimits, ExchangeError } from './exchange-with-limits'
import { restHttpClient } from './client'
import type { RestAuth } from './settings'

type LookupCallback = (error: null, found: { address: string; family: number }[]) => void
type Lookup = (name: string, options: unknown, callback: LookupCallback) => void

const lookup = vi.spyOn(dns as unknown as { lookup: Lookup }, 'lookup')
syncBuiltinESMExports()

let catalog: RestCatalogStandIn
/** The catalog's URL with a host name. */
let namedUri: string

beforeEach(async () => {
  catalog = await RestCatalogStandIn.start()
  namedUri = catalog.uri.replace('127.0.0.1', 'catalog.example')
})
afterEach(async () => {
  await catalog.stop()
  lookup.mockReset()
})

/** The addresses of the name, one lookup after another. */
function mockLookup(...addresses: string[]): void {
  // Servers that listen look their address up, too.
  lookup.mockClear()
  let count = 0
  lookup.mockImplementation((_name, _options, callback) => {
    const address = addresses[Math.min(count, addresses.length - 1)] ?? ''
    count += 1
    callback(null, [{ address, family: address.includes(':') ? 6 : 4 }])
  })
}

const exchangeWith = (url: string, change: Partial<Parameters<typeof exchangeWithLimits>[0]> = {}) =>
  exchangeWithLimits({ method: 'GET', url: new URL(url), headers: {}, timeoutMs: 5_000, maxBytes: 1_000, ...change })
const sendToName = (auth: RestAuth = { kind: 'none' }) =>
  restHttpClient({
    responsePool: createResponsePool(),
    settings: restSettings(namedUri, { auth }),
    nowMs: () => 0,
    pause: async () => {},
  }).send({
    method: 'GET',
    url: new URL(`${namedUri}/v1/x`),
    purpose: 'read',
  })

describe('A host name that resolved to the catalog when it was checked', () => {
  const METADATA = ['169.254.169.254', 'fe80::1', '::ffff:169.254.169.254', 'fd00:ec2::254']
  const closingReply = { body: '1', headers: { connection: 'close' } }

  it.each(METADATA)('and resolves to %s the next time gets no request there', async (address) => {
    mockLookup('127.0.0.1', address)
    catalog.on('GET /v1/x', closingReply)
    expect(await sendToName()).toMatchObject({ json: 1 })
    await expect(sendToName()).rejects.toMatchObject({ code: 'forbidden' })
    expect(catalog.received).toHaveLength(1)
  })

  it('gets further requests over the open connection', async () => {
    mockLookup('127.0.0.1', '169.254.169.254')
    catalog.on('GET /v1/x', { body: '1' })
    expect(await sendToName()).toMatchObject({ json: 1 })
    expect(await sendToName()).toMatchObject({ json: 1 })
    expect(lookup).toHaveBeenCalledOnce()
  })

  it('is not followed to a cloud’s metadata service when a token is fetched', async () => {
    mockLookup('169.254.169.254')
    const tokenUri = namedUri.replace('catalog', 'tokens')
    const auth = { kind: 'oauth2', tokenUri, clientId: 'a', clientSecret: 's', scope: null } as const
    await expect(sendToName({ ...auth, audience: null, resource: null })).rejects.toMatchObject({ code: 'forbidden' })
    expect(catalog.received).toEqual([])
  })
})

describe('A compressed response', () => {
  it('is requested and decompressed', async () => {
    catalog.on('GET /x', { body: gzipSync('ünpacked'), headers: { 'content-encoding': 'gzip' } })
    expect(await exchangeWith(`${catalog.uri}/x`)).toMatchObject({ status: 200, text: 'ünpacked' })
    expect(catalog.lastRequest().headers.get('accept-encoding')).toBe('gzip')
    catalog.on('GET /x', { status: 204, headers: { 'content-encoding': 'gzip' } })
    expect(await exchangeWith(`${catalog.uri}/x`)).toMatchObject({ status: 204, text: '' })
  })

  it('must stay within the limit, before and after decompression', async () => {
    const headers = { 'content-encoding': 'gzip' }
    catalog.on('GET /x', { body: gzipSync('x'.repeat(1_000)), headers })
    expect((await exchangeWith(`${catalog.uri}/x`)).text).toHaveLength(1_000)
    catalog.on('GET /x', { body: gzipSync('x'.repeat(10_000_000)), headers })
    await expect(exchangeWith(`${catalog.uri}/x`, { maxBytes: 20_000 })).rejects.toMatchObject({ code: 'too-large' })
    await expect(exchangeWith(`${catalog.uri}/x`)).rejects.toMatchObject({ code: 'too-large' })
  })

  it.each([
    ['broken', 'gzip', gzipSync('x'.repeat(50)).subarray(0, 20)],
    ['compressed in an unrequested way', 'br', gzipSync('x')],
  ])('that is %s is an error', async (_what, encoding, body) => {
    catalog.on('GET /x', { body, headers: { 'content-encoding': encoding } })
    await expect(exchangeWith(`${catalog.uri}/x`)).rejects.toMatchObject({
      name: 'ExchangeError',
      mightHaveArrived: true,
    })
  })
})

describe('A request', () => {
  const failure = async (work: Promise<unknown>) => {
    const error = await work.catch((cause: unknown) => cause)
    if (error instanceof ExchangeError) return error
    throw new Error('it did not fail with an ExchangeError', { cause: error })
  }

  it('cannot have arrived without a connection, or without a valid certificate', async () => {
    const noTls = await failure(exchangeWith(catalog.uri.replace('http:', 'https:'), { method: 'POST', body: 'x' }))
    expect(noTls.mightHaveArrived).toBe(false)
    const { uri } = catalog
    await catalog.stop()
    expect((await failure(exchangeWith(uri, { method: 'POST', body: 'x' }))).mightHaveArrived).toBe(false)
    catalog = await RestCatalogStandIn.start()
  })

  it('may have arrived when the connection was closed, also a reused one', async () => {
    catalog.on('POST /x', [{ body: '1' }, { cut: 'before' }, { cut: 'before' }])
    const post = () => exchangeWith(`${catalog.uri}/x`, { method: 'POST', body: 'x' })
    await post()
    expect((await failure(post())).mightHaveArrived).toBe(true)
    expect((await failure(post())).mightHaveArrived).toBe(true)
    expect(catalog.lastRequest().body).toBe('x')
  })

  it('follows no redirect', async () => {
    catalog.on('GET /x', { status: 302, headers: { location: '/y' } })
    expect(await exchangeWith(`${catalog.uri}/x`)).toMatchObject({ status: 302, headers: { location: '/y' } })
    expect(catalog.received).toHaveLength(1)
  })
})

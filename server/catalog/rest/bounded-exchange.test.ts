import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { restSettings, TestRestCatalog } from '@/scripts/test-rest-catalog'
import { boundedExchange, ExchangeFailed } from './bounded-exchange'
import { restHttp } from './rest-http'
import type { RestAuth } from './rest-settings'

type Answer = (error: null, found: { address: string; family: number }[]) => void

const lookup = vi.hoisted(() => vi.fn<(name: string, options: unknown, answer: Answer) => void>())
vi.mock('node:dns', async (original) => ({ ...(await original<typeof import('node:dns')>()), lookup }))

let catalog: TestRestCatalog
/** The catalog's address by a name. */
let named: string

beforeEach(async () => {
  catalog = await TestRestCatalog.start()
  named = catalog.uri.replace('127.0.0.1', 'catalog.example')
})
afterEach(async () => {
  await catalog.stop()
  vi.clearAllMocks()
})

/** Where the name leads, one answer of the name servers after another. */
function leadsTo(...addresses: string[]): void {
  let count = 0
  lookup.mockImplementation((_name, _options, answer) => {
    const address = addresses[Math.min(count, addresses.length - 1)] ?? ''
    count += 1
    answer(null, [{ address, family: address.includes(':') ? 6 : 4 }])
  })
}

const exchanged = (url: string, change: Partial<Parameters<typeof boundedExchange>[0]> = {}) =>
  boundedExchange({ method: 'GET', url: new URL(url), headers: {}, timeoutMs: 5_000, maxBytes: 1_000, ...change })
const asked = (auth: RestAuth = { kind: 'none' }) =>
  restHttp({ settings: restSettings(named, { auth }), nowMs: () => 0, pause: async () => {} }).send({
    method: 'GET',
    url: new URL(`${named}/v1/x`),
    purpose: 'read',
  })

describe('A name that led to the catalog when it was looked at', () => {
  const METADATA = ['169.254.169.254', 'fe80::1', '::ffff:169.254.169.254', 'fd00:ec2::254']
  const hangsUp = { body: '1', headers: { connection: 'close' } }

  it.each(METADATA)('and leads to %s the next time is not followed there', async (address) => {
    leadsTo('127.0.0.1', address)
    catalog.on('GET /v1/x', hangsUp)
    expect(await asked()).toMatchObject({ json: 1 })
    await expect(asked()).rejects.toMatchObject({ code: 'forbidden' })
    expect(catalog.seen).toHaveLength(1)
  })

  it('is asked on over the connection that is there', async () => {
    leadsTo('127.0.0.1', '169.254.169.254')
    catalog.on('GET /v1/x', { body: '1' })
    expect(await asked()).toMatchObject({ json: 1 })
    expect(await asked()).toMatchObject({ json: 1 })
    expect(lookup).toHaveBeenCalledOnce()
  })

  it('is not followed to where machines are told about themselves by who wants a token', async () => {
    leadsTo('169.254.169.254')
    const tokenUri = named.replace('catalog', 'tokens')
    const auth = { kind: 'oauth2', tokenUri, clientId: 'a', clientSecret: 's', scope: null } as const
    await expect(asked({ ...auth, audience: null, resource: null })).rejects.toMatchObject({ code: 'forbidden' })
    expect(catalog.seen).toEqual([])
  })
})

describe('A packed answer', () => {
  it('is asked for and unpacked', async () => {
    catalog.on('GET /x', { body: gzipSync('ünpacked'), headers: { 'content-encoding': 'gzip' } })
    expect(await exchanged(`${catalog.uri}/x`)).toMatchObject({ status: 200, text: 'ünpacked' })
    expect(catalog.last().headers.get('accept-encoding')).toBe('gzip')
    catalog.on('GET /x', { status: 204, headers: { 'content-encoding': 'gzip' } })
    expect(await exchanged(`${catalog.uri}/x`)).toMatchObject({ status: 204, text: '' })
  })

  it('may be no longer than allowed, packed or not', async () => {
    const headers = { 'content-encoding': 'gzip' }
    catalog.on('GET /x', { body: gzipSync('x'.repeat(1_000)), headers })
    expect((await exchanged(`${catalog.uri}/x`)).text).toHaveLength(1_000)
    catalog.on('GET /x', { body: gzipSync('x'.repeat(10_000_000)), headers })
    await expect(exchanged(`${catalog.uri}/x`, { maxBytes: 20_000 })).rejects.toMatchObject({ code: 'too-large' })
    await expect(exchanged(`${catalog.uri}/x`)).rejects.toMatchObject({ code: 'too-large' })
  })

  it.each([
    ['broken', 'gzip', gzipSync('x'.repeat(50)).subarray(0, 20)],
    ['packed as nobody asked', 'br', gzipSync('x')],
  ])('that is %s is no answer', async (_what, encoding, body) => {
    catalog.on('GET /x', { body, headers: { 'content-encoding': encoding } })
    await expect(exchanged(`${catalog.uri}/x`)).rejects.toMatchObject({
      name: 'ExchangeFailed',
      mightHaveArrived: true,
    })
  })
})

describe('A request', () => {
  const failure = async (work: Promise<unknown>) => {
    const error = await work.catch((cause: unknown) => cause)
    if (error instanceof ExchangeFailed) return error
    throw new Error('it did not fail as an exchange does', { cause: error })
  }

  it('cannot have arrived where no connection came about, or none whose certificate is good', async () => {
    const noTls = await failure(exchanged(catalog.uri.replace('http:', 'https:'), { method: 'POST', body: 'x' }))
    expect(noTls.mightHaveArrived).toBe(false)
    const { uri } = catalog
    await catalog.stop()
    expect((await failure(exchanged(uri, { method: 'POST', body: 'x' }))).mightHaveArrived).toBe(false)
    catalog = await TestRestCatalog.start()
  })

  it('may have arrived where the connection was cut, also one that was there before', async () => {
    catalog.on('POST /x', [{ body: '1' }, { cut: 'before' }, { cut: 'before' }])
    const post = () => exchanged(`${catalog.uri}/x`, { method: 'POST', body: 'x' })
    await post()
    expect((await failure(post())).mightHaveArrived).toBe(true)
    expect((await failure(post())).mightHaveArrived).toBe(true)
    expect(catalog.last().body).toBe('x')
  })

  it('follows no redirect', async () => {
    catalog.on('GET /x', { status: 302, headers: { location: '/y' } })
    expect(await exchanged(`${catalog.uri}/x`)).toMatchObject({ status: 302, headers: { location: '/y' } })
    expect(catalog.seen).toHaveLength(1)
  })
})

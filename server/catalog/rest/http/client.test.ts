import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createResponsePool } from '@/server/http-out/memory-pool'
import { AppError } from '@/lib/errors'
import { errorReply, type Reply, restSettings, RestCatalogStandIn } from '@/testing/catalogs/rest-catalog-stand-in'
import { useTestClock } from '@/testing/clock'
import { restHttpClient, TIMEOUT_MS } from './client'
import type { RestRequest } from './request'
import { pauseOrThrow } from './retry'

/** Longer than any timeout. They differ, so that a test can tell for which reply the catalog waits. */
const [NEVER_MS, STILL_NEVER_MS] = [3_600_000, 7_200_000]

let catalog: RestCatalogStandIn
const pausesMs: number[] = []

beforeEach(async () => {
  catalog = await RestCatalogStandIn.start()
  pausesMs.length = 0
})
afterEach(() => catalog.stop())

function send(
  change: Partial<RestRequest> & { path?: string } = {},
  deps: Partial<Parameters<typeof restHttpClient>[0]> = {},
) {
  const { path = '/v1/x', ...request } = change
  const http = restHttpClient({
    responsePool: createResponsePool(),
    settings: restSettings(catalog.uri),
    nowMs: () => 1_700_000_000_000,
    pause: async (ms) => {
      pausesMs.push(ms)
    },
    ...deps,
  })
  return http.send({ method: 'GET', url: new URL(catalog.uri + path), purpose: 'read', ...request })
}

async function failure(work: Promise<unknown>): Promise<AppError> {
  return work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => {
      if (error instanceof AppError) return error
      throw error
    },
  )
}

describe('A response', () => {
  it('is read with exact 64-bit ids, and an empty one is null', async () => {
    catalog.on('GET /v1/x', [{ body: '{"snapshot-id": 3051729675574597004}' }, { status: 204 }])
    expect(await send()).toMatchObject({ status: 200, json: { 'snapshot-id': 3051729675574597004n } })
    expect(await send()).toMatchObject({ status: 204, json: null, chars: 0 })
  })

  it('follows a request with exact ids, its own headers and those of the connection', async () => {
    catalog.on('POST /v1/x', { status: 204 })
    await send(
      { method: 'POST', body: { 'snapshot-id': 3051729675574597004n }, headers: { 'x-own': 'yes' } },
      { settings: restSettings(catalog.uri, { headers: { 'X-Tenant': 't1', Accept: 'text/html' } }) },
    )
    expect(catalog.lastRequest().body).toBe('{"snapshot-id":3051729675574597004}')
    const { headers } = catalog.lastRequest()
    expect(['x-own', 'x-tenant', 'accept', 'content-type'].map((name) => headers.get(name))).toEqual([
      'yes',
      't1',
      'application/json',
      'application/json',
    ])
  })

  it('that is longer than allowed is not read to its end', async () => {
    catalog.on('GET /v1/x', { body: `"${'x'.repeat(5000)}"` }).on('POST /v1/x', { body: `"${'x'.repeat(5000)}"` })
    const size = { maxBytes: 1000, maxValues: 10 }
    expect((await failure(send({ limits: size }))).code).toBe('too-large')
    // The write happened, although its response cannot be read.
    expect((await failure(send({ limits: size, method: 'POST', purpose: 'commit' }))).code).toBe('commit-state-unknown')
  })

  it('that is not JSON is an error, and leaves a write unknown', async () => {
    catalog.on('GET /v1/x', { body: '<html>' }).on('POST /v1/x', { body: '{"metadata' })
    expect((await failure(send())).code).toBe('catalog-unavailable')
    expect((await failure(send({ method: 'POST', purpose: 'create' }))).code).toBe('commit-state-unknown')
  })

  it('that comes too late is an error, and leaves a write unknown', async () => {
    const time = useTestClock()
    catalog.on('GET /v1/x', { afterMs: NEVER_MS }).on('POST /v1/x', { afterMs: STILL_NEVER_MS })
    const reading = failure(send())
    await time.whenWaiting(NEVER_MS)
    await time.advance(TIMEOUT_MS.firstByte)
    expect((await reading).code).toBe('catalog-unavailable')
    const writing = failure(send({ method: 'POST', purpose: 'commit' }))
    await time.whenWaiting(STILL_NEVER_MS)
    await time.advance(TIMEOUT_MS.write)
    expect((await writing).code).toBe('commit-state-unknown')
  })

  it('that never begins is awaited once by a read, and for the full time by a write', async () => {
    const time = useTestClock()
    const lateMs = TIMEOUT_MS.write - 1_000
    catalog.on('GET /v1/x', { afterMs: NEVER_MS }).on('POST /v1/x', { afterMs: lateMs, status: 204 })
    const reading = failure(send())
    await time.whenWaiting(NEVER_MS)
    await time.advance(TIMEOUT_MS.firstByte)
    const error = await reading
    expect([error.code, error.facts['reason']]).toEqual(['catalog-unavailable', 'ETIMEDOUT'])
    expect(catalog.received).toHaveLength(1)
    const writing = send({ method: 'POST', purpose: 'commit' })
    await time.whenWaiting(lateMs)
    await time.advance(lateMs)
    expect(await writing).toMatchObject({ status: 204 })
  })

  it('gets no extra time when the request first waited for a token', async () => {
    const auth = { kind: 'oauth2', tokenUri: null, clientId: 'a', clientSecret: 'geheim', scope: null } as const
    const settings = restSettings(catalog.uri, { auth: { ...auth, audience: null, resource: null } })
    const time = useTestClock()
    let nowMs = 1_700_000_000_000
    const replyAfter = (reply: Reply, ms: number) => () => {
      nowMs += ms
      return reply
    }
    catalog
      .on('POST /v1/oauth/tokens', replyAfter({ body: { access_token: 't', token_type: 'bearer' } }, 19_000))
      .on('GET /v1/x', { afterMs: NEVER_MS })
    const timeoutMs = { firstByte: 20_000, read: 20_000, write: 20_000 }
    const reading = failure(send({}, { settings, timeoutMs, nowMs: () => nowMs }))
    await time.whenWaiting(NEVER_MS)
    await time.advance(1_000)
    const error = await reading
    expect([error.code, error.facts['reason']]).toEqual(['catalog-unavailable', 'ETIMEDOUT'])
    expect(catalog.received.map(({ path }) => path)).toEqual(['/v1/oauth/tokens', '/v1/x'])
    catalog.on('POST /v1/oauth/tokens', { afterMs: STILL_NEVER_MS })
    const readingLate = failure(send({ firstByteDeadlineMs: nowMs + 500 }, { settings, timeoutMs, nowMs: () => nowMs }))
    await time.whenWaiting(STILL_NEVER_MS)
    await time.advance(500)
    const lateError = await readingLate
    expect(lateError.message).toBe('The token server does not answer.')
    expect(lateError.facts['reason']).toBe('ETIMEDOUT')
  })

  it('is not awaited after the caller aborts, except for a write that is on its way', async () => {
    const reader = new AbortController()
    catalog.on('GET /v1/x', { afterMs: 5_000 })
    const reading = send({ signal: reader.signal })
    reader.abort(new Error('gone'))
    await expect(reading).rejects.toThrow('gone')

    const changed = new AbortController()
    catalog.on('POST /v1/x', () => {
      changed.abort(new Error('gone'))
      return { body: '"done"' }
    })
    expect(await send({ method: 'POST', purpose: 'commit', signal: changed.signal })).toMatchObject({ json: 'done' })
    await expect(send({ method: 'POST', purpose: 'commit', signal: changed.signal })).rejects.toThrow('gone')
  })
})

describe('A refusal', () => {
  it.each([
    [400, 'BadRequestException', 'read', 'invalid-request'],
    [401, 'NotAuthorizedException', 'read', 'catalog-refused'],
    [403, 'ForbiddenException', 'read', 'forbidden'],
    [404, 'NoSuchNamespaceException', 'read', 'not-found'],
    [404, 'NoSuchTableException', 'read', 'not-found'],
    [404, 'org.apache.iceberg.exceptions.NoSuchViewException', 'read', 'not-found'],
    [404, 'NotFoundException', 'read', 'file-missing'],
    [404, 'NoSuchWarehouseException', 'config', 'not-found'],
    [404, 'Whatever', 'config', 'catalog-unavailable'],
    [405, 'Whatever', 'change', 'not-supported'],
    [406, 'UnsupportedOperationException', 'create', 'not-supported'],
    [409, 'AlreadyExistsException', 'create', 'already-exists'],
    [409, 'Whatever', 'create', 'already-exists'],
    [409, 'NamespaceNotEmptyException', 'drop-namespace', 'namespace-not-empty'],
    [409, 'Whatever', 'drop-namespace', 'namespace-not-empty'],
    [409, 'CommitFailedException', 'commit', 'commit-conflict'],
    [409, 'Whatever', 'commit', 'commit-conflict'],
    [413, 'Whatever', 'commit', 'too-large'],
    [418, 'Whatever', 'read', 'catalog-unavailable'],
    [400, 'constructor', 'commit', 'invalid-request'],
    [404, '__proto__', 'read', 'not-found'],
    [419, 'AuthenticationTimeoutException', 'read', 'catalog-refused'],
    [422, 'UnprocessableEntityException', 'change', 'unprocessable-request'],
    [500, 'InternalServerError', 'read', 'catalog-unavailable'],
    [500, 'InternalServerError', 'commit', 'commit-state-unknown'],
    [501, 'Whatever', 'commit', 'not-supported'],
    [502, 'Whatever', 'commit', 'commit-state-unknown'],
    [503, 'SlowDownException', 'create', 'commit-state-unknown'],
    [504, 'Whatever', 'change', 'commit-state-unknown'],
  ] as const)('of %i %s to a %s is %s', async (status, type, purpose, code) => {
    const method = purpose === 'read' || purpose === 'config' ? 'GET' : 'POST'
    catalog.on(`${method} /v1/x`, errorReply(status, type))
    expect((await failure(send({ method, purpose }))).code).toBe(code)
  })

  it('has the catalog’s message, shortened and without credentials', async () => {
    catalog.on('GET /v1/x', [
      errorReply(404, 'NoSuchTableException', 'Table does not exist:\r\na.b'),
      errorReply(400, 'BadRequestException', 'x'.repeat(10_000)),
      errorReply(401, 'NotAuthorizedException', 'token eyJhbGciOi is wrong'),
      { status: 400, body: '<html>' },
      { status: 400, body: { error: 'invalid_scope' } },
    ])
    expect((await failure(send())).message).toBe('Table does not exist: a.b')
    expect((await failure(send())).message.length).toBeLessThan(600)
    expect((await failure(send())).message).not.toContain('eyJ')
    expect((await failure(send())).message).toBe('The catalog answered 400.')
    expect((await failure(send())).code).toBe('invalid-request')
  })
})

describe('A request is retried', () => {
  const busy = errorReply(503, 'SlowDownException')

  it('when it changes nothing and the failure is transient', async () => {
    catalog.on('GET /v1/x', [
      busy,
      { cut: 'before' },
      { body: '"half of it"', cut: 'midway' },
      { status: 408 },
      { body: '1' },
    ])
    expect(await send()).toMatchObject({ status: 200, json: 1 })
    expect(pausesMs).toHaveLength(4)
  })

  it('at most four times', async () => {
    catalog.on('GET /v1/x', busy)
    expect((await failure(send())).code).toBe('catalog-unavailable')
    expect(catalog.received).toHaveLength(5)
  })

  it('only within the time that a read may take, however many attempts are left', async () => {
    const withMovingClock = () => {
      let nowMs = 1_700_000_000_000
      const pause = async (ms: number) => {
        nowMs += ms
      }
      return { nowMs: () => nowMs, pause }
    }
    const rateLimited = { ...errorReply(429, 'TooManyRequests'), headers: { 'retry-after': '6' } }
    catalog.on('GET /v1/x', rateLimited)
    expect((await failure(send({}, withMovingClock()))).code).toBe('catalog-unavailable')
    expect(catalog.received).toHaveLength(3)
    catalog.on('POST /v1/x', rateLimited)
    expect((await failure(send({ method: 'POST', purpose: 'commit' }, withMovingClock()))).code).toBe(
      'catalog-unavailable',
    )
    expect(catalog.received).toHaveLength(3 + 5)
  })

  it('when the catalog says that it did nothing, after the time that it asks for', async () => {
    const rateLimited = (after: string) => ({
      ...errorReply(429, 'TooManyRequests'),
      headers: { 'retry-after': after },
    })
    catalog.on('POST /v1/x', [
      rateLimited('7'),
      rateLimited(new Date(1_700_000_003_000).toUTCString()),
      rateLimited('soon'),
      rateLimited('3600'),
    ])
    expect((await failure(send({ method: 'POST', purpose: 'commit' }))).code).toBe('catalog-unavailable')
    expect(pausesMs.slice(0, 2)).toEqual([7_000, 3_000])
    expect(catalog.received).toHaveLength(4)
  })

  it('not after the caller aborts during the pause', async () => {
    const gone = new AbortController()
    const time = useTestClock()
    catalog.on('GET /v1/x', { ...errorReply(429, 'TooManyRequests'), headers: { 'retry-after': '12' } })
    const error = failure(send({ signal: gone.signal }, { pause: pauseOrThrow }))
    await time.whenWaiting(12_000)
    gone.abort(new AppError('cancelled', 'gone'))
    expect((await error).message).toBe('gone')
    expect(catalog.received).toHaveLength(1)
  })

  it('never when that could make a change twice', async () => {
    catalog.on('POST /v1/x', [{ ...busy, headers: { 'retry-after': '1' } }])
    expect((await failure(send({ method: 'POST', purpose: 'commit' }))).code).toBe('commit-state-unknown')
    catalog.on('POST /v1/x', { cut: 'before' })
    expect((await failure(send({ method: 'POST', purpose: 'commit' }))).code).toBe('commit-state-unknown')
    expect(catalog.received).toHaveLength(2)
  })

  it('when it drops something, which is gone afterwards whichever attempt did it', async () => {
    catalog.on('DELETE /v1/x', [busy, errorReply(404, 'NoSuchTableException')])
    expect(await send({ method: 'DELETE', purpose: 'drop' })).toMatchObject({ status: 204, json: null })
    catalog.on('DELETE /v1/x', errorReply(404, 'NoSuchTableException'))
    expect((await failure(send({ method: 'DELETE', purpose: 'drop' }))).code).toBe('not-found')
  })
})

describe('A catalog that cannot be reached', () => {
  it('is unavailable, also for a write, because nothing was sent', async () => {
    await catalog.stop()
    const error = await failure(send({ method: 'POST', purpose: 'commit' }))
    expect([error.code, error.facts['reason']]).toEqual(['catalog-unavailable', 'ECONNREFUSED'])
    catalog = await RestCatalogStandIn.start()
  })
})

describe('A credential that no header can contain', () => {
  it('is reported without its value before anything is sent', async () => {
    const aws = (sessionToken: string) => ({
      kind: 'sigv4' as const,
      region: 'eu-west-1',
      service: 'glue',
      credentials: { kind: 'keys' as const, accessKeyId: 'id', secretAccessKey: 'key', sessionToken },
    })
    for (const change of [
      { auth: { kind: 'bearer' as const, token: 'se\ncret' } },
      { auth: aws('se\ncret') },
      { auth: aws('plain'), headers: { 'x-tenant': 'se\ncret' } },
    ]) {
      const error = await failure(send({}, { settings: restSettings(catalog.uri, change) }))
      expect([error.code, error.cause]).toEqual(['invalid-request', undefined])
      expect(error.message).not.toContain('cret')
    }
    expect(catalog.received).toEqual([])
  })
})

describe('A redirect', () => {
  const to = (location: string, status = 307) => ({ status, headers: { location } })
  const auth = { kind: 'bearer', token: 'secret' } as const

  it('of a read is followed within the catalog’s origin', async () => {
    catalog.on('GET /v1/x', to('/v1/y', 302)).on('GET /v1/y', { body: '1' })
    const settings = restSettings(catalog.uri, { auth })
    expect(await send({}, { settings })).toMatchObject({ status: 200, json: 1 })
    expect(catalog.lastRequest().headers.get('authorization')).toBe('Bearer secret')
  })

  it('to another server is refused, and that server gets no request', async () => {
    const other = await RestCatalogStandIn.start()
    catalog.on('GET /v1/x', to(`${other.uri}/v1/x`)).on('POST /v1/x', to(`${other.uri}/v1/x`, 308))
    const settings = restSettings(catalog.uri, { auth })
    const error = await failure(send({}, { settings }))
    expect([error.code, error.facts['origin']]).toEqual(['catalog-unavailable', other.uri])
    expect((await failure(send({ method: 'POST', purpose: 'commit' }, { settings }))).code).toBe('catalog-unavailable')
    expect(other.received).toEqual([])
    await other.stop()
  })

  it('to a URL that is not a server is refused with its scheme', async () => {
    catalog.on('GET /v1/x', to('file:///etc/passwd'))
    expect((await failure(send({}))).message).toContain('The catalog redirects to file:.')
  })

  it.each([
    ['in circles', 'GET', '/v1/x'],
    ['of a write', 'POST', '/v1/y'],
    ['without a target', 'GET', 'http://['],
  ] as const)('%s is refused', async (_name, method, location) => {
    catalog.on(`${method} /v1/x`, to(location))
    expect((await failure(send({ method, purpose: method === 'GET' ? 'read' : 'change' }))).code).toBe(
      'catalog-unavailable',
    )
    expect(catalog.received.length).toBeLessThan(6)
  })
})

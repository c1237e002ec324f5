import 'server-only'
import { AppError } from '@/lib/errors'
import { createRefreshingValue } from '@/lib/refreshing-value'
import type { Change } from '@/server/db/database'
import type { Log } from '@/server/log'
import type { RequestOptions } from '@/server/catalog/catalog-client'
import { responseLimitsOf } from './response-limits'
import { newIdempotencyKey } from './idempotency-key'
import { fetchConfig, type RestConfig } from './config'
import type { Endpoint } from './endpoints'
import { malformedResponse, outcomeUnknown } from './errors'
import type { RestHttpClient } from './client'
import { endpointPath, type PathNames } from './paths'
import { withQuery } from './query'
import { isWrite, type RestResponse, type RestPurpose } from './request'
import type { RestSettings } from './settings'
import type { Json } from '@/lib/iceberg/json/json'

/** One connection, as long as it is held: its configuration and its way to the catalog. */
export type RestSession = {
  name: string
  settings: RestSettings
  http: RestHttpClient
  log: Log
  /** Names asked for at once; null: as many as the catalog likes. */
  pageSize: number | null
  nowMs: () => number
  /** How long who reads waits for the first of an answer, from the first request that is needed for it. */
  firstByteTimeoutMs: number
  /** Between tries, in milliseconds. */
  pause(ms: number): Promise<void>
  config(options?: RequestOptions): Promise<RestConfig>
  writeAlongside(changes: readonly Change[]): Promise<unknown>
}

/** Catalogs are upgraded while connections are held; what they can do may change then. */
const CONFIG_LIFETIME_MS = 10 * 60_000

export function restSession(deps: Omit<RestSession, 'config'>): RestSession {
  const config = createRefreshingValue(async () => {
    const value = await fetchConfig(deps.http, deps.settings)
    return { value, validUntilMs: deps.nowMs() + CONFIG_LIFETIME_MS }
  }, deps.nowMs)
  return { ...deps, config: ({ signal } = {}) => config.get(signal) }
}

/** `firstByteDeadlineMs`: as of a `RestRequest`; of the first request, where several follow. */
export type ReadOptions = RequestOptions & { firstByteDeadlineMs?: number }

type EndpointRequest = ReadOptions & {
  names?: PathNames
  query?: Readonly<Record<string, string>>
  body?: Json
  headers?: Readonly<Record<string, string>>
  purpose: RestPurpose
}

/**
 * A write is one operation, with a key of its own where the catalog takes one.
 *
 * @throws {AppError} not-supported when the catalog does not advertise the endpoint, else as `RestHttpClient.send`
 */
export async function callEndpoint(
  session: RestSession,
  endpoint: Endpoint,
  {
    names = {},
    query = {},
    headers = {},
    signal,
    firstByteDeadlineMs = session.nowMs() + session.firstByteTimeoutMs,
    ...request
  }: EndpointRequest,
): Promise<RestResponse> {
  const config = await session.config({ ...(signal && { signal }) })
  if (!config.endpoints.has(endpoint)) {
    throw new AppError('not-supported', `The catalog does not offer what this needs: ${endpoint}.`, {
      facts: { endpoint },
    })
  }
  const url = withQuery(config.base + endpointPath(endpoint, names, config), query)
  const method = endpoint.startsWith('GET') ? 'GET' : endpoint.startsWith('POST') ? 'POST' : 'DELETE'
  const idempotency = isWrite(request.purpose)
    ? newIdempotencyKey(endpoint, config.keyLifetimeMs, session.nowMs())
    : null
  return session.http.send({
    method,
    url,
    signal,
    firstByteDeadlineMs,
    headers: { ...headers, ...(idempotency && { 'idempotency-key': idempotency.key }) },
    ...(idempotency && { retryableMs: idempotency.retryableMs }),
    limits: responseLimitsOf(endpoint),
    ...request,
  })
}

/** Reads an answer whose form the specification fixes; another form is the catalog's failure, not a file's. */
export function readResponse<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw malformedResponse(what, cause)
  }
}

/** Reads the answer to a write that was done: one that cannot be read leaves open what was done. */
export function readWriteResponse<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw outcomeUnknown({ cause })
  }
}

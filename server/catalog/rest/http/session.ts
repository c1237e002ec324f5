import 'server-only'
import { AppError } from '@/lib/errors'
import { createRefreshingValue } from '@/lib/refreshing-value'
import type { Log } from '@/server/log'
import type { RequestOptions } from '@/server/catalog/port/request-options'
import type { Outbox } from '@/server/catalog/port/outbox'
import { responseLimitsOf } from './response-limits'
import { newIdempotencyKey } from './idempotency-key'
import { fetchConfig, type RestConfig } from './config'
import type { Endpoint } from './endpoints'
import { malformedResponseError, outcomeUnknownError } from './errors'
import type { RestHttpClient } from './client'
import { endpointPath, type PathNames } from './paths'
import { withQuery } from './query'
import { isWrite, type RestResponse, type RestPurpose } from './request'
import type { RestSettings } from './settings'
import type { Json } from '@/lib/iceberg/json/json'

/** A connection in use: its configuration and its access to the catalog. */
export type RestSession = {
  name: string
  settings: RestSettings
  http: RestHttpClient
  log: Log
  /** Page size of lists; null: the catalog decides. */
  pageSize: number | null
  nowMs: () => number
  /** How long a read waits for its response to begin, counted from the first request that it needs. */
  firstByteTimeoutMs: number
  /** Waits between attempts. */
  pause(ms: number): Promise<void>
  config(options?: RequestOptions): Promise<RestConfig>
  outbox: Outbox
}

/** Catalogs are upgraded while connections are open, and their endpoints may change then. */
const CONFIG_LIFETIME_MS = 10 * 60_000

export function restSession(deps: Omit<RestSession, 'config'>): RestSession {
  const config = createRefreshingValue(async () => {
    const value = await fetchConfig(deps.http, deps.settings)
    return { value, validUntilMs: deps.nowMs() + CONFIG_LIFETIME_MS }
  }, deps.nowMs)
  return { ...deps, config: ({ signal } = {}) => config.get(signal) }
}

/** `firstByteDeadlineMs`: as in `RestRequest`; it applies to the first of several requests. */
export type ReadOptions = RequestOptions & { firstByteDeadlineMs?: number }

export type EndpointRequest = ReadOptions & {
  names?: PathNames
  query?: Readonly<Record<string, string>>
  body?: Json
  headers?: Readonly<Record<string, string>>
  purpose: RestPurpose
}

/**
 * Calls an endpoint. A write is one operation, with its own idempotency key if the catalog supports keys.
 *
 * @throws {AppError} not-supported when the catalog does not advertise the endpoint, otherwise as `RestHttpClient.send`
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
    throw new AppError('not-supported', `The catalog does not support the endpoint ${endpoint}.`, {
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

/** Parses a response whose form the specification defines. Another form is an error of the catalog, not of a file. */
export function readResponse<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw malformedResponseError(what, cause)
  }
}

/** Parses the response to a successful write. If that fails, the outcome is unknown. */
export function readWriteResponse<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw outcomeUnknownError({ cause })
  }
}

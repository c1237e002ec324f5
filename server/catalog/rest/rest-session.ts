import 'server-only'
import { AppError } from '@/lib/errors'
import type { Json } from '@/lib/iceberg/types'
import { keptFresh } from '@/lib/kept-fresh'
import type { Change } from '@/server/db/database'
import type { Log } from '@/server/log'
import type { Asked } from '../catalog-client'
import { answerSizeOf } from './answer-sizes'
import { newIdempotencyKey } from './idempotency-key'
import { fetchConfig, type RestConfig } from './rest-config'
import type { Endpoint } from './rest-endpoints'
import { malformed, outcomeUnknown } from './rest-errors'
import type { RestHttp } from './rest-http'
import { endpointPath, type PathNames } from './rest-paths'
import { withQuery } from './rest-query'
import { isWrite, type RestAnswer, type RestPurpose } from './rest-request'
import type { RestSettings } from './rest-settings'

/** One connection, as long as it is held: its configuration and its way to the catalog. */
export type RestSession = {
  name: string
  settings: RestSettings
  http: RestHttp
  log: Log
  /** Names asked for at once; null: as many as the catalog likes. */
  pageSize: number | null
  nowMs: () => number
  /** How long who reads waits for the first of an answer, from the first request that is needed for it. */
  heardMs: number
  /** Between tries, in milliseconds. */
  pause(ms: number): Promise<void>
  config(asked?: Asked): Promise<RestConfig>
  writeAlongside(changes: readonly Change[]): Promise<unknown>
}

/** Catalogs are upgraded while connections are held; what they can do may change then. */
const CONFIG_LIFETIME_MS = 10 * 60_000

export function restSession(parts: Omit<RestSession, 'config'>): RestSession {
  const config = keptFresh(async () => {
    const value = await fetchConfig(parts.http, parts.settings)
    return { value, untilMs: parts.nowMs() + CONFIG_LIFETIME_MS }
  }, parts.nowMs)
  return { ...parts, config: ({ signal } = {}) => config.get(signal) }
}

/** `heardByMs`: as of a `RestRequest`; of the first request, where several follow. */
export type Reading = Asked & { heardByMs?: number }

type Ask = Reading & {
  names?: PathNames
  query?: Readonly<Record<string, string>>
  body?: Json
  headers?: Readonly<Record<string, string>>
  purpose: RestPurpose
}

/**
 * A write is one operation, with a key of its own where the catalog takes one.
 *
 * @throws {AppError} not-supported when the catalog does not advertise the endpoint, else as `RestHttp.send`
 */
export async function ask(
  session: RestSession,
  endpoint: Endpoint,
  { names = {}, query = {}, headers = {}, signal, heardByMs = session.nowMs() + session.heardMs, ...request }: Ask,
): Promise<RestAnswer> {
  const config = await session.config({ ...(signal && { signal }) })
  if (!config.endpoints.has(endpoint)) {
    throw new AppError('not-supported', `The catalog does not offer what this needs: ${endpoint}.`, {
      facts: { endpoint },
    })
  }
  const url = withQuery(config.base + endpointPath(endpoint, names, config), query)
  const method = endpoint.startsWith('GET') ? 'GET' : endpoint.startsWith('POST') ? 'POST' : 'DELETE'
  const keyed = isWrite(request.purpose) ? newIdempotencyKey(endpoint, config.keyLifetimeMs, session.nowMs()) : null
  return session.http.send({
    method,
    url,
    signal,
    heardByMs,
    headers: { ...headers, ...(keyed && { 'idempotency-key': keyed.key }) },
    ...(keyed && { repeatableMs: keyed.repeatableMs }),
    size: answerSizeOf(endpoint),
    ...request,
  })
}

/** Reads an answer whose form the specification fixes; another form is the catalog's failure, not a file's. */
export function readAnswer<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw malformed(what, cause)
  }
}

/** Reads the answer to a write that was done: one that cannot be read leaves open what was done. */
export function afterWrite<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    throw outcomeUnknown({ cause })
  }
}

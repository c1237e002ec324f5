import 'server-only'
import { JsonFields } from '@/lib/iceberg/json/json-fields'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { CONFIG_LIMITS } from './response-limits'
import { parseDurationMs } from './idempotency-key'
import { DEFAULT_ENDPOINTS } from './endpoints'
import { malformedResponse } from './errors'
import type { RestHttpClient } from './client'
import { withQuery } from './query'
import type { RestSettings } from './settings'

/** What the catalog says of itself, before anything else is asked. */
export type RestConfig = {
  /** Of all addresses, without a slash at the end. */
  base: string
  /** Of the path, already percent-encoded; empty for none. */
  prefix: string
  /** Between the levels of a namespace in a path, already percent-encoded. */
  separator: string
  /** As `GET /v1/{prefix}/namespaces`. */
  endpoints: ReadonlySet<string>
  /** Its defaults under its overrides: what a client would also use to reach files. */
  properties: Readonly<Record<string, string>>
  /** How long an `Idempotency-Key` is remembered, in milliseconds; null where the catalog knows none. */
  keyLifetimeMs: number | null
}

const DEFAULT_SEPARATOR = '%1F'

/**
 * @throws {AppError} catalog-unavailable when the answer is not one of a catalog, or leads to another path
 */
export async function fetchConfig(http: RestHttpClient, settings: RestSettings): Promise<RestConfig> {
  const { uri, warehouse } = settings
  const url = withQuery(`${uri}/v1/config`, warehouse === null ? {} : { warehouse })
  const { json } = await http.send({ method: 'GET', url, purpose: 'config', limits: CONFIG_LIMITS })
  return parseConfig(json, settings)
}

function parseConfig(json: Parameters<typeof readFields>[0], settings: RestSettings): RestConfig {
  const fields = readFields(json)
  const { defaults, overrides, endpoints, keyLifetime } = fields
  const properties = { ...defaults, ...overrides }
  return {
    base: resolveBase(propertyValue(overrides, 'uri'), settings.uri),
    prefix: normalizePrefix(settings.prefix ?? propertyValue(properties, 'prefix') ?? ''),
    separator: normalizeSeparator(propertyValue(properties, 'namespace-separator') ?? DEFAULT_SEPARATOR),
    endpoints: new Set(endpoints ?? DEFAULT_ENDPOINTS),
    properties,
    keyLifetimeMs: keyLifetime === null ? null : parseDurationMs(keyLifetime),
  }
}

function readFields(json: ConstructorParameters<typeof JsonFields>[0]) {
  try {
    const response = new JsonFields(json, '')
    if (!response.has('defaults') && !response.has('overrides')) throw new Error('neither defaults nor overrides')
    return {
      defaults: response.textMap('defaults'),
      overrides: response.textMap('overrides'),
      endpoints: response.has('endpoints') ? response.texts('endpoints') : null,
      keyLifetime: response.has('idempotency-key-lifetime') ? response.text('idempotency-key-lifetime') : null,
    }
  } catch (cause) {
    throw malformedResponse('its configuration has another form', cause)
  }
}

/** Another path of the same server is followed; to another server credentials are not carried. */
function resolveBase(uri: string | null, ownUri: string): string {
  const url = uri === null ? null : URL.parse(uri)
  const isSameServer = url !== null && url.origin === new URL(ownUri).origin && url.search === '' && url.hash === ''
  return isSameServer ? url.href.replace(/\/+$/, '') : ownUri
}

/** It becomes part of the path as it is, so it must not lead out of it. */
function normalizePrefix(prefix: string): string {
  const trimmed = prefix.replace(/^\/+|\/+$/g, '')
  const isTraversal = trimmed.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))
  if (isTraversal || /[?#\\\s\p{Cc}]/u.test(trimmed)) throw malformedResponse('its prefix is not one of a path')
  return trimmed
}

/** Most name it percent-encoded, as it is used; a plain one is encoded. */
function normalizeSeparator(separator: string): string {
  try {
    const decoded = decodeURIComponent(separator)
    if (decoded === '' || decoded.length > 8) throw new RangeError('length')
    return encodeURIComponent(decoded)
  } catch (cause) {
    throw malformedResponse('its namespace separator cannot be used', cause)
  }
}

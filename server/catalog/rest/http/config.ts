import 'server-only'
import { JsonFields } from '@/lib/iceberg/json/json-fields'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { CONFIG_LIMITS } from './response-limits'
import { parseDurationMs } from './idempotency-key'
import { DEFAULT_ENDPOINTS } from './endpoints'
import { malformedResponseError } from './errors'
import type { RestHttpClient } from './client'
import { withQuery } from './query'
import type { RestSettings } from './settings'

/** The catalog's configuration, which is read before any other request. */
export type RestConfig = {
  /** Base of all URLs, without a slash at the end. */
  base: string
  /** Prefix of the path, already percent-encoded; empty for none. */
  prefix: string
  /** Separator of namespace levels in a path, already percent-encoded. */
  separator: string
  /** As `GET /v1/{prefix}/namespaces`. */
  endpoints: ReadonlySet<string>
  /** Its defaults, overridden by its overrides. Clients also use them to reach files. */
  properties: Readonly<Record<string, string>>
  /** How long the catalog stores an `Idempotency-Key`, in milliseconds; null when it supports none. */
  keyLifetimeMs: number | null
}

const DEFAULT_SEPARATOR = '%1F'

/** @throws {AppError} catalog-unavailable when the response is not one of a catalog, or its prefix leaves the path */
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
    throw malformedResponseError('its configuration has an unexpected form', cause)
  }
}

/** Accepts another path on the same server. Credentials are never sent to another server. */
function resolveBase(uri: string | null, ownUri: string): string {
  const url = uri === null ? null : URL.parse(uri)
  const isSameServer = url !== null && url.origin === new URL(ownUri).origin && url.search === '' && url.hash === ''
  return isSameServer ? url.href.replace(/\/+$/, '') : ownUri
}

/** The prefix goes into the path unchanged, so it must not leave the path. */
function normalizePrefix(prefix: string): string {
  const trimmed = prefix.replace(/^\/+|\/+$/g, '')
  const isTraversal = trimmed.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))
  if (isTraversal || /[?#\\\s\p{Cc}]/u.test(trimmed)) throw malformedResponseError('its prefix is not valid in a path')
  return trimmed
}

/** Most catalogs send it percent-encoded, as it is used; a plain one is encoded here. */
function normalizeSeparator(separator: string): string {
  try {
    const decoded = decodeURIComponent(separator)
    if (decoded === '' || decoded.length > 8) throw new RangeError('length')
    return encodeURIComponent(decoded)
  } catch (cause) {
    throw malformedResponseError('its namespace separator is not valid', cause)
  }
}

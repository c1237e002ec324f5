import 'server-only'
import { JsonFields } from '@/lib/iceberg/json-fields'
import { propertyValue } from '@/lib/iceberg/property-value'
import { CONFIG_ANSWER } from './answer-sizes'
import { lifetimeMsOf } from './idempotency-key'
import { DEFAULT_ENDPOINTS } from './rest-endpoints'
import { malformed } from './rest-errors'
import type { RestHttp } from './rest-http'
import { withQuery } from './rest-query'
import type { RestSettings } from './rest-settings'

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
export async function fetchConfig(http: RestHttp, settings: RestSettings): Promise<RestConfig> {
  const { uri, warehouse } = settings
  const url = withQuery(`${uri}/v1/config`, warehouse === null ? {} : { warehouse })
  const { json } = await http.send({ method: 'GET', url, purpose: 'config', size: CONFIG_ANSWER })
  return configOf(json, settings)
}

function configOf(json: Parameters<typeof fieldsOf>[0], settings: RestSettings): RestConfig {
  const fields = fieldsOf(json)
  const { defaults, overrides, endpoints, keyLifetime } = fields
  const properties = { ...defaults, ...overrides }
  return {
    base: baseOf(propertyValue(overrides, 'uri'), settings.uri),
    prefix: prefixOf(settings.prefix ?? propertyValue(properties, 'prefix') ?? ''),
    separator: separatorOf(propertyValue(properties, 'namespace-separator') ?? DEFAULT_SEPARATOR),
    endpoints: new Set(endpoints ?? DEFAULT_ENDPOINTS),
    properties,
    keyLifetimeMs: keyLifetime === null ? null : lifetimeMsOf(keyLifetime),
  }
}

function fieldsOf(json: ConstructorParameters<typeof JsonFields>[0]) {
  try {
    const answer = new JsonFields(json, '')
    if (!answer.has('defaults') && !answer.has('overrides')) throw new Error('neither defaults nor overrides')
    return {
      defaults: answer.textMap('defaults'),
      overrides: answer.textMap('overrides'),
      endpoints: answer.has('endpoints') ? answer.texts('endpoints') : null,
      keyLifetime: answer.has('idempotency-key-lifetime') ? answer.text('idempotency-key-lifetime') : null,
    }
  } catch (cause) {
    throw malformed('its configuration has another form', cause)
  }
}

/** Another path of the same server is followed; to another server credentials are not carried. */
function baseOf(uri: string | null, ours: string): string {
  const url = uri === null ? null : URL.parse(uri)
  const isOurs = url !== null && url.origin === new URL(ours).origin && url.search === '' && url.hash === ''
  return isOurs ? url.href.replace(/\/+$/, '') : ours
}

/** It becomes part of the path as it is, so it must not lead out of it. */
function prefixOf(prefix: string): string {
  const trimmed = prefix.replace(/^\/+|\/+$/g, '')
  const leadsOut = trimmed.split('/').some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))
  if (leadsOut || /[?#\\\s\p{Cc}]/u.test(trimmed)) throw malformed('its prefix is not one of a path')
  return trimmed
}

/** Most name it percent-encoded, as it is used; a plain one is encoded. */
function separatorOf(separator: string): string {
  try {
    const plain = decodeURIComponent(separator)
    if (plain === '' || plain.length > 8) throw new RangeError('length')
    return encodeURIComponent(plain)
  } catch (cause) {
    throw malformed('its namespace separator cannot be used', cause)
  }
}

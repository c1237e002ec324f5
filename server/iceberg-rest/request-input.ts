import 'server-only'
import { AppError } from '@/lib/errors'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import {
  asViewIdentifier,
  type Namespace,
  splitNamespace,
  type TableIdentifier,
  type ViewIdentifier,
} from '@/lib/names/identifiers'
import { JsonFields } from '@/lib/iceberg/json/json-fields'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import { enforceNameLimits } from '@/lib/names/name-limits'
import { readRequest } from '@/lib/iceberg/json/read-request'
import type { RestRequest } from '@/server/http/handle-request'
import { readBodyJson } from '@/server/http/request/read-body-json'
import type { Json, JsonObject } from '@/lib/iceberg/json/json'

/**
 * Enough for a commit that adds thousands of snapshots or columns; Lakekeeper has the same limit. No door accepts more.
 */
export const MAX_BODY_BYTES = 32 * 1024 * 1024

/** A value takes a microsecond to parse, however short it is. Those of a commit have eight characters and more. */
const MAX_BODY_VALUES = 4_000_000

/** A parsed request of the specification: names from the path, the query and the JSON body. */
export type RestInput = {
  catalog: string
  /** Empty when the path names none. */
  namespace: Namespace
  /** The table or view; empty when the path names none. */
  name: string
  /** Empty when the path names none. */
  planId: string
  query: URLSearchParams
  /** Null when the method has no body. */
  body: JsonObject | null
  /** The body as received. Idempotency keys are bound to it. */
  bodyText: string
}

/** Next.js passes params to route handlers percent-decoded, so `%1F` has already become the separator. */
export type RestParams = Record<string, string | string[] | undefined>

/** Positions of names in `/iceberg/v1/{prefix}/namespaces/{namespace}/tables/{table}`. */
const SEGMENT_INDEXES = { prefix: 3, namespace: 5, table: 7, view: 7 } as const

/**
 * Java's clients encode a space as `+`, as in forms, and a plus as `%2B`, as all clients do. After Next.js has decoded
 * them both look the same, so this decodes the original URL.
 */
function decodeFormSegment(segment: string): string {
  return decodeURIComponent(segment.replaceAll('+', ' '))
}

/** @throws {AppError} invalid-request, too-large */
export async function readInput(request: RestRequest, params: RestParams): Promise<RestInput> {
  const text = request.method === 'POST' ? await readBodyJson(request, MAX_BODY_BYTES) : ''
  const url = new URL(request.url)
  const segments = url.pathname.split('/')
  const readName = (key: keyof typeof SEGMENT_INDEXES): string => {
    const value = params[key]
    if (typeof value !== 'string') return ''
    return value.includes('+') ? decodeFormSegment(segments[SEGMENT_INDEXES[key]] ?? '') : value
  }
  const catalog = readName('prefix')
  const namespaceText = readName('namespace')
  const namespace = namespaceText === '' ? [] : splitNamespace(namespaceText)
  const name = readName('table') || readName('view')
  enforceNameLimits({ catalog, namespace, table: name })
  return {
    catalog,
    namespace,
    name,
    planId: typeof params['plan-id'] === 'string' ? params['plan-id'] : '',
    query: url.searchParams,
    body: text === '' ? null : requireObject(parseBody(text)),
    bodyText: text,
  }
}

/**
 * The fields of a body that the operation needs.
 *
 * @throws {AppError} invalid-request
 */
export function bodyFields({ body }: RestInput): JsonFields {
  if (body === null) throw new AppError('invalid-request', 'This operation needs a JSON body.')
  return new JsonFields(body, '')
}

/**
 * Parses a `TableIdentifier` in a body: `{ namespace: [...], name }`.
 *
 * @throws {AppError} invalid-request when it has more levels or longer names than anything may have
 */
export function parseTableIdentifier(json: Json, where: string, catalog: string): TableIdentifier {
  const fields = new JsonFields(json, where)
  const identifier = { catalog, namespace: fields.texts('namespace'), table: fields.text('name') }
  enforceNameLimits(identifier)
  return identifier
}

export function tableInPath({ catalog, namespace, name }: RestInput): TableIdentifier {
  return { catalog, namespace, table: name }
}

export function viewInPath(input: RestInput): ViewIdentifier {
  return asViewIdentifier(tableInPath(input))
}

function parseBody(text: string): Json {
  return readRequest(() => parseExactJson(text, { maxChars: MAX_BODY_BYTES, maxValues: MAX_BODY_VALUES }))
}

function requireObject(json: Json): JsonObject {
  if (isJsonObject(json)) return json
  throw new AppError('invalid-request', 'The body is not a JSON object.')
}

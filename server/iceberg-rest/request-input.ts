import 'server-only'
import { AppError } from '@/lib/errors'
import { parseExactJson } from '@/lib/iceberg/json/exact-json'
import { type Namespace, splitNamespace, type TableIdentifier } from '@/lib/iceberg/identifiers'
import { JsonFields } from '@/lib/iceberg/json/json-fields'
import { isJsonObject } from '@/lib/iceberg/json/json-object'
import { readRequest } from '@/lib/iceberg/json/read-request'
import type { RestRequest } from '@/server/http/handle-request'
import { readBodyJson } from '@/server/http/read-body-json'
import type { Json, JsonObject } from '@/lib/iceberg/json/json'

/** A commit that adds thousands of snapshots or columns; Lakekeeper allows as much. No door takes more. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024

/** A request of the specification, read: names from the path, the query, the JSON body. */
export type RestInput = {
  catalog: string
  /** Empty where the path names none. */
  namespace: Namespace
  /** The table or view; empty where the path names none. */
  name: string
  query: URLSearchParams
  /** Null where the method carries none. */
  body: JsonObject | null
  /** As it came: what an idempotency key is bound to. */
  bodyText: string
}

/** Next.js hands route handlers their params already percent-decoded, so that `%1F` has become the separator. */
export type RestParams = Record<string, string | string[] | undefined>

/** Where names stand in `/iceberg/v1/{prefix}/namespaces/{namespace}/tables/{table}`. */
const SEGMENT_INDEXES = { prefix: 3, namespace: 5, table: 7, view: 7 } as const

/**
 * Java's clients write a blank as `+`, as forms do, and a plus as `%2B`, as everybody does. Once Next.js has decoded
 * them the two look alike, so the address is read itself.
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
  const namespace = readName('namespace')
  return {
    catalog: readName('prefix'),
    namespace: namespace === '' ? [] : splitNamespace(namespace),
    name: readName('table') || readName('view'),
    query: url.searchParams,
    body: text === '' ? null : requireObject(parseBody(text)),
    bodyText: text,
  }
}

/**
 * The body's fields, where one is needed.
 *
 * @throws {AppError} invalid-request
 */
export function bodyFields({ body }: RestInput): JsonFields {
  if (body === null) throw new AppError('invalid-request', 'This operation needs a JSON body.')
  return new JsonFields(body, '')
}

/** A `TableIdentifier` of a body: `{ namespace: [...], name }`. */
export function parseTableIdentifier(json: Json, where: string, catalog: string): TableIdentifier {
  const fields = new JsonFields(json, where)
  return { catalog, namespace: fields.texts('namespace'), table: fields.text('name') }
}

export function tableInPath({ catalog, namespace, name }: RestInput): TableIdentifier {
  return { catalog, namespace, table: name }
}

function parseBody(text: string): Json {
  return readRequest(() => parseExactJson(text, { maxChars: MAX_BODY_BYTES }))
}

function requireObject(json: Json): JsonObject {
  if (isJsonObject(json)) return json
  throw new AppError('invalid-request', 'The body is not a JSON object.')
}

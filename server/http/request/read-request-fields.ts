import 'server-only'
import { AppError } from '@/lib/errors'
import { requireWithinLimits } from '@/lib/iceberg/json/exact-json'
import { readBodyJson } from './read-body-json'

/** A body is a description of work, never the data itself. */
export const MAX_BODY_BYTES = 1024 * 1024

/**
 * The fields of a request outside its path: those of the query or of the JSON body.
 *
 * @throws {AppError} invalid-request, too-large
 */
export async function readRequestFields(request: Request): Promise<object> {
  if (!hasBody(request)) return readQueryFields(new URL(request.url).searchParams)
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw new AppError('invalid-request', 'The body must be application/json.')
  const text = await readBodyJson(request, MAX_BODY_BYTES)
  requireWithinLimits(text)
  const body = parseJson(text)
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body
  throw new AppError('invalid-request', 'The body is not a JSON object.')
}

function readQueryFields(query: URLSearchParams): Record<string, string> {
  const fields = new Map<string, string>()
  for (const [name, value] of query) {
    if (fields.has(name))
      throw new AppError('invalid-request', `The query has the field ${JSON.stringify(name)} twice.`)
    fields.set(name, value)
  }
  return Object.fromEntries(fields)
}

/** Whether the fields of a request are in its body. Otherwise they are in its query. */
function hasBody({ method }: Pick<Request, 'method'>): boolean {
  return method !== 'GET' && method !== 'HEAD' && method !== 'DELETE'
}

/** @throws {AppError} invalid-request */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError('invalid-request', 'The body is not JSON.', { cause })
  }
}

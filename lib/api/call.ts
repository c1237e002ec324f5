import { z } from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'
import { invalidInputError } from '@/lib/contract/shapes/invalid-input'
import { AppError } from '@/lib/errors'
import { fetchOrThrow } from './fetch-or-throw'
import { responseError, unreadableResponseError } from './response-error'

/** Sends a request for an endpoint where there is no browser: while the server renders a page. */
export type PageTransport = (
  endpoint: Pick<Endpoint, 'method' | 'path' | 'permission'>,
  url: string,
  init: RequestInit,
) => Promise<Response>

/**
 * `isRetry`: the user clicked *Try again*, so the server contacts a catalog that just failed to answer at once.
 * `transport`: sends the request instead of `fetch`.
 */
export type CallOptions = { signal?: AbortSignal; isRetry?: boolean; transport?: PageTransport | undefined }

/**
 * Calls one of our own endpoints and returns its parsed output. Endpoints that return bytes are not called but fetched.
 *
 * @throws {AppError} with the server's code, facts and request id; `invalid-request` before anything is sent when the
 *   contract refuses the input, `server-unreachable` without a response, `cancelled` when `signal` was aborted,
 *   `internal` when the response is not one of ours
 */
export async function call<I extends z.ZodObject, O extends z.ZodType>(
  endpoint: Endpoint<I, O>,
  input: z.output<I>,
  { signal, isRetry = false, transport }: CallOptions = {},
): Promise<z.output<O>> {
  const { url, remainingFields } = encodeRequest(endpoint, input)
  const hasBody = endpoint.method === 'POST' || endpoint.method === 'PUT'
  const init: RequestInit = {
    method: endpoint.method,
    headers: {
      ...(hasBody && { 'content-type': 'application/json' }),
      ...(isRetry && { 'cache-control': 'no-cache' }),
    },
    ...(hasBody && { body: JSON.stringify(remainingFields) }),
    ...(signal && { signal }),
  }
  const response = await (transport ? transport(endpoint, url, init) : fetchOrThrow(url, init))
  const body: unknown = await response.json().catch((cause: unknown) => {
    if (signal?.aborted) throw cancelledError(cause)
    return undefined // not JSON: reported below
  })
  if (!response.ok) throw responseError(response, body)
  const output = endpoint.output.safeParse(body)
  if (output.success) return output.data
  throw unreadableResponseError(response, output.error)
}

function encodeRequest<I extends z.ZodObject>(
  { method, path, input: schema }: Pick<Endpoint<I>, 'method' | 'path' | 'input'>,
  input: z.output<I>,
): { url: string; remainingFields: Record<string, unknown> } {
  // Text that a user typed gets here, such as an empty ref or a name with control characters.
  const encoded = z.safeEncode(schema, input)
  if (!encoded.success) throw invalidInputError(encoded.error, { input })
  const fields: Record<string, unknown> = { ...encoded.data }
  const filledPath = path.replace(/:(\w+)/g, (_, name: string) => {
    const value = String(fields[name])
    delete fields[name]
    // A URL takes them for steps in its path, percent-encoded too: the request would go to another endpoint.
    if (value === '.' || value === '..')
      throw new AppError('invalid-request', `Nothing can be named ${value}: an address takes it for a relative path.`)
    return encodeURIComponent(value)
  })
  const hasBody = method === 'POST' || method === 'PUT'
  return { url: hasBody ? filledPath : filledPath + queryString(fields), remainingFields: fields }
}

function queryString(fields: Record<string, unknown>): string {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return entries.length ? `?${new URLSearchParams(entries.map(([k, v]) => [k, String(v)]))}` : ''
}

function cancelledError(cause: unknown): AppError {
  return new AppError('cancelled', 'The request was cancelled.', { cause })
}

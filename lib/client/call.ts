import { z } from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'
import { problem } from '@/lib/contract/problem'
import { AppError } from '@/lib/errors'

/** `isRetry`: a person tries again, so the server asks a catalog that was silent a moment ago at once. */
export type Sending = { signal?: AbortSignal; isRetry?: boolean }

/**
 * Calls one of our own endpoints and returns its parsed output. Endpoints that answer bytes are not called but
 * fetched, at {@link addressOf}.
 *
 * @throws {AppError} with the server's code, facts and request id; `invalid-request` before anything is sent when the
 *   contract refuses the input, `server-unreachable` when there was no answer, `cancelled` when `signal` was aborted,
 *   `internal` when the answer is not one of ours
 */
export async function call<I extends z.ZodObject, O extends z.ZodType>(
  endpoint: Endpoint<I, O>,
  input: z.output<I>,
  { signal, isRetry = false }: Sending = {},
): Promise<z.output<O>> {
  const { address, rest } = place(endpoint, input)
  const hasBody = endpoint.method === 'POST' || endpoint.method === 'PUT'
  const response = await fetchOrSayWhy(address, {
    method: endpoint.method,
    headers: {
      ...(hasBody && { 'content-type': 'application/json' }),
      ...(isRetry && { 'cache-control': 'no-cache' }),
    },
    ...(hasBody && { body: JSON.stringify(rest) }),
    ...(signal && { signal }),
  })
  const body: unknown = await response.json().catch((cause: unknown) => {
    if (signal?.aborted) throw cancelled(cause)
    return undefined // not JSON: said below
  })
  if (!response.ok) throw problemFrom(response, body)
  const output = endpoint.output.safeParse(body)
  if (output.success) return output.data
  throw unreadable(response, output.error)
}

/**
 * Where an endpoint is with this input: path and, where it has no body, query.
 *
 * @throws {AppError} invalid-request when the contract refuses the input
 */
export function addressOf<I extends z.ZodObject>(
  endpoint: Pick<Endpoint<I>, 'method' | 'path' | 'input'>,
  input: z.output<I>,
): string {
  return place(endpoint, input).address
}

/** Like `fetch`, with a failure to reach the server as an AppError. */
export async function fetchOrSayWhy(address: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(address, init)
  } catch (cause) {
    if (init.signal?.aborted) throw cancelled(cause)
    throw new AppError('server-unreachable', 'No answer came from the server.', { cause })
  }
}

/** The AppError that a refused answer stands for. */
export function problemFrom(response: Response, body: unknown): AppError {
  const told = problem.safeParse(body)
  if (!told.success) return unreadable(response, told.error)
  const { code, detail, facts, requestId } = told.data
  return new AppError(code, detail, { facts, requestId })
}

function place<I extends z.ZodObject>(
  { method, path, input: schema }: Pick<Endpoint<I>, 'method' | 'path' | 'input'>,
  input: z.output<I>,
): { address: string; rest: Record<string, unknown> } {
  // What a person typed reaches this, an empty ref or a name with control characters among it.
  const encoded = z.safeEncode(schema, input)
  if (!encoded.success) throw new AppError('invalid-request', z.prettifyError(encoded.error), { cause: encoded.error })
  const fields: Record<string, unknown> = { ...encoded.data }
  const filled = path.replace(/:(\w+)/g, (_, name: string) => {
    const value = String(fields[name])
    delete fields[name]
    return encodeURIComponent(value)
  })
  const hasBody = method === 'POST' || method === 'PUT'
  return { address: hasBody ? filled : filled + queryString(fields), rest: fields }
}

function queryString(fields: Record<string, unknown>): string {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return entries.length ? `?${new URLSearchParams(entries.map(([k, v]) => [k, String(v)]))}` : ''
}

function cancelled(cause: unknown): AppError {
  return new AppError('cancelled', 'The request was cancelled.', { cause })
}

function unreadable(response: Response, cause: unknown): AppError {
  const requestId = response.headers.get('x-request-id')
  return new AppError('internal', `The server's answer (status ${response.status}) cannot be read.`, {
    cause,
    ...(requestId !== null && { requestId }),
  })
}

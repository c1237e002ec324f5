import { afterEach, beforeEach, type Mock, vi } from 'vitest'
import * as z from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { getSession, type Session } from '@/lib/contract/session'
import type { Problem } from '@/lib/contract/shapes/problem'
import { AppError, ERROR_CODES } from '@/lib/errors'

/** The user of `renderInTable`, who is the same for the server. */
export const signedIn: { session: Session | null } = { session: null }

type Fetch = (address: string, init?: RequestInit) => Promise<Response>
type JsonEndpoint = Endpoint<z.ZodObject, z.ZodType>

/** Paths with a fixed name come before those with a parameter in its position. */
const ROUTES = ENDPOINTS.filter(({ endpoint }) => typeof endpoint.output !== 'string')
  .map(({ endpoint }) => ({ endpoint: endpoint as JsonEndpoint, steps: endpoint.path.split('/') }))
  .toSorted((a, b) => parameterCount(a.steps) - parameterCount(b.steps))

/**
 * Answers the requests of a test file instead of the server. It is called once, at the top of the file. The function
 * that it returns is called with the endpoint and the input of each request; it returns the output, or throws the
 * server's refusal. Until a test gives it an implementation, the server is unreachable. The session is that of
 * `renderInTable`.
 *
 * Inputs are decoded and outputs encoded by the contract, as the server does. An input or an output that the contract
 * does not allow fails the test.
 *
 * @param others answers requests that are not for JSON, such as those for the bytes of a file
 */
export function stubApi({ others }: { others?: Fetch } = {}): Mock {
  const answer = vi.fn()
  const breaches: string[] = []
  beforeEach(() => {
    vi.stubGlobal('fetch', async (address: string, init: RequestInit = {}) => {
      const found = findEndpoint(address, init)
      if (found === null && others !== undefined) return await others(address, init)
      try {
        if (found === null) throw new Error('The contract has no such endpoint')
        return await orAborted(respond(found, init, answer), init.signal)
      } catch (error) {
        const breach = error instanceof z.ZodError ? z.prettifyError(error) : found === null ? String(error) : null
        if (breach !== null) breaches.push(`${init.method ?? 'GET'} ${address}\n${breach}`)
        throw error
      }
    })
  })
  afterEach(() => {
    answer.mockReset()
    signedIn.session = null
    const found = breaches.splice(0)
    if (found.length > 0) throw new Error(`The contract does not allow:\n${found.join('\n')}`)
  })
  return answer
}

type Found = { endpoint: JsonEndpoint; pathFields: Record<string, string>; query: URLSearchParams }

function findEndpoint(address: string, { method = 'GET' }: RequestInit): Found | null {
  const { pathname, searchParams: query } = new URL(address, 'http://lake')
  const given = pathname.split('/')
  for (const { endpoint, steps } of ROUTES) {
    if (endpoint.method !== method || steps.length !== given.length) continue
    if (!steps.every((step, index) => step.startsWith(':') || step === given[index])) continue
    const pathFields = steps.flatMap((step, index) =>
      step.startsWith(':') ? [[step.slice(1), decodeURIComponent(given[index] ?? '')]] : [],
    )
    return { endpoint, pathFields: Object.fromEntries(pathFields), query }
  }
  return null
}

async function respond({ endpoint, pathFields, query }: Found, { body }: RequestInit, answer: Mock): Promise<Response> {
  const fields = typeof body === 'string' ? (JSON.parse(body) as object) : Object.fromEntries(query)
  const input = z.strictObject(endpoint.input.shape).parse({ ...fields, ...pathFields })
  try {
    const isKnown =
      endpoint.path === getSession.path && endpoint.method === getSession.method && signedIn.session !== null
    const output: unknown = isKnown ? signedIn.session : await answer(endpoint, input)
    if (output === undefined) throw new TypeError('Failed to fetch')
    return Response.json(z.encode(endpoint.output, output))
  } catch (error) {
    if (error instanceof AppError) return refusal(error)
    throw error
  }
}

function refusal({ code, message, facts }: AppError): Response {
  const { status, title } = ERROR_CODES[code]
  const requestId = 'r1'
  const body: Problem = { type: `/problems/${code}`, title, status, detail: message, requestId, code, facts }
  return Response.json(body, { status })
}

/** As `fetch` does: the page hears of the abort at once, whatever the answer does. */
async function orAborted(response: Promise<Response>, signal: AbortSignal | null | undefined): Promise<Response> {
  if (!signal) return await response
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([response, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function parameterCount(steps: readonly string[]): number {
  return steps.filter((step) => step.startsWith(':')).length
}

import 'server-only'
import NextAuth, { type AuthOptions } from 'next-auth'
import { AppError } from '@/lib/errors'
import { defaultExport } from '@/server/auth/sign-in/default-export'
import { authOptions } from '@/server/auth/sign-in/next-auth'
import type { Services } from '@/server/services'
import { type RouteContext, requestIdOf, withCommonHeaders } from './handle-request'
import { readBodyText } from './request/read-body-text'
import { refuseCrossOrigin } from './request/cross-origin'
import { problemResponse } from './problem-response'
import { isWellEncoded } from './request/well-encoded'
import { parseJson } from './request/read-request-fields'

/** The body has a name, a password and a CSRF token of next-auth. */
const MAX_BODY_BYTES = 16 * 1024

/** The part of a request that next-auth reads through its interface for plain Node, which works without Next. */
type AuthRequest = {
  method: string
  headers: Record<string, string>
  cookies: Record<string, string>
  query: Record<string, string | string[]>
  body: Record<string, unknown> | undefined
}

const handleAuth = defaultExport(NextAuth) as unknown as (
  request: AuthRequest,
  response: AuthResponse,
  options: AuthOptions,
) => Promise<void>

/** next-auth's own routes, behind the same checks as ours. */
export async function serveNextAuth(services: Services, request: Request, context: RouteContext): Promise<Response> {
  const requestId = requestIdOf(request)
  try {
    refuseCrossOrigin(services.config, request)
    const { '*': nextauth = [] } = await context.params
    const { method, url, headers } = request
    const response = new AuthResponse()
    const authRequest: AuthRequest = {
      method,
      headers: Object.fromEntries(headers),
      cookies: parseCookies(headers.get('cookie')),
      query: { ...Object.fromEntries(new URL(url).searchParams), nextauth },
      body:
        method === 'POST'
          ? parseFields(headers.get('content-type'), await readBodyText(request, MAX_BODY_BYTES))
          : undefined,
    }
    const failures: AppError[] = []
    await handleAuth(
      authRequest,
      response,
      authOptions(services, requestId, (failure) => failures.push(failure)),
    )
    const [failure] = failures
    // next-auth's own response is not sent: it removes the cookie of a session that may still be open.
    if (failure) throw failure
    return withCommonHeaders(response.toResponse(), requestId)
  } catch (error) {
    const problem = problemResponse(services.log, error, {
      requestId,
      endpoint: `${request.method} /api/auth`,
      userId: null,
    })
    return withCommonHeaders(problem, requestId)
  }
}

/** The response that next-auth writes to. */
class AuthResponse {
  readonly #headers = new Map<string, string | string[]>()
  #status = 200
  #body: string | null = null

  status(status: number): this {
    this.#status = status
    return this
  }

  getHeader(name: string): string | string[] | undefined {
    return this.#headers.get(name.toLowerCase())
  }

  setHeader(name: string, value: string | string[]): this {
    this.#headers.set(name.toLowerCase(), value)
    return this
  }

  json(body: unknown): void {
    this.setHeader('content-type', 'application/json').send(body)
  }

  send(body: unknown): void {
    this.#body = typeof body === 'string' ? body : JSON.stringify(body ?? null)
  }

  end(): void {
    this.#body = null
  }

  toResponse(): Response {
    const response = new Response(this.#body, { status: this.#status })
    for (const [name, value] of this.#headers) {
      response.headers.delete(name)
      for (const one of [value].flat()) response.headers.append(name, one)
    }
    return response
  }
}

/** @throws {AppError} invalid-request */
function parseFields(contentType: string | null, text: string): AuthRequest['body'] {
  if (contentType?.includes('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(text))
  if (!contentType?.includes('application/json')) return undefined
  const fields = parseJson(text)
  if (typeof fields === 'object' && fields !== null) return { ...fields }
  throw new AppError('invalid-request', 'The body is not a JSON object.')
}

/** Values with an invalid encoding are left as they are: our cookies never have one. */
function parseCookies(header: string | null): Record<string, string> {
  const pairs = (header?.split(';') ?? []).map((pair) => {
    const [name = '', ...rest] = pair.split('=')
    const value = rest.join('=').trim()
    return [name.trim(), isWellEncoded(value) ? decodeURIComponent(value) : value] as const
  })
  return Object.fromEntries(pairs.filter(([name]) => name !== ''))
}

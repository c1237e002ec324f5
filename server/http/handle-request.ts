import 'server-only'
import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { invalidInputError, unknownFieldsError } from '@/lib/contract/shapes/invalid-input'
import { AppError } from '@/lib/errors'
import type { Resource } from '@/lib/permissions'
import { type Actor, requirePermission } from '@/server/auth/actor'
import { type Caller, identifyCaller } from '@/server/auth/caller'
import { RefusedPermission } from '@/server/auth/refused-permission'
import { hasBearer } from '@/server/auth/authenticate-bearer'
import type { Services } from '@/server/services'
import { clock } from '@/server/timing/clock'
import type { AddressParams } from './address-index'
import type { RequestBody } from './request/read-body-text'
import { refuseCrossOrigin } from './request/cross-origin'
import { problemResponse } from './problem-response'
import { readRequestFields } from './request/read-request-fields'

/** The parameters of the address, decoded. */
export type RouteContext = { params: Promise<AddressParams> }

/** An endpoint of the contract with its handler. `handle` implements the whole contract of the endpoint. */
export type ServedEndpoint = {
  endpoint: Pick<Endpoint, 'method' | 'path'>
  handle(request: Request, context: RouteContext): Promise<Response>
}
export type RequestContext = Caller & { signal: AbortSignal; requestId: string }

/**
 * The common part of all endpoints. It checks, in this order, whether another site sent the request, who the caller is,
 * whether the input is valid, and whether the caller has the permission. Every response has a request id, is not cached
 * unless it says so, and reports a failure in one shape.
 */
export async function handleRequest<I extends z.ZodObject>(
  services: Services,
  endpoint: Endpoint<I>,
  request: Request,
  context: RouteContext,
  work: (input: z.output<I>, requestContext: RequestContext) => Promise<Response>,
): Promise<Response> {
  const requestId = requestIdOf(request)
  const startedAtMs = clock.elapsedMs()
  const endpointName = `${endpoint.method} ${endpoint.path}`
  let caller: Caller | null = null
  let response: Response
  let resource: Resource = {}
  try {
    refuseCrossOrigin(services.config, request)
    caller = await identifyCaller(services, request, endpoint)
    const { actor } = caller
    const fields = await readRequestFields(request)
    refuseUnknownFields(endpoint, fields)
    const input = parseInput(endpoint, { ...fields, ...(await context.params) })
    resource = resourceOf(input)
    requirePermissions(caller, endpoint, input)
    const { catalog } = resource
    if (catalog !== undefined && isRetry(request)) await services.catalogs.resetAvailability(catalog, actor)
    response = await work(input, { ...caller, signal: request.signal, requestId })
  } catch (error) {
    if (caller !== null && isRefusedWrite(endpoint, error)) {
      const { actor } = caller
      await services.refusals.recordRequest(error, { actor, operation: operationOf(endpoint), on: resource, requestId })
    }
    response = problemResponse(services.log, error, {
      requestId,
      endpoint: endpointName,
      userId: caller?.session.userId ?? null,
      signal: request.signal,
    })
    if (response.status === 401) response.headers.set('www-authenticate', challengeFor(request))
  }
  const log = endpoint.method === 'GET' ? services.log.debug : services.log.info
  log('request', {
    endpoint: endpointName,
    status: response.status,
    durationMs: Math.round(clock.elapsedMs() - startedAtMs),
    requestId,
    userId: caller?.session.userId ?? null,
  })
  return withCommonHeaders(response, requestId)
}

/** RFC 6750 section 3. Browsers show no dialog for this scheme. */
export function challengeFor(request: Request): string {
  return hasBearer(request) ? 'Bearer realm="lakeshore", error="invalid_token"' : 'Bearer realm="lakeshore"'
}

/** The part of a request that comes before its body. */
export type RequestHead = Pick<Request, 'method' | 'url' | 'headers'>

/** The part of a request that the REST catalog reads. A `Request` has more and takes longer to create. */
export type RestRequest = RequestHead & RequestBody & Pick<Request, 'signal'>

/** Taken from the client if it looks like an id, so that one id follows a request through several servers. */
export function requestIdOf(request: Pick<RequestHead, 'headers'>): string {
  const clientRequestId = request.headers.get('x-request-id')
  return clientRequestId !== null && /^[\w.-]{1,64}$/.test(clientRequestId) ? clientRequestId : randomUUID()
}

export function withCommonHeaders<Reply extends { headers: Pick<Headers, 'has' | 'set'> }>(
  response: Reply,
  requestId: string,
): Reply {
  response.headers.set('x-request-id', requestId)
  response.headers.set('x-content-type-options', 'nosniff')
  response.headers.set('cross-origin-resource-policy', 'same-origin')
  // A response that a browser opens as a page loads and runs nothing.
  response.headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
  if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store')
  return response
}

/** `Cache-Control: no-cache` (RFC 9111 section 5.2.1.4): the client accepts no cached result. */
function isRetry({ headers }: Request): boolean {
  const directives = headers.get('cache-control')?.split(',') ?? []
  return directives.some((directive) => directive.trim().toLowerCase() === 'no-cache')
}

/** A misspelt field would silently have another effect, such as returning all rows instead of those of a filter. */
function refuseUnknownFields(endpoint: Endpoint, fields: object): void {
  const unknown = Object.keys(fields).filter((name) => !Object.hasOwn(endpoint.input.shape, name))
  if (unknown.length > 0) throw unknownFieldsError(unknown, unchangedOf(endpoint))
}

function parseInput<I extends z.ZodObject>(endpoint: Endpoint<I>, fields: object): z.output<I> {
  const parsed = endpoint.input.safeParse(fields)
  if (parsed.success) return parsed.data
  throw invalidInputError(parsed.error, { input: fields, ...unchangedOf(endpoint) })
}

/** The sentence of a refusal about changes; empty if the endpoint only reads. */
function unchangedOf(endpoint: Pick<Endpoint, 'method' | 'permission'>): { unchanged?: string } {
  return isReading(endpoint) ? {} : { unchanged: 'Nothing was changed.' }
}

/** A clone reads the table of its address and writes another one: then the permission that was refused decides. */
function isRefusedWrite(endpoint: Pick<Endpoint, 'method' | 'permission'>, error: unknown): boolean {
  if (!isReading(endpoint)) return true
  return endpoint.method !== 'GET' && error instanceof RefusedPermission && !error.permission.endsWith(':read')
}

function isReading({ method, permission }: Pick<Endpoint, 'method' | 'permission'>): boolean {
  return method === 'GET' || permission.endsWith(':read')
}

/** The name of the endpoint in the contract: `commitChanges`. */
function operationOf({ method, path }: Pick<Endpoint, 'method' | 'path'>): string {
  const found = ENDPOINTS.find(({ endpoint }) => endpoint.method === method && endpoint.path === path)
  return found?.name ?? `${method} ${path}`
}

/**
 * Every user has `signed-in`, and every user without a token has `browser-session`. Other permissions are required on
 * every resource.
 */
function requirePermissions<I extends z.ZodObject>(
  { actor, session }: { actor: Actor; session: { sessionId: string | null } },
  endpoint: Endpoint<I>,
  input: z.output<I>,
): void {
  const { permission } = endpoint
  if (permission === 'signed-in') return
  if (permission === 'browser-session') {
    if (session.sessionId !== null) return
    throw new AppError('forbidden', 'A token cannot do this. Sign in to the console instead.')
  }
  const resources = endpoint.resources?.(input) ?? [resourceOf(input)]
  if (resources.length === 0) throw new Error(`${endpoint.path} names no resource to check ${permission} on`)
  for (const resource of resources) requirePermission(actor, permission, resource)
}

/** The resource that an input names: path fields are `catalog`, `namespace`, `table` in every endpoint. */
function resourceOf(input: Record<string, unknown>): Resource {
  const { catalog, namespace, table } = input as Resource
  return { ...(catalog && { catalog }), ...(namespace && { namespace }), ...(table && { table }) }
}

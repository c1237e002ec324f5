import 'server-only'
import { UPLOADS_PATH } from '@/lib/contract/shapes/plain-values'
import { AddressIndex } from '@/server/http/address-index'
import type { RouteContext, ServedEndpoint } from '@/server/http/handle-request'
import { ReadinessProbe } from '@/server/http/readiness'
import { serveNextAuth } from '@/server/http/serve-next-auth'
import { endProviderSession, finishProviderSignIn, startProviderSignIn } from '@/server/http/serve-oidc'
import { tusCreationHandlers, tusUploadHandlers } from '@/server/http/tus/serve-tus'
import { unknownAddressHandlers, refuseOtherMethods } from '@/server/http/refusals'
import { OPERATIONS } from '@/server/iceberg-rest/operations'
import type { RestRoutes } from '@/server/iceberg-rest/routes'
import type { Log } from '@/server/log'
import type { Services } from '@/server/services'
import { createEndpoints } from './endpoints'
import { ROUTE_METHODS, type RouteMethod } from './program'

type Handler = (request: Request, context: RouteContext) => Response | Promise<Response>
export type Handlers = Readonly<Record<RouteMethod, Handler>>

/** The handlers of each address that Next has a route for. */
export function createRoutes(services: Services, restRoutes: RestRoutes): AddressIndex<Handlers> {
  const { log } = services
  const probe = new ReadinessProbe(services)
  const nextAuth: Handler = (request, context) => serveNextAuth(services, request, context)
  const byPath = Map.groupBy(createEndpoints(services), ({ endpoint }) => endpoint.path)
  return new AddressIndex<Handlers>([
    ...[...byPath].map(([path, served]) => {
      const handlers = createHandlers(log, served)
      // Files are uploaded where uploads are listed.
      return [path, path === UPLOADS_PATH ? { ...handlers, ...tusCreationHandlers(services) } : handlers] as const
    }),
    [`${UPLOADS_PATH}/:upload`, tusUploadHandlers(services)],
    ...Object.values(OPERATIONS).map(({ path }) => [`/iceberg${path}`, restRoutes.routeFor(path)] as const),
    ['/iceberg/*', restRoutes.unknownRoute],
    ['/api/auth/*', { ...refuseOtherMethods(log, 'GET', 'POST'), GET: nextAuth, HEAD: nextAuth, POST: nextAuth }],
    ['/api/auth/oidc', onlyGet(log, (request) => startProviderSignIn(services, request))],
    ['/api/auth/oidc/callback', onlyGet(log, (request) => finishProviderSignIn(services, request))],
    ['/api/auth/oidc/sign-out', onlyGet(log, (request) => endProviderSession(services, request))],
    ['/api/*', unknownAddressHandlers(log)],
    ['/healthz', forEveryMethod(respondAlive)],
    ['/readyz', forEveryMethod(() => probe.response())],
  ])
}

/** HEAD is handled as GET; the sender of the response leaves its body out. */
function createHandlers(log: Log, served: readonly ServedEndpoint[]): Handlers {
  const refusals = refuseOtherMethods(log, ...served.map(({ endpoint }) => endpoint.method))
  const handlers: Record<RouteMethod, Handler> = { ...refusals }
  for (const { endpoint, handle } of served) {
    handlers[endpoint.method] = handle
    if (endpoint.method === 'GET') handlers.HEAD = handle
  }
  return handlers
}

/** A HEAD request would use up the values that the browser came back with. */
function onlyGet(log: Log, handler: Handler): Handlers {
  return { ...refuseOtherMethods(log, 'GET'), GET: handler }
}

function forEveryMethod(handler: Handler): Handlers {
  return Object.fromEntries(ROUTE_METHODS.map((method) => [method, handler])) as Handlers
}

/** Checks nothing: a response proves that the process runs. */
function respondAlive(): Response {
  return Response.json({ alive: true }, { headers: { 'cache-control': 'no-store' } })
}

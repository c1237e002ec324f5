import 'server-only'
import type { RouteContext, ServedEndpoint } from '@/server/http/answer'
import { readinessResponse } from '@/server/http/readiness'
import { serveNextAuth } from '@/server/http/serve-next-auth'
import { unknownAddress, wrongMethod } from '@/server/http/wrong-method'
import { OPERATIONS } from '@/server/iceberg-rest/operations'
import { routeOf, UNKNOWN_ROUTE } from '@/server/iceberg-rest/routes'
import { ENDPOINTS } from './endpoints'
import { ROUTE_METHODS, type RouteMethod } from './program'

type Handler = (request: Request, context: RouteContext) => Response | Promise<Response>
export type Handlers = Readonly<Record<RouteMethod, Handler>>

/** What answers each address that Next has a route for, by the template of the address. */
export const ROUTES: ReadonlyMap<string, Handlers> = new Map<string, Handlers>([
  ...[...Map.groupBy(ENDPOINTS, ({ endpoint }) => endpoint.path)].map(
    ([path, served]) => [path, handlersOf(served)] as const,
  ),
  ...Object.values(OPERATIONS).map(({ path }) => [`/iceberg${path}`, routeOf(path)] as const),
  ['/iceberg/*', UNKNOWN_ROUTE],
  ['/api/auth/*', { ...wrongMethod('GET', 'POST'), GET: serveNextAuth, HEAD: serveNextAuth, POST: serveNextAuth }],
  ['/api/*', unknownAddress],
  ['/healthz', everyMethod(alive)],
  ['/readyz', everyMethod(readinessResponse)],
])

/** A HEAD is answered as the GET it stands for; whoever sends the answer leaves its body out. */
function handlersOf(served: readonly ServedEndpoint[]): Handlers {
  const refusing = wrongMethod(...served.map(({ endpoint }) => endpoint.method))
  const handlers: Record<RouteMethod, Handler> = { ...refusing }
  for (const { endpoint, handle } of served) {
    handlers[endpoint.method] = handle
    if (endpoint.method === 'GET') handlers.HEAD = handle
  }
  return handlers
}

function everyMethod(handler: Handler): Handlers {
  return Object.fromEntries(ROUTE_METHODS.map((method) => [method, handler])) as Handlers
}

/** The process answers; nothing else is looked at. */
function alive(): Response {
  return Response.json({ alive: true }, { headers: { 'cache-control': 'no-store' } })
}

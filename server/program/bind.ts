import 'server-only'
import { ROUTE_METHODS, type RouteMethod } from './program'
import { runningProgram } from './slot'

/**
 * Binds routes of Next to the running program. This module and its imports have no state, because Next bundles a
 * second copy of them.
 */

/**
 * Next decodes params before it passes them to a route. `path` has the segments below the root of the route; a route
 * without parameters gets undefined.
 */
type NextContext = { params: Promise<Record<string, string | string[] | undefined> | undefined> }

type RouteHandlers = Record<RouteMethod, (request: Request, context: NextContext) => Promise<Response>>

/**
 * The route of every address at and below `root`. The program finds the endpoint, and refuses addresses and methods
 * that no endpoint has.
 *
 * @param root where the file of the route is: `/api/v1/catalogs/:catalog/namespaces` is
 *   `app/api/v1/catalogs/[catalog]/namespaces/[[...path]]/route.ts`
 * @example export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindAddresses('/api/v1/tokens')
 */
export function bindAddresses(root: `/${string}`): RouteHandlers {
  const names = root.split('/').slice(1)
  return Object.fromEntries(
    ROUTE_METHODS.map((method) => [
      method,
      async (request: Request, context: NextContext) => {
        const params = (await context.params) ?? {}
        const rootSegments = names.map((name) => (name.startsWith(':') ? String(params[name.slice(1)]) : name))
        const below = params['path']
        const segments = [...rootSegments, ...(Array.isArray(below) ? below : [])]
        return await runningProgram().handle(method, segments, request)
      },
    ]),
  ) as RouteHandlers
}

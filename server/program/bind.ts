import 'server-only'
import type { Endpoint } from '@/lib/contract/endpoint'
import type { RouteContext } from '@/server/http/handle-request'
import type { Operation } from '@/server/iceberg-rest/operations'
import { ROUTE_METHODS, type RouteMethod } from './program'
import { runningProgram } from './slot'

/**
 * Binds routes of Next to the running program. This module and its imports have no state, because Next bundles a
 * second copy of them.
 */

type RouteHandlers = Record<RouteMethod, (request: Request, context: RouteContext) => Promise<Response>>

/**
 * The route of the endpoints at one path of the contract. The program refuses methods that none of them has.
 *
 * @example export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = bindEndpoints(listTokens, createToken)
 */
export function bindEndpoints(first: EndpointPath, ...others: readonly EndpointPath[]): RouteHandlers {
  const mismatch = others.find(({ path }) => path !== first.path)
  if (mismatch) throw new Error(`One route cannot serve both ${first.path} and ${mismatch.path}.`)
  return bindAddress(first.path)
}

type EndpointPath = Pick<Endpoint, 'path'>

/** The route of the REST catalog's operations at one path of the specification. */
export function bindOperations(path: Operation['path']): RouteHandlers {
  return bindAddress(`/iceberg${path}`)
}

/** The route of an address, given as its template in `routes.ts`. */
export function bindAddress(path: string): RouteHandlers {
  return Object.fromEntries(
    ROUTE_METHODS.map((method) => [
      method,
      (request: Request, context: RouteContext) => runningProgram().handle(method, path, request, context),
    ]),
  ) as RouteHandlers
}

import { decodeSegments } from '@/server/http/address-index'
import { ROUTE_METHODS } from '@/server/program/program'
import type { Services } from '@/server/services'
import { installTestProgram } from '@/testing/http/route-handler'

/** Handles a request to `/iceberg/v1/…` with a test's program, as the route of the REST catalog does. */
export function handleRestRequest(services: Services, request: Request): Promise<Response> {
  const method = ROUTE_METHODS.find((one) => one === request.method)
  if (!method) throw new Error(`no route takes ${request.method}`)
  return installTestProgram(services).handle(method, decodeSegments(new URL(request.url).pathname), request)
}

import { OPERATIONS } from '@/server/iceberg-rest/operations'
import { ROUTE_METHODS } from '@/server/program/program'
import type { Services } from '@/server/services'
import { installTestProgram } from '@/testing/http/route-handler'

/** Handles a request to `/iceberg/v1/…` with a test's program. It matches and decodes the path as Next does. */
export function handleRestRequest(services: Services, request: Request): Promise<Response> {
  const { route, params } = matchRoute(new URL(request.url).pathname.slice('/iceberg'.length))
  const method = ROUTE_METHODS.find((one) => one === request.method)
  if (!method) throw new Error(`no route takes ${request.method}`)
  return installTestProgram(services).handle(method, `/iceberg${route}`, request, { params: Promise.resolve(params) })
}

function matchRoute(pathname: string) {
  const parts = pathname.split('/')
  for (const { path } of Object.values(OPERATIONS)) {
    const names = path.split('/')
    if (names.length !== parts.length) continue
    const isMatch = names.every((name, index) => name.startsWith('{') || name === parts[index])
    if (!isMatch) continue
    const params = names.flatMap((name, index) =>
      name.startsWith('{') ? [[name.slice(1, -1), decodeURIComponent(parts[index] ?? '')] as const] : [],
    )
    return { route: path, params: Object.fromEntries(params) }
  }
  throw new Error(`no operation has the path ${pathname}`)
}

import 'server-only'
import { AppError } from '@/lib/errors'
import type { Log } from '@/server/log'
import { type RequestHead, requestIdOf, withCommonHeaders } from './handle-request'
import { problemResponse } from './problem-response'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Handlers = Readonly<Record<Method | 'HEAD' | 'OPTIONS', (request: RequestHead) => Response>>

/**
 * Handlers for the methods that a path does not allow. Next's own refusal has neither a problem nor the `Allow` header
 * that RFC 9110 section 15.5.6 requires. OPTIONS lists the allowed methods.
 *
 * @param allowedMethods the methods that the path allows
 */
export function refuseOtherMethods(log: Log, ...allowedMethods: readonly Method[]): Handlers {
  const allow = allowedMethods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ')
  const refusals = everyMethod((request) => {
    const detail = `${request.method} is not allowed here. Allowed methods: ${allow}.`
    const response = refusalResponse(log, request, new AppError('method-not-allowed', detail))
    response.headers.set('allow', allow)
    return response
  })
  return { ...refusals, OPTIONS: () => new Response(null, { status: 204, headers: { allow: `${allow}, OPTIONS` } }) }
}

/** Handlers for an unknown address below `/api`. */
export function unknownAddressHandlers(log: Log): Handlers {
  return everyMethod((request) =>
    refusalResponse(log, request, new AppError('not-found', 'The API has no endpoint at this address.')),
  )
}

/** For an address with an invalid percent sequence. */
export function refuseMalformedAddress(log: Log, request: RequestHead): Response {
  return refusalResponse(
    log,
    request,
    new AppError('invalid-request', 'The address contains an invalid percent sequence.'),
  )
}

function everyMethod(handler: (request: RequestHead) => Response): Handlers {
  return { GET: handler, HEAD: handler, POST: handler, PUT: handler, PATCH: handler, DELETE: handler, OPTIONS: handler }
}

/** The response to a request that is refused because of its first line. */
export function refusalResponse(log: Log, request: RequestHead, error: AppError): Response {
  const requestId = requestIdOf(request)
  const endpoint = `${request.method} ${new URL(request.url).pathname}`
  return withCommonHeaders(problemResponse(log, error, { requestId, endpoint, userId: null }), requestId)
}

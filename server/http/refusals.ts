import 'server-only'
import { AppError } from '@/lib/errors'
import type { Log } from '@/server/log'
import { type RequestHead, requestIdOf, withCommonHeaders } from './handle-request'
import { problemResponse } from './problem-response'

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
type Handlers = Readonly<Record<Method | 'HEAD' | 'OPTIONS', (request: RequestHead) => Response>>

/**
 * Handlers for the methods that a path does not answer: Next's own refusal has neither a problem nor `Allow`, which
 * RFC 9110 section 15.5.6 asks for. OPTIONS says which it does.
 *
 * @param allowedMethods the methods the path does answer
 */
export function refuseOtherMethods(log: Log, ...allowedMethods: readonly Method[]): Handlers {
  const allow = allowedMethods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ')
  const refusals = everyMethod((request) => {
    const detail = `This address takes ${allow}, not ${request.method}.`
    const response = refusalResponse(log, request, new AppError('method-not-allowed', detail))
    response.headers.set('allow', allow)
    return response
  })
  return { ...refusals, OPTIONS: () => new Response(null, { status: 204, headers: { allow: `${allow}, OPTIONS` } }) }
}

/** Handlers for an address below `/api` at which there is nothing. */
export function unknownAddressHandlers(log: Log): Handlers {
  return everyMethod((request) =>
    refusalResponse(log, request, new AppError('not-found', 'There is nothing at this address of the API.')),
  )
}

/** For an address with a percent sequence that is none: nobody can say what it names. */
export function refuseMalformedAddress(log: Log, request: RequestHead): Response {
  return refusalResponse(log, request, new AppError('invalid-request', 'The address is not well encoded.'))
}

function everyMethod(handler: (request: RequestHead) => Response): Handlers {
  return { GET: handler, HEAD: handler, POST: handler, PUT: handler, PATCH: handler, DELETE: handler, OPTIONS: handler }
}

/** The answer to a request that is refused by its first line alone. */
export function refusalResponse(log: Log, request: RequestHead, error: AppError): Response {
  const requestId = requestIdOf(request)
  const endpoint = `${request.method} ${new URL(request.url).pathname}`
  return withCommonHeaders(problemResponse(log, error, { requestId, endpoint, userId: null }), requestId)
}

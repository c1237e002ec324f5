import 'server-only'
import { type Caller, identifyCaller } from '@/server/auth/caller'
import type { Resource } from '@/lib/permissions'
import type { Services } from '@/server/services'
import { clock } from '@/server/timing/clock'
import { TusRefusal } from '@/server/uploads/tus-refusal'
import { challengeFor, requestIdOf, withCommonHeaders } from '../handle-request'
import { problemResponse } from '../problem-response'
import { refuseCrossOrigin } from '../request/cross-origin'
import { requireTusVersion, TUS_VERSION } from './request-headers'

export type TusContext = Caller & {
  signal: AbortSignal
  requestId: string
  /** Sets what the request is for, which the audit of a refusal names. */
  setResource(resource: Resource): void
}

/** The operations, as the audit of a refused one names them. */
export type TusOperation = 'createUpload' | 'readUploadOffset' | 'appendToUpload' | 'removeUpload'

/**
 * The common part of all requests of tus, in the order of `handleRequest`, from which it differs in this: the input is in
 * headers, the body is bytes, and some refusals have a status of the protocol.
 */
export async function handleTusRequest(
  services: Services,
  request: Request,
  operation: TusOperation,
  work: (context: TusContext) => Promise<Response>,
): Promise<Response> {
  const requestId = requestIdOf(request)
  const startedAtMs = clock.elapsedMs()
  let caller: Caller | null = null
  let resource: Resource = {}
  let response: Response
  try {
    refuseCrossOrigin(services.config, request)
    caller = await identifyCaller(services, request)
    requireTusVersion(request.headers)
    response = await work({ ...caller, signal: request.signal, requestId, setResource: (named) => (resource = named) })
  } catch (error) {
    const userId = caller?.session.userId ?? null
    if (caller !== null && operation !== 'readUploadOffset')
      await services.refusals.recordRequest(error, { actor: caller.actor, operation, on: resource, requestId })
    const status = error instanceof TusRefusal ? error.status : undefined
    const context = { requestId, endpoint: operation, userId, signal: request.signal }
    response = problemResponse(services.log, error, { ...context, ...(status !== undefined && { status }) })
    if (response.status === 401) response.headers.set('www-authenticate', challengeFor(request))
    if (response.status === 412) response.headers.set('tus-version', TUS_VERSION)
  }
  // A file has many requests of these two kinds.
  const isFrequent = operation === 'appendToUpload' || operation === 'readUploadOffset'
  const log = isFrequent ? services.log.debug : services.log.info
  log('request', {
    endpoint: operation,
    status: response.status,
    durationMs: Math.round(clock.elapsedMs() - startedAtMs),
    requestId,
    userId: caller?.session.userId ?? null,
  })
  response.headers.set('tus-resumable', TUS_VERSION)
  return withCommonHeaders(response, requestId)
}

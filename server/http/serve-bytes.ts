import 'server-only'
import type { z } from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'
import { AppError } from '@/lib/errors'
import type { Services } from '@/server/services'
import { type RequestContext, handleRequest, type ServedEndpoint } from './handle-request'
import { parseRange } from './request/range'
import { hasMatchingEtag } from './request/matching-etag'

/** A file as it is served over HTTP. `end` is exclusive, as everywhere in the program. */
export type ServedBytes = {
  sizeBytes: number
  /** Changes when the bytes do; without quotes. */
  etag: string
  contentType: string
  cacheControl: string
  open(range: { start: number; end: number }): Promise<ReadableStream<Uint8Array>>
}

/**
 * Serves an endpoint that returns bytes: the same checks as {@link serve}, then GET and HEAD with one byte range
 * (RFC 9110 section 14). A request for several ranges is answered with the whole file, which the RFC allows.
 */
export function serveBytes<I extends z.ZodObject>(
  services: Services,
  endpoint: Endpoint<I, 'bytes'>,
  work: (input: z.output<I>, requestContext: RequestContext) => Promise<ServedBytes>,
): ServedEndpoint {
  return {
    endpoint,
    handle: (request, context) =>
      handleRequest(services, endpoint, request, context, async (input, requestContext) =>
        bytesResponse(request, await work(input, requestContext)),
      ),
  }
}

async function bytesResponse(request: Request, bytes: ServedBytes): Promise<Response> {
  const etag = `"${bytes.etag}"`
  const headers = new Headers({
    'accept-ranges': 'bytes',
    'cache-control': bytes.cacheControl,
    etag,
    // The URL is bound to a user, and several users may share a machine.
    vary: 'Cookie',
  })
  if (hasMatchingEtag(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers })
  headers.set('content-type', bytes.contentType)
  headers.set('content-disposition', 'attachment')

  const ifRange = request.headers.get('if-range')
  const rangeHeader = ifRange === null || ifRange === etag ? request.headers.get('range') : null
  const range = parseRange(rangeHeader, bytes.sizeBytes)
  if (range === 'unsatisfiable') {
    const { sizeBytes } = bytes
    throw new AppError('range-not-satisfiable', `The file has ${sizeBytes} bytes.`, { facts: { sizeBytes } })
  }
  const { start, end } = range ?? { start: 0, end: bytes.sizeBytes }
  headers.set('content-length', String(end - start))
  if (range) headers.set('content-range', `bytes ${start}-${end - 1}/${bytes.sizeBytes}`)
  const body = request.method === 'HEAD' || start === end ? null : await bytes.open({ start, end })
  return new Response(body, { status: range ? 206 : 200, headers })
}

import 'server-only'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { RestReply } from '@/server/iceberg-rest/rest-reply'

/** Between Node's HTTP and what the handlers of the REST catalog take and give. */

/** The request as a route handler is given it. Its signal is aborted when the client leaves before it is answered. */
export function webRequest(request: IncomingMessage, response: ServerResponse): Request {
  const headers = new Headers()
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    headers.append(request.rawHeaders[index] ?? '', request.rawHeaders[index + 1] ?? '')
  }
  const gone = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD'
  return new Request(`http://${request.headers.host ?? 'localhost'}${request.url ?? '/'}`, {
    method: request.method ?? 'GET',
    headers,
    signal: gone.signal,
    ...(hasBody && { body: Readable.toWeb(request) as ReadableStream<Uint8Array>, duplex: 'half' }),
  })
}

export function send(reply: RestReply, request: IncomingMessage, response: ServerResponse): void {
  const headers = Object.fromEntries(reply.headers)
  const hasNone = reply.status === 204 || reply.status === 304
  response.writeHead(reply.status, hasNone ? headers : { ...headers, 'content-length': reply.length })
  response.cork()
  if (request.method !== 'HEAD' && !hasNone) for (const part of reply.parts) response.write(part)
  response.end()
  response.uncork()
}

import 'server-only'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { answeredText } from '@/server/iceberg-rest/serve-operation'

/** Between Node's HTTP and the web's `Request` and `Response`, which our handlers speak. */

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

export async function send(answer: Response, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = answeredText(answer) ?? Buffer.from(await answer.arrayBuffer())
  const headers = Object.fromEntries(answer.headers)
  const hasNone = answer.status === 204 || answer.status === 304
  response.writeHead(answer.status, hasNone ? headers : { ...headers, 'content-length': Buffer.byteLength(body) })
  response.end(request.method === 'HEAD' || hasNone ? undefined : body)
}

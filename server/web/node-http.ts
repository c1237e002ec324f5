import 'server-only'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RequestHead, RestRequest } from '@/server/http/handle-request'
import { StreamedResponse } from '@/server/http/streamed-response'
import type { RestReply } from '@/server/iceberg-rest/rest-reply'
import { clock } from '@/server/timing/clock'

/** Converts between Node's HTTP and the requests and responses of route handlers. */

/** A request without its body. It may have a method that no `Request` can have, and an address that is not a path. */
export function toRequestHead(request: IncomingMessage): RequestHead {
  const headers = new Headers()
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    headers.append(request.rawHeaders[index] ?? '', request.rawHeaders[index + 1] ?? '')
  }
  // The host only: `Request` refuses a URL with a name and a password in it.
  const origin = URL.parse(`http://${request.headers.host}`)?.origin ?? 'http://localhost'
  const { method = 'GET', url = '/' } = request
  return { method, url: origin + (url.startsWith('/') ? url : '/'), headers }
}

/**
 * Sets `X-Forwarded-For` to one address: the last one in the header behind a proxy, otherwise that of the connection.
 * Addresses that a client writes itself are ignored. All handlers read it, also Next.
 */
export function setForwardedFor(request: IncomingMessage, { isBehindProxy }: { isBehindProxy: boolean }): void {
  const forwardedAddress = isBehindProxy
    ? [request.headers[FORWARDED_FOR]].flat().at(-1)?.split(',').at(-1)?.trim()
    : undefined
  const address = forwardedAddress || request.socket.remoteAddress || 'unknown'
  const { rawHeaders } = request
  for (let index = rawHeaders.length - 2; index >= 0; index -= 2) {
    if (rawHeaders[index]?.toLowerCase() === FORWARDED_FOR) rawHeaders.splice(index, 2)
  }
  rawHeaders.push(FORWARDED_FOR, address)
  request.headers[FORWARDED_FOR] = address
}

const FORWARDED_FOR = 'x-forwarded-for'

/** The request as a route handler receives it. */
export function toWebRequest(request: IncomingMessage, response: ServerResponse): Request {
  const { url, method, headers, signal, body } = toRestRequest(request, response)
  return new Request(url, { method, headers, signal, ...(body && { body, duplex: 'half' }) })
}

/** The request as the REST catalog reads it. Its signal is aborted when the client leaves before the response. */
export function toRestRequest(request: IncomingMessage, response: ServerResponse): RestRequest {
  const { url, method, headers } = toRequestHead(request)
  const clientAbort = new AbortController()
  response.once('close', () => {
    if (!response.writableFinished) clientAbort.abort()
  })
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return { url, method, headers, signal: clientAbort.signal, body: hasBody ? toBodyStream(request) : null }
}

/**
 * Reads no bytes before the consumer does, and keeps the connection usable if only a part is read. `Readable.toWeb`
 * would read the first bytes at once, and then neither continue nor let Node discard the rest.
 */
function toBodyStream(request: IncomingMessage): ReadableStream<Uint8Array> {
  let chunks: AsyncIterator<Uint8Array> | null = null
  return new ReadableStream(
    {
      async pull(controller) {
        chunks ??= request.iterator({ destroyOnReturn: false })
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await chunks?.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

/** Sends a response that is complete in memory. */
export function sendReply(reply: RestReply, request: IncomingMessage, response: ServerResponse): void {
  const headers = Object.fromEntries(reply.headers)
  const hasNoBody = reply.status === 204 || reply.status === 304
  response.writeHead(reply.status, hasNoBody ? headers : { ...headers, 'content-length': reply.byteLength })
  response.cork()
  if (request.method !== 'HEAD' && !hasNoBody) for (const part of reply.parts) response.write(part)
  response.end()
  response.uncork()
}

/**
 * Sends a response whose body is read as fast as the client takes it. A response without a length is short: a problem.
 *
 * @param request as the handler received it
 * @throws what reading the body throws; the client then has less than announced, and the caller disconnects it
 */
export async function sendResponse(webResponse: Response, request: Request, response: ServerResponse): Promise<void> {
  if (webResponse instanceof StreamedResponse) return await sendStream(webResponse, response)
  const { status, body } = webResponse
  const headers = Object.fromEntries(webResponse.headers)
  if (body === null || headers['content-length'] === undefined) {
    const fullBody = Buffer.from(await webResponse.arrayBuffer())
    const length = body === null ? {} : { 'content-length': fullBody.length }
    response.writeHead(status, { ...headers, ...length })
    response.end(request.method === 'HEAD' ? undefined : fullBody)
    return
  }
  response.writeHead(status, headers)
  try {
    await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), response)
  } catch (error) {
    // The client has left, so the failure needs no report.
    if (!request.signal.aborted) throw error
  }
}

/** How long a connection that breaks off has for the bytes before that, which a client that reads nothing leaves. */
const MAX_FLUSH_MS = 5_000

/** The end of a body that fails is not sent, so that the client sees that it is not complete; all bytes before it are. */
async function sendStream(streamed: StreamedResponse, response: ServerResponse): Promise<void> {
  response.writeHead(streamed.status, Object.fromEntries(streamed.headers))
  const body = new BodyUntilFailure(streamed)
  try {
    await pipeline(body.read(), response, { end: false })
  } catch {
    // The client has left.
    return void response.destroy()
  }
  const { socket } = response
  if (body.hasFailed && socket) {
    socket.destroySoon()
    clock.after(MAX_FLUSH_MS, () => socket.destroy()).unref()
    return
  }
  response.addTrailers(streamed.readTrailers())
  response.end()
}

/** The body reports its failures itself. */
class BodyUntilFailure {
  hasFailed = false
  readonly #body: Response['body']

  constructor({ body }: StreamedResponse) {
    this.#body = body
  }

  async *read(): AsyncGenerator<Uint8Array, void> {
    try {
      if (this.#body) yield* this.#body
    } catch {
      this.hasFailed = true
    }
  }
}

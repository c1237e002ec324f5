import 'server-only'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '@/server/log'

/** How slowly a client may send a body, and how much of one the server reads after it has answered. */
export type BodyLimits = {
  /** A client that sends nothing for this long has stopped sending. */
  stallTimeoutMs: number
  /** Beyond that time a body has to come this fast on average. */
  minBytesPerSecond: number
  /** Many clients send all of a body before they look for the answer, so the server reads this much on. */
  maxDiscardedBytes: number
}

export const BODY_LIMITS: BodyLimits = {
  stallTimeoutMs: 30_000,
  minBytesPerSecond: 32 * 1024,
  maxDiscardedBytes: 128 * 1024 * 1024,
}

/** The longest time that a body of a size may take. */
export function bodyTimeoutMs(sizeBytes: number, { stallTimeoutMs, minBytesPerSecond }: BodyLimits): number {
  return stallTimeoutMs + Math.ceil((sizeBytes / minBytesPerSecond) * 1000)
}

/**
 * Watches a body come in, and cuts the connection of a client that sends it too slowly, with a 408 where there is no
 * answer yet. Once there is an answer the server reads the rest and throws it away, up to a bound: a client that sends
 * all first then finds the answer, and not a reset.
 *
 * The time in which received bytes wait for the program to read them is not the client's.
 *
 * @param url as it may stand in a log
 */
export function watchBody(
  request: IncomingMessage,
  response: ServerResponse,
  { url, limits, log }: { url: string; limits: BodyLimits; log: Log },
): void {
  const { headers, socket } = request
  if (headers['transfer-encoding'] === undefined && !(Number(headers['content-length']) > 0)) return
  const intervalMs = Math.min(500, limits.stallTimeoutMs / 4)
  const bytesBefore = socket.bytesRead
  let receivedBytes = 0
  let sendingMs = 0
  let silentMs = 0
  let answeredAtBytes: number | null = null

  response.once('finish', () => {
    answeredAtBytes = socket.bytesRead - bytesBefore
    request.resume()
  })
  // A handler that wants only the beginning of a body ends its iteration; the connection has to outlive that.
  request[Symbol.asyncIterator] = () => request.iterator({ destroyOnReturn: false })
  const timer = setInterval(check, intervalMs)
  request.once('close', () => clearInterval(timer))

  function check(): void {
    if (request.complete || socket.destroyed) return clearInterval(timer)
    const nowBytes = socket.bytesRead - bytesBefore
    if (answeredAtBytes !== null && nowBytes - answeredAtBytes > limits.maxDiscardedBytes) {
      return disconnect('A client went on sending a body after its answer.')
    }
    const isWaiting = request.readableLength > 0
    if (!isWaiting) sendingMs += intervalMs
    silentMs = isWaiting || nowBytes > receivedBytes ? 0 : silentMs + intervalMs
    receivedBytes = nowBytes
    if (silentMs >= limits.stallTimeoutMs) disconnect('A client stopped sending a body.')
    else if (sendingMs > bodyTimeoutMs(receivedBytes, limits)) disconnect('A client sent a body too slowly.')
  }

  function disconnect(reason: string): void {
    clearInterval(timer)
    log.info(reason, { doing: 'cutting the connection off', url, receivedBytes: socket.bytesRead - bytesBefore })
    // Only the answer whose turn it is has the socket; in front of another these bytes would be part of that one.
    const isUnanswered = response.socket === socket && !response.headersSent
    if (isUnanswered) socket.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    socket.destroySoon()
  }
}

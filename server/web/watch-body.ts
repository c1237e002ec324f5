import 'server-only'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Log } from '@/server/log'
import { clock } from '@/server/timing/clock'

/** How slowly a client may send a body, and how much of one the server reads after it has responded. */
export type BodyLimits = {
  /** A client that sends nothing for this long has stopped sending. */
  stallTimeoutMs: number
  /** After that time a body has to arrive at this average rate. */
  minBytesPerSecond: number
  /** Many clients send all of a body before they read the response, so the server reads up to this much more. */
  maxDiscardedBytes: number
}

export const BODY_LIMITS: BodyLimits = {
  stallTimeoutMs: 30_000,
  minBytesPerSecond: 32 * 1024,
  maxDiscardedBytes: 128 * 1024 * 1024,
}

/**
 * A file is sent in bodies that the client repeats, so a slow line is not a reason to end one: its bytes would be sent
 * again, as slowly.
 */
export const UPLOAD_BODY_LIMITS: Pick<BodyLimits, 'stallTimeoutMs' | 'minBytesPerSecond'> = {
  stallTimeoutMs: 60_000,
  minBytesPerSecond: 1024,
}

/** The longest time that a body of this size may take. */
export function bodyTimeoutMs(sizeBytes: number, { stallTimeoutMs, minBytesPerSecond }: BodyLimits): number {
  return stallTimeoutMs + Math.ceil((sizeBytes / minBytesPerSecond) * 1000)
}

/**
 * Watches a body arrive, and disconnects a client that sends it too slowly, with a 408 if there is no response yet.
 * After the response the server reads and discards the rest, up to a limit: a client that sends its whole body first
 * then finds the response instead of a reset.
 *
 * The time in which received bytes wait for the program to read them does not count.
 *
 * @param url as it may be logged
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
  let respondedAtBytes: number | null = null

  response.once('finish', () => {
    respondedAtBytes = socket.bytesRead - bytesBefore
    request.resume()
  })
  // A handler that reads only the beginning of a body ends its iteration; the connection has to stay open.
  request[Symbol.asyncIterator] = () => request.iterator({ destroyOnReturn: false })
  const timer = clock.every(intervalMs, check)
  request.once('close', () => timer.cancel())

  function check(): void {
    if (request.complete || socket.destroyed) return timer.cancel()
    const nowBytes = socket.bytesRead - bytesBefore
    if (respondedAtBytes !== null && nowBytes - respondedAtBytes > limits.maxDiscardedBytes) {
      return disconnect('A client continued to send a body after the response.')
    }
    const isWaiting = request.readableLength > 0
    if (!isWaiting) sendingMs += intervalMs
    silentMs = isWaiting || nowBytes > receivedBytes ? 0 : silentMs + intervalMs
    receivedBytes = nowBytes
    if (silentMs >= limits.stallTimeoutMs) disconnect('A client stopped sending a body.')
    else if (sendingMs > bodyTimeoutMs(receivedBytes, limits)) disconnect('A client sent a body too slowly.')
  }

  function disconnect(reason: string): void {
    timer.cancel()
    log.info(reason, { doing: 'closing the connection', url, receivedBytes: socket.bytesRead - bytesBefore })
    // Only the response whose turn it is has the socket; before another response these bytes would corrupt that one.
    const isUnanswered = response.socket === socket && !response.headersSent
    if (isUnanswered) socket.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    socket.destroySoon()
  }
}

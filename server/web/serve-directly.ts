import 'server-only'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readDeleteFileBytes, readFileBytes } from '@/lib/contract/table/files-bytes'
import { UPLOADS_PATH } from '@/lib/contract/shapes/plain-values'
import { readTableRows } from '@/lib/contract/table/rows'
import { AddressIndex, decodeSegments } from '@/server/http/address-index'
import type { RequestHead } from '@/server/http/handle-request'
import { RestReply } from '@/server/iceberg-rest/rest-reply'
import { type Program, ROUTE_METHODS, type RouteMethod } from '@/server/program/program'
import { toRequestHead, toRestRequest, sendResponse, sendReply, toWebRequest } from './node-http'
import { findRefusal } from './find-refusal'

/**
 * Handles the requests that need not go through Next, with the program that Next's routes are bound to: the REST
 * catalog, where Next takes longer than the response itself (`benches/load-table`), the bytes of files, whose length
 * Next does not send, rows, which Next would compress and whose trailers it does not send, uploads, whose bytes should
 * take the shortest way, and requests that Next cannot handle.
 *
 * @returns null for a request that Next should handle
 */
export function serveDirectly(
  program: Program,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> | null {
  const { method = 'GET', url = '/' } = request
  const catalogRefusal = program.catalogRefusalAt(method, url)
  if (catalogRefusal) return refuse(catalogRefusal)
  const catalog = program.catalogHandlerAt(method, url)
  if (catalog) return serveCatalog(catalog)
  const refusal = findRefusal(program.log, method, url)
  if (refusal) return refuse((head) => RestReply.fromResponse(refusal(head)))
  const stream = streamAt(method, url) ?? uploadAt(method, url)
  return stream && serveStream(stream)

  // If no request can be built, these reject too: errors of a listener are not caught.
  async function refuse(refuseHead: (head: RequestHead) => Promise<RestReply>): Promise<void> {
    sendReply(await refuseHead(toRequestHead(request)), request, response)
  }

  async function serveCatalog(handle: NonNullable<ReturnType<Program['catalogHandlerAt']>>): Promise<void> {
    sendReply(await handle(toRestRequest(request, response)), request, response)
  }

  async function serveStream({ method, segments }: DirectAddress): Promise<void> {
    const routeRequest = toWebRequest(request, response)
    await sendResponse(await program.handle(method, segments, routeRequest), routeRequest, response)
  }
}

/** The address of a request as it may be logged: without its query, and without a token that opens files. */
export function redactedPath(url: string): string {
  const [pathname = ''] = url.split('?')
  return pathname.startsWith(SCANS_PATH_PREFIX)
    ? pathname.slice(SCANS_PATH_PREFIX.length).replace(/^[^/]+/, `${SCANS_PATH_PREFIX}[redacted]`)
    : pathname
}

/** Next would not send the length of these, or compress them and leave out their trailers. */
const STREAMS = new AddressIndex([readFileBytes, readDeleteFileBytes, readTableRows].map(({ path }) => [path, path]))

type DirectAddress = { method: RouteMethod; segments: readonly string[] }

/** A stream that the client reads; null for any other request. */
function streamAt(method: string, url: string): DirectAddress | null {
  if (method !== 'GET' && method !== 'HEAD') return null
  const segments = decodeSegments(url.split('?')[0] ?? '')
  return STREAMS.find(segments) && { method: 'GET', segments }
}

/** A request of tus: Next would compress its responses and knows nothing of its statuses; null for any other request. */
function uploadAt(method: string, url: string): DirectAddress | null {
  const routeMethod = ROUTE_METHODS.find((known) => known === method)
  if (routeMethod === undefined || !isUploadUrl(url)) return null
  return { method: routeMethod, segments: decodeSegments(url.split('?')[0] ?? '') }
}

/** Whether the body of a request to this address may be a file. */
export function isUploadUrl(url: string): boolean {
  const [pathname = ''] = url.split('?')
  return pathname === UPLOADS_PATH || pathname.startsWith(`${UPLOADS_PATH}/`)
}

const SCANS_PATH_PREFIX = readFileBytes.path.replace(/:token.*$/, '')

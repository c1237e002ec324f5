import 'server-only'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readFileBytes } from '@/lib/contract/files-bytes'
import type { RequestHead } from '@/server/http/handle-request'
import { RestReply } from '@/server/iceberg-rest/rest-reply'
import type { Program } from '@/server/program/program'
import { toRequestHead, toRestRequest, sendResponse, sendReply, toWebRequest } from './node-http'
import { findRefusal } from './find-refusal'

/**
 * Handles the requests that need not go through Next, with the program that Next's routes are bound to: the REST
 * catalog, where Next takes longer than the response itself (`benches/load-table`), the bytes of files, whose length
 * Next does not send, and requests that Next cannot handle.
 *
 * @returns null for a request that Next is to handle
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
  const token = fileTokenAt(method, url)
  if (token === null) return null
  return serveFile(token)

  // If no request can be built, these reject too: nothing catches what a listener throws.
  async function refuse(refuseHead: (head: RequestHead) => Promise<RestReply>): Promise<void> {
    sendReply(await refuseHead(toRequestHead(request)), request, response)
  }

  async function serveCatalog(handle: NonNullable<ReturnType<Program['catalogHandlerAt']>>): Promise<void> {
    sendReply(await handle(toRestRequest(request, response)), request, response)
  }

  async function serveFile(token: string): Promise<void> {
    const routeRequest = toWebRequest(request, response)
    const context = { params: Promise.resolve({ token }) }
    await sendResponse(await program.handle('GET', readFileBytes.path, routeRequest, context), routeRequest, response)
  }
}

/** The address of a request as it may be logged: without its query, and without a token that opens a file. */
export function redactedPath(url: string): string {
  const [pathname = ''] = url.split('?')
  return pathname.startsWith(FILES_PATH_PREFIX) ? `${FILES_PATH_PREFIX}[redacted]` : pathname
}

/** The token of the file whose bytes are requested; null for any other request. */
function fileTokenAt(method: string, url: string): string | null {
  const [pathname = ''] = url.split('?')
  const token = pathname.startsWith(FILES_PATH_PREFIX) ? pathname.slice(FILES_PATH_PREFIX.length) : ''
  if ((method !== 'GET' && method !== 'HEAD') || token === '' || token.includes('/')) return null
  return decodeURIComponent(token)
}

const FILES_PATH_PREFIX = readFileBytes.path.replace(/:token$/, '')

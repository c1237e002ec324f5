import 'server-only'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readDeleteFileBytes, readFileBytes } from '@/lib/contract/table/files-bytes'
import { readTableRows } from '@/lib/contract/table/rows'
import type { RequestHead } from '@/server/http/handle-request'
import { RestReply } from '@/server/iceberg-rest/rest-reply'
import type { Program } from '@/server/program/program'
import { toRequestHead, toRestRequest, sendResponse, sendReply, toWebRequest } from './node-http'
import { findRefusal } from './find-refusal'

/**
 * Handles the requests that need not go through Next, with the program that Next's routes are bound to: the REST
 * catalog, where Next takes longer than the response itself (`benches/load-table`), the bytes of files, whose length
 * Next does not send, rows, which Next would compress and whose trailers it does not send, and requests that Next cannot
 * handle.
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
  const target = fileAt(method, url) ?? rowsAt(method, url)
  if (target === null) return null
  return serveTarget(target)

  // If no request can be built, these reject too: nothing catches what a listener throws.
  async function refuse(refuseHead: (head: RequestHead) => Promise<RestReply>): Promise<void> {
    sendReply(await refuseHead(toRequestHead(request)), request, response)
  }

  async function serveCatalog(handle: NonNullable<ReturnType<Program['catalogHandlerAt']>>): Promise<void> {
    sendReply(await handle(toRestRequest(request, response)), request, response)
  }

  async function serveTarget({ path, params }: Target): Promise<void> {
    const routeRequest = toWebRequest(request, response)
    const context = { params: Promise.resolve(params) }
    await sendResponse(await program.handle('GET', path, routeRequest, context), routeRequest, response)
  }
}

/** The address of a request as it may be logged: without its query, and without a token that opens files. */
export function redactedPath(url: string): string {
  const [pathname = ''] = url.split('?')
  return pathname.startsWith(SCANS_PATH_PREFIX)
    ? pathname.slice(SCANS_PATH_PREFIX.length).replace(/^[^/]+/, `${SCANS_PATH_PREFIX}[redacted]`)
    : pathname
}

/** A path of the contract, and the parameters in it. */
type Target = { path: string; params: Record<string, string> }

/** Paths of the endpoints that return the bytes of files, by what precedes the index. */
const PATH_BY_KIND: ReadonlyMap<string, string> = new Map([
  ['files', readFileBytes.path],
  ['deletes', readDeleteFileBytes.path],
])

/** The endpoint and its path parameters when the bytes of a file are requested; null for any other request. */
function fileAt(method: string, url: string): Target | null {
  const [pathname = ''] = url.split('?')
  if ((method !== 'GET' && method !== 'HEAD') || !pathname.startsWith(SCANS_PATH_PREFIX)) return null
  const [token = '', kind = '', index = '', ...more] = pathname.slice(SCANS_PATH_PREFIX.length).split('/')
  const path = PATH_BY_KIND.get(kind)
  if (path === undefined || token === '' || index === '' || more.length > 0) return null
  return { path, params: { token: decodeURIComponent(token), index: decodeURIComponent(index) } }
}

const SCANS_PATH_PREFIX = readFileBytes.path.replace(/:token.*$/, '')

const ROWS_NAMES = [...readTableRows.path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
const ROWS_PATTERN = new RegExp(`^${readTableRows.path.replaceAll(/:\w+/g, '([^/]+)')}$`)

/** The endpoint and its path parameters when the rows of a table are requested; null for any other request. */
function rowsAt(method: string, url: string): Target | null {
  if (method !== 'GET' && method !== 'HEAD') return null
  const values = ROWS_PATTERN.exec(url.split('?')[0] ?? '')?.slice(1)
  if (values === undefined) return null
  const params = Object.fromEntries(values.map((value, i) => [ROWS_NAMES[i] ?? '', decodeURIComponent(value)]))
  return { path: readTableRows.path, params }
}

import 'server-only'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readFileBytes } from '@/lib/contract/files-bytes'
import type { RequestHead } from '@/server/http/answer'
import { serveBytes } from '@/server/http/serve-bytes'
import { tableFile } from '@/server/http/table-file'
import { RestReply } from '@/server/iceberg-rest/rest-reply'
import { handlerAt, methodRefusalAt } from '@/server/iceberg-rest/routes'
import { headOf, send, sendReply, webRequest } from './node-exchange'
import { refusalAt } from './refusal'

/**
 * Answers what need not go through Next, by the very handlers that `app/` binds: the REST catalog, which Next takes
 * longer for than the answer itself (`benches/load-table`), the bytes of files, whose length it does not say, and what
 * Next cannot take.
 *
 * @returns null for what is Next's to answer
 */
export function answerDirectly(request: IncomingMessage, response: ServerResponse): Promise<void> | null {
  const { method = 'GET', url = '/' } = request
  const catalogRefusal = methodRefusalAt(method, url)
  if (catalogRefusal) return refuse(catalogRefusal)
  const catalog = handlerAt(method, url)
  if (catalog) return answer(async (asked) => sendReply(await catalog(asked), request, response))
  const refusal = refusalAt(method, url)
  if (refusal) return refuse((head) => RestReply.of(refusal(head)))
  const api = apiHandlerAt(method, url)
  return api && answer(async (asked) => send(await api(asked), asked, response))

  async function refuse(refuseHead: (head: RequestHead) => Promise<RestReply>): Promise<void> {
    sendReply(await refuseHead(headOf(request)), request, response)
  }

  // What a request cannot be made of is a rejection, too: nobody catches what is thrown in a listener.
  async function answer(work: (asked: Request) => Promise<void>): Promise<void> {
    await work(webRequest(request, response))
  }
}

/** The address of a request as it may stand in a log: without its query, and without a token that opens a file. */
export function loggedAddress(url: string): string {
  const [pathname = ''] = url.split('?')
  return pathname.startsWith(FILES) ? `${FILES}[redacted]` : pathname
}

function apiHandlerAt(method: string, url: string): ((request: Request) => Promise<Response>) | null {
  const [pathname = ''] = url.split('?')
  const token = pathname.startsWith(FILES) ? pathname.slice(FILES.length) : ''
  if ((method !== 'GET' && method !== 'HEAD') || token === '' || token.includes('/')) return null
  return (request) => answerFileBytes(request, { params: Promise.resolve({ token: decodeURIComponent(token) }) })
}

const FILES = readFileBytes.path.replace(/:token$/, '')
const answerFileBytes = serveBytes(readFileBytes, ({ token }, asked) => tableFile(token, asked))

import 'server-only'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readFileBytes } from '@/lib/contract/files-bytes'
import type { RequestHead } from '@/server/http/answer'
import { RestReply } from '@/server/iceberg-rest/rest-reply'
import type { Program } from '@/server/program/program'
import { headOf, send, sendReply, webRequest } from './node-exchange'
import { refusalAt } from './refusal'

/**
 * Answers what need not go through Next, by the program that Next's routes are bound to: the REST catalog, which Next
 * takes longer for than the answer itself (`benches/load-table`), the bytes of files, whose length it does not say, and
 * what Next cannot take.
 *
 * @returns null for what is Next's to answer
 */
export function answerDirectly(
  program: Program,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> | null {
  const { method = 'GET', url = '/' } = request
  const catalogRefusal = program.catalogRefusalAt(method, url)
  if (catalogRefusal) return refuse(catalogRefusal)
  const catalog = program.catalogAt(method, url)
  if (catalog) return answer(async (asked) => sendReply(await catalog(asked), request, response))
  const refusal = refusalAt(program.log, method, url)
  if (refusal) return refuse((head) => RestReply.of(refusal(head)))
  const token = fileTokenAt(method, url)
  if (token === null) return null
  const context = { params: Promise.resolve({ token }) }
  return answer(async (asked) => send(await program.handle('GET', readFileBytes.path, asked, context), asked, response))

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

/** The token of the file whose bytes a request asks for; null for any other request. */
function fileTokenAt(method: string, url: string): string | null {
  const [pathname = ''] = url.split('?')
  const token = pathname.startsWith(FILES) ? pathname.slice(FILES.length) : ''
  if ((method !== 'GET' && method !== 'HEAD') || token === '' || token.includes('/')) return null
  return decodeURIComponent(token)
}

const FILES = readFileBytes.path.replace(/:token$/, '')

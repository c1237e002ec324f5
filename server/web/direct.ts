import 'server-only'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { readFileBytes } from '@/lib/contract/files-bytes'
import type { RequestHead } from '@/server/http/answer'
import { RestReply } from '@/server/iceberg-rest/rest-reply'
import type { Program } from '@/server/program/program'
import { headOf, restRequest, send, sendReply, webRequest } from './node-exchange'
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
  if (catalog) return answerCatalog(catalog)
  const refusal = refusalAt(program.log, method, url)
  if (refusal) return refuse((head) => RestReply.of(refusal(head)))
  const token = fileTokenAt(method, url)
  if (token === null) return null
  return answerFile(token)

  // What a request cannot be made of is a rejection in these, too: nobody catches what is thrown in a listener.
  async function refuse(refuseHead: (head: RequestHead) => Promise<RestReply>): Promise<void> {
    sendReply(await refuseHead(headOf(request)), request, response)
  }

  async function answerCatalog(answer: NonNullable<ReturnType<Program['catalogAt']>>): Promise<void> {
    sendReply(await answer(restRequest(request, response)), request, response)
  }

  async function answerFile(token: string): Promise<void> {
    const asked = webRequest(request, response)
    const context = { params: Promise.resolve({ token }) }
    await send(await program.handle('GET', readFileBytes.path, asked, context), asked, response)
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

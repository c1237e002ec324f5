import 'server-only'
import { AppError } from '@/lib/errors'
import type { RequestHead } from '@/server/http/answer'
import type { Log } from '@/server/log'
import { isWellEncoded } from '@/server/http/well-encoded'
import { malformedAddress, refused, wrongMethod } from '@/server/http/wrong-method'

/** What any route below `/api` may take; pages and files are only read. */
const API_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * Refuses what Next would answer with a plain 500 and a stack in the log: an address that is no path or is not well
 * encoded, and a method that no `Request` can have. Next also renders a page for any method; here pages and files take
 * GET and HEAD.
 *
 * @param url as in the first line of a request
 * @returns null for a request that Next can take
 */
export function refusalAt(log: Log, method: string, url: string): ((head: RequestHead) => Response) | null {
  const [pathname = ''] = url.split('?')
  if (!pathname.startsWith('/')) return (head) => refused(log, head, new AppError('invalid-request', NO_PATH))
  if (!isWellEncoded(pathname)) return (head) => malformedAddress(log, head)
  // The catalog refuses in words of its own (`methodRefusalAt`).
  if (isBelow(pathname, '/iceberg')) return null
  if (isBelow(pathname, '/api')) {
    if (API_METHODS.has(method)) return null
    return (head) =>
      refused(log, head, new AppError('invalid-request', `No address of the API takes the method ${method}.`))
  }
  if (method === 'GET' || method === 'HEAD') return null
  const readOnly = wrongMethod(log, 'GET')
  return method === 'OPTIONS' ? readOnly.OPTIONS : readOnly.POST
}

const NO_PATH = 'The address in the first line of the request is not a path.'

function isBelow(pathname: string, root: string): boolean {
  return pathname === root || pathname.startsWith(`${root}/`)
}

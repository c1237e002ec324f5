import 'server-only'
import { AppError } from '@/lib/errors'
import type { RequestHead } from '@/server/http/handle-request'
import type { Log } from '@/server/log'
import { isWellEncoded } from '@/server/http/request/well-encoded'
import { malformedAddressPage, prefersPage } from './malformed-address-page'
import { refuseMalformedAddress, refusalResponse, refuseOtherMethods } from '@/server/http/refusals'

/** The methods that routes below `/api` can have; pages and files are only read. */
const API_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * Refuses requests that Next would answer with a plain 500 and a logged stack: an address that is not a path or has an
 * invalid percent sequence, for which a browser gets a page, and a method that no `Request` can have. Next also renders a page for any method; here
 * pages and files allow GET and HEAD.
 *
 * @param url as in the first line of a request
 * @returns null for a request that Next can handle
 */
export function findRefusal(log: Log, method: string, url: string): ((head: RequestHead) => Response) | null {
  const [pathname = ''] = url.split('?')
  if (!pathname.startsWith('/'))
    return (head) => refusalResponse(log, head, new AppError('invalid-request', NOT_A_PATH))
  if (!isWellEncoded(pathname))
    return (head) => {
      const refusal = refuseMalformedAddress(log, head)
      return !isBelow(pathname, '/api') && prefersPage(head) ? malformedAddressPage(refusal) : refusal
    }
  // The REST catalog refuses in its own format (`findMethodRefusal`).
  if (isBelow(pathname, '/iceberg')) return null
  if (isBelow(pathname, '/api')) {
    if (API_METHODS.has(method)) return null
    return (head) =>
      refusalResponse(log, head, new AppError('invalid-request', `The API does not support the method ${method}.`))
  }
  if (method === 'GET' || method === 'HEAD') return null
  const refuseMethod = refuseOtherMethods(log, 'GET')
  return method === 'OPTIONS' ? refuseMethod.OPTIONS : refuseMethod.POST
}

const NOT_A_PATH = 'The address in the first line of the request is not a path.'

function isBelow(pathname: string, root: string): boolean {
  return pathname === root || pathname.startsWith(`${root}/`)
}

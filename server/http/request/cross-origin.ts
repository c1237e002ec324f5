import 'server-only'
import { AppError } from '@/lib/errors'
import type { Config } from '@/server/config/config'

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses a change that another site had a browser send. Browsers say which site a request comes from
 * (`Sec-Fetch-Site`, in older browsers `Origin`), and a page cannot forge either header. A client that sends neither is
 * not a browser, so it carries no cookie against its owner's will. The rule of Go's `http.CrossOriginProtection`.
 *
 * @throws {AppError} forbidden
 */
export function refuseCrossOrigin(config: Config, request: Request): void {
  if (SAFE_METHODS.has(request.method)) return
  const site = request.headers.get('sec-fetch-site')
  if (site === 'same-origin' || site === 'none') return
  const origin = request.headers.get('origin')
  if (site === null && (origin === null || origin === config.publicUrl || hostOf(origin) === requestedHost(request)))
    return
  throw new AppError('forbidden', 'This request came from another site.')
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null
}

function requestedHost(request: Request): string {
  return request.headers.get('host') ?? new URL(request.url).host
}

import 'server-only'
import type { Problem } from '@/lib/contract/problem'
import { type AppError, ERROR_CODES } from '@/lib/errors'
import type { Log } from '@/server/log'
import { knownError } from './known-error'

const REFUSALS = new Set<AppError['code']>([
  'unauthenticated',
  'wrong-credentials',
  'forbidden',
  'location-refused',
  'own-login-wanted',
  'too-many-requests',
])

type Told = { requestId: string; endpoint: string; userId: string | null; signal?: AbortSignal }

/** The only place where an error becomes an HTTP answer. Causes are logged under the request id, never sent. */
export function problemResponse(log: Log, error: unknown, { signal, ...told }: Told): Response {
  const known = knownError(error, signal)
  const { status, title } = ERROR_CODES[known.code]
  if (status >= 500) log.error(known.code === 'internal' ? (known.cause ?? known) : known, told)
  else if (REFUSALS.has(known.code)) log.info('refused', { ...told, code: known.code, detail: known.message })
  const body: Problem = {
    type: `/problems/${known.code}`,
    title,
    status,
    detail: known.message,
    requestId: told.requestId,
    code: known.code,
    facts: { ...known.facts },
  }
  const { code, facts } = known
  const sizeBytes = code === 'range-not-satisfiable' ? facts.sizeBytes : null
  const pauseSeconds = status === 429 || status === 503 ? facts.pauseSeconds : null
  return Response.json(body, {
    status,
    headers: {
      'content-type': 'application/problem+json',
      ...(typeof pauseSeconds === 'number' && { 'retry-after': String(pauseSeconds) }),
      // RFC 9110 section 15.5.17: so that the one who asks learns how long the file is.
      ...(typeof sizeBytes === 'number' && { 'content-range': `bytes */${sizeBytes}` }),
    },
  })
}

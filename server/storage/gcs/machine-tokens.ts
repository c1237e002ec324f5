import 'server-only'
import type { GoogleAuth } from 'google-auth-library'
import { AppError } from '@/lib/errors'
import { rejectOnAbort } from '@/lib/reject-on-abort'
import { clock } from '@/server/timing/clock'

type LoadLibrary = () => Promise<{
  GoogleAuth: new (options: { scopes: string }) => Pick<GoogleAuth, 'getAccessToken'>
}>

/** Time limit for a metadata server or a token server. */
const TIMEOUT_MS = 30_000

/**
 * Tokens for the machine Lakeshore runs on, from Google's application default credentials: a file named by the
 * environment, the file of gcloud, or the metadata server. Google's own library looks for them and contacts only what
 * the machine itself configures; no address of a connection or a catalog reaches it.
 */
export function machineTokens(scope: string, loadLibrary: LoadLibrary = () => import('google-auth-library')) {
  let pendingAuth: Promise<Pick<GoogleAuth, 'getAccessToken'>> | null = null
  return {
    async get(signal?: AbortSignal): Promise<string> {
      // Loaded on first use because it is large. The library caches a token until it expires.
      pendingAuth ??= loadLibrary().then(({ GoogleAuth }) => new GoogleAuth({ scopes: scope }))
      try {
        const auth = await pendingAuth
        const timeout = clock.deadline(TIMEOUT_MS)
        const token = await rejectOnAbort(auth.getAccessToken(), signal ? AbortSignal.any([signal, timeout]) : timeout)
        if (typeof token === 'string' && token !== '') return token
        throw new Error('no token')
      } catch (cause) {
        signal?.throwIfAborted()
        pendingAuth = null
        throw new AppError(
          'forbidden',
          'No credentials for this storage were found in the locations that Google’s tools search.',
          { cause: new Error(describeCause(cause)) },
        )
      }
    },
    invalidate() {
      pendingAuth = null
    },
  }
}

/** Leaves out the message, which could contain part of a credentials file or of the request. */
function describeCause(cause: unknown): string {
  if (!(cause instanceof Error)) return typeof cause
  const code = 'code' in cause && /^[A-Z0-9_]{1,40}$/.test(String(cause.code)) ? ` ${String(cause.code)}` : ''
  return cause.name + code
}

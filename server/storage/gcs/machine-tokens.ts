import 'server-only'
import type { GoogleAuth } from 'google-auth-library'
import { AppError } from '@/lib/errors'
import { rejectOnAbort } from '@/lib/reject-on-abort'

/** For a metadata server or a token server that does not answer. */
const TIMEOUT_MS = 30_000

/**
 * Tokens of the machine Lakeshore runs on, as Google's application default credentials have it: a file that the
 * environment names, that of gcloud, the metadata server. They are looked for by Google's own library, which asks
 * where the machine says and nobody else: no address of a connection or a catalog comes to it.
 */
export function machineTokens(scope: string) {
  let pendingAuth: Promise<GoogleAuth> | null = null
  return {
    async get(signal?: AbortSignal): Promise<string> {
      // Loaded by who needs it: it is large. It keeps a token until that ends.
      pendingAuth ??= import('google-auth-library').then(({ GoogleAuth }) => new GoogleAuth({ scopes: scope }))
      try {
        const auth = await pendingAuth
        const timeout = AbortSignal.timeout(TIMEOUT_MS)
        const token = await rejectOnAbort(auth.getAccessToken(), signal ? AbortSignal.any([signal, timeout]) : timeout)
        if (typeof token === 'string' && token !== '') return token
        throw new Error('no token')
      } catch (cause) {
        signal?.throwIfAborted()
        pendingAuth = null
        throw new AppError(
          'forbidden',
          'No credentials for this storage were found where Google’s tools look for them.',
          { cause: new Error(describeCause(cause)) },
        )
      }
    },
    invalidate() {
      pendingAuth = null
    },
  }
}

/** Not what it says: that may be part of a file of credentials, or of what was sent with them. */
function describeCause(cause: unknown): string {
  if (!(cause instanceof Error)) return typeof cause
  const code = 'code' in cause && /^[A-Z0-9_]{1,40}$/.test(String(cause.code)) ? ` ${String(cause.code)}` : ''
  return cause.name + code
}

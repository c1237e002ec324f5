import 'server-only'
import type { RestSettings } from './settings'

/** Shorter secrets would match ordinary words. */
const MIN_SECRET_CHARS = 4

/**
 * The secret parts of a request. Some servers repeat in a refusal what they received; AWS repeats everything that was
 * signed.
 *
 * @param sentHeaders headers of the request that was refused
 * @returns the longest first, so that no part of a secret remains
 */
export function requestSecrets(
  { auth, headers }: RestSettings,
  sentHeaders: Readonly<Record<string, string>>,
): string[] {
  const authorization = sentHeaders['authorization'] ?? ''
  const [, credential = ''] = /^\S+\s+(.*)$/s.exec(authorization) ?? []
  const secrets = [...Object.values(headers), authorization, credential, sentHeaders['x-amz-security-token'] ?? '']
  if (auth.kind === 'bearer') secrets.push(auth.token)
  if (auth.kind === 'oauth2') secrets.push(auth.clientSecret)
  if (auth.kind === 'basic') secrets.push(auth.password)
  if (auth.kind === 'sigv4' && auth.credentials.kind === 'keys') {
    secrets.push(auth.credentials.secretAccessKey, auth.credentials.sessionToken ?? '')
  }
  return secrets.filter(({ length }) => length >= MIN_SECRET_CHARS).sort((one, other) => other.length - one.length)
}

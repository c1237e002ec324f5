import 'server-only'
import type { RestSettings } from './settings'

/** Shorter ones would be found in words that say nothing of them. */
const MIN_SECRET_LENGTH = 4

/**
 * What of a request nobody may read: some servers repeat in a refusal what they were sent, AWS's all that was signed.
 *
 * @param sentHeaders headers of the request that was refused
 * @returns the longest first, so that none is left in part
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
  return secrets.filter(({ length }) => length >= MIN_SECRET_LENGTH).sort((one, other) => other.length - one.length)
}

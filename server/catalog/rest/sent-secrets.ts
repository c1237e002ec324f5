import 'server-only'
import type { RestSettings } from './rest-settings'

/** Shorter ones would be found in words that say nothing of them. */
const SHORTEST_SECRET = 4

/**
 * What of a request nobody may read: some servers repeat in a refusal what they were sent, AWS's all that was signed.
 *
 * @param sent headers of the request that was refused
 * @returns the longest first, so that none is left in part
 */
export function sentSecrets({ auth, headers }: RestSettings, sent: Readonly<Record<string, string>>): string[] {
  const authorization = sent['authorization'] ?? ''
  const [, credential = ''] = /^\S+\s+(.*)$/s.exec(authorization) ?? []
  const secrets = [...Object.values(headers), authorization, credential, sent['x-amz-security-token'] ?? '']
  if (auth.kind === 'bearer') secrets.push(auth.token)
  if (auth.kind === 'oauth2') secrets.push(auth.clientSecret)
  if (auth.kind === 'basic') secrets.push(auth.password)
  if (auth.kind === 'sigv4' && auth.credentials.kind === 'keys') {
    secrets.push(auth.credentials.secretAccessKey, auth.credentials.sessionToken ?? '')
  }
  return secrets.filter(({ length }) => length >= SHORTEST_SECRET).sort((one, other) => other.length - one.length)
}

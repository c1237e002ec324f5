import 'server-only'
import type { Patience } from '../rest-retry'
import type { RestSettings } from '../rest-settings'
import { oauth2 } from './oauth2'
import { constantHeader, type RestAuthorizer } from './rest-authorizer'
import { sigv4 } from './sigv4'

export function openAuthorizer(
  { auth, uri }: Pick<RestSettings, 'auth' | 'uri'>,
  nowMs: () => number,
  patience: Patience,
): RestAuthorizer {
  switch (auth.kind) {
    case 'none':
      return constantHeader(null)
    case 'bearer':
      return constantHeader(`Bearer ${auth.token}`)
    case 'basic':
      return constantHeader(`Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`)
    case 'oauth2':
      return oauth2(auth, new URL(auth.tokenUri ?? `${uri}/v1/oauth/tokens`), nowMs, patience)
    case 'sigv4':
      return sigv4(auth, nowMs)
  }
}

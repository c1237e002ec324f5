import 'server-only'
import type { RetryPolicy } from '../retry'
import type { RestSettings } from '../settings'
import { oauth2Authorizer } from './oauth2'
import { staticAuthorizer, type RestAuthorizer } from './authorizer'
import { sigV4Authorizer } from './sigv4'

export function openAuthorizer(
  { auth, uri }: Pick<RestSettings, 'auth' | 'uri'>,
  nowMs: () => number,
  retryPolicy: RetryPolicy,
): RestAuthorizer {
  switch (auth.kind) {
    case 'none':
      return staticAuthorizer(null)
    case 'bearer':
      return staticAuthorizer(`Bearer ${auth.token}`)
    case 'basic':
      return staticAuthorizer(`Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`)
    case 'oauth2':
      return oauth2Authorizer(auth, new URL(auth.tokenUri ?? `${uri}/v1/oauth/tokens`), nowMs, retryPolicy)
    case 'sigv4':
      return sigV4Authorizer(auth, nowMs)
  }
}

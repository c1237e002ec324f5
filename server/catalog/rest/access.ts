import 'server-only'
import type { RestAccess } from '@/lib/contract/table/tables'
import type { RestAuth, RestSettings } from './http/settings'

/** A connection as every reader of its tables may see it: its address, but no credentials. */
export function toRestAccess({ uri, warehouse, prefix, auth, delegation }: RestSettings): RestAccess {
  return {
    uri: withoutUserinfo(uri),
    warehouse,
    prefix: prefix === null ? null : prefix.replace(/^\/+|\/+$/g, ''),
    signIn: toSignIn(auth),
    delegation,
  }
}

function toSignIn(auth: RestAuth): RestAccess['signIn'] {
  switch (auth.kind) {
    case 'oauth2': {
      const { kind, tokenUri, scope } = auth
      return { kind, tokenUri: tokenUri === null ? null : withoutUserinfo(tokenUri), scope }
    }
    case 'sigv4': {
      const { kind, region, service } = auth
      return { kind, region, service }
    }
    default:
      return { kind: auth.kind }
  }
}

/** A URL may contain a user name and a password. */
function withoutUserinfo(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1')
}

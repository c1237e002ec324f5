import type { RestAccess } from '@/lib/contract/table/tables'
import { TOKEN_VARIABLE } from './snippet'

/** A value in a snippet: literal text, or the environment variable that contains it. */
export type SnippetValue = string | { env: string }

/**
 * A REST catalog as the properties that Iceberg's Java library and PyIceberg have in common. Secrets are not included:
 * they are read from the environment. Delegated file access is requested only if the catalog supports it.
 */
export function restProperties(
  { uri, warehouse, prefix, signIn, delegation }: RestAccess,
  isEmbedded: boolean,
): [string, SnippetValue][] {
  return [
    ['uri', uri],
    ...(warehouse === null ? [] : [['warehouse', warehouse] as [string, SnippetValue]]),
    // The embedded catalog sends its prefix itself.
    ...(prefix === null || isEmbedded ? [] : [['prefix', prefix] as [string, SnippetValue]]),
    ...signInProperties(signIn, isEmbedded),
    ...(delegation === 'none' ? [] : [[DELEGATION_PROPERTY, delegation] as [string, SnippetValue]]),
  ]
}

/** The variable with the token or, for client credentials, `id:secret`. */
export function secretVariable({ kind }: RestAccess['signIn'], isEmbedded: boolean): string {
  if (isEmbedded) return TOKEN_VARIABLE
  return kind === 'oauth2' ? 'CATALOG_CREDENTIAL' : 'CATALOG_TOKEN'
}

/** Java sends no such header by default, and PyIceberg requests keys by default. */
const DELEGATION_PROPERTY = 'header.X-Iceberg-Access-Delegation'
export const USERNAME_VARIABLE = 'CATALOG_USERNAME'
export const PASSWORD_VARIABLE = 'CATALOG_PASSWORD'

function signInProperties(signIn: RestAccess['signIn'], isEmbedded: boolean): [string, SnippetValue][] {
  const secret = { env: secretVariable(signIn, isEmbedded) }
  switch (signIn.kind) {
    case 'none':
      return []
    case 'bearer':
      return [['token', secret]]
    case 'oauth2':
      return [
        ['credential', secret],
        ...(signIn.tokenUri === null ? [] : [['oauth2-server-uri', signIn.tokenUri] as [string, SnippetValue]]),
        ...(signIn.scope === null ? [] : [['scope', signIn.scope] as [string, SnippetValue]]),
      ]
    case 'basic':
      return [
        ['rest.auth.type', 'basic'],
        ['rest.auth.basic.username', { env: USERNAME_VARIABLE }],
        ['rest.auth.basic.password', { env: PASSWORD_VARIABLE }],
      ]
    case 'sigv4':
      return [
        ['rest.sigv4-enabled', 'true'],
        ['rest.signing-region', signIn.region],
        ['rest.signing-name', signIn.service],
      ]
  }
}

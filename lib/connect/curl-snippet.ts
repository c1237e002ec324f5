import type { RestAccess } from '@/lib/contract/table/tables'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import { shellWord } from '@/lib/sql/quoting'
import { PASSWORD_VARIABLE, secretVariable, USERNAME_VARIABLE } from './rest-properties'
import type { ConnectFacts, Snippet } from './snippet'

/** Loads the table from the catalog, by its URL. Requests first what that URL needs and Lakeshore does not know. */
export function curlRestSnippet(
  { namespace, table }: TableIdentifier,
  { uri, warehouse, prefix, signIn }: RestAccess,
  { catalogKind }: ConnectFacts,
): Snippet {
  const secret = secretVariable(signIn, catalogKind === 'embedded')
  const path = `namespaces/${encodeURIComponent(joinNamespace(namespace))}/tables/${encodeURIComponent(table)}`
  const curl = ['curl --fail-with-body --silent --show-error', ...signInArgs(signIn, secret)].join(' ')
  if (prefix !== null) {
    const base = prefix === '' ? `${uri}/v1` : `${uri}/v1/${prefix}`
    return { text: `${tokenCommand(signIn, uri)}${curl} \\\n  ${shellWord(`${base}/${path}`)}`, note: null }
  }
  const query = warehouse === null ? '' : `?warehouse=${encodeURIComponent(warehouse)}`
  const text = [
    `${tokenCommand(signIn, uri)}PREFIX=$(${curl} \\`,
    `  ${shellWord(`${uri}/v1/config${query}`)} |`,
    `  jq --raw-output '.overrides.prefix // .defaults.prefix // empty')`,
    `${curl} \\`,
    `  ${shellWord(`${uri}/v1/`)}"\${PREFIX:+$PREFIX/}"${shellWord(path)}`,
  ].join('\n')
  return { text, note: null }
}

function signInArgs(signIn: RestAccess['signIn'], secret: string): string[] {
  switch (signIn.kind) {
    case 'none':
      return []
    case 'bearer':
      return [`--header "Authorization: Bearer $${secret}"`]
    case 'oauth2':
      return ['--header "Authorization: Bearer $CATALOG_TOKEN"']
    case 'basic':
      return [`--user "$${USERNAME_VARIABLE}:$${PASSWORD_VARIABLE}"`]
    case 'sigv4':
      return [
        `--aws-sigv4 ${shellWord(`aws:amz:${signIn.region}:${signIn.service}`)}`,
        '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"',
      ]
  }
}

/** A token for client credentials, issued by the catalog or another server. */
function tokenCommand(signIn: RestAccess['signIn'], uri: string): string {
  if (signIn.kind !== 'oauth2') return ''
  const form = [
    '--data grant_type=client_credentials',
    '--data-urlencode "client_id=${CATALOG_CREDENTIAL%%:*}"',
    '--data-urlencode "client_secret=${CATALOG_CREDENTIAL#*:}"',
    ...(signIn.scope === null ? [] : [`--data-urlencode ${shellWord(`scope=${signIn.scope}`)}`]),
  ]
  const address = shellWord(signIn.tokenUri ?? `${uri}/v1/oauth/tokens`)
  return `CATALOG_TOKEN=$(curl --fail-with-body --silent --show-error ${form.join(' ')} \\\n  ${address} | jq --raw-output .access_token)\n`
}

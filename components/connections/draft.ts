import type {
  ConnectionAuth,
  ConnectionEntry,
  ConnectionSettings,
  ConnectionStorage,
  RestConnection,
} from '@/lib/contract/connections'
import { type Namespace, namespaceLabel } from '@/lib/iceberg/identifiers'

/**
 * A connection as it stands in the form: every choice keeps what was typed under the others, so that looking at one
 * loses nothing. Secrets are those typed now; what is kept on the server never comes here.
 */
export type Draft = {
  name: string
  kind: 'rest' | 'files'
  uri: string
  warehouse: string
  prefix: string
  authKind: ConnectionAuth['kind']
  oauth: { tokenUri: string; clientId: string; scope: string; audience: string; resource: string }
  username: string
  signing: { region: string; service: string } & AwsDraft
  headerNames: string[]
  delegation: RestConnection['delegation']
  ownCredentials: RestConnection['ownCredentials']
  storageKind: 'none' | 'local' | 's3'
  /** One per line. */
  roots: string
  s3: { endpoint: string; region: string; isPathStyle: boolean } & Omit<AwsDraft, 'source'> & {
      source: 'chain' | 'keys' | 'anonymous'
    }
  mappings: { from: string; to: string }[]
  tables: TableDraft[]
  secrets: Record<string, string>
}

export type AwsDraft = { source: 'chain' | 'keys'; profile: string; accessKeyId: string }

/** `levels`: what the text stands for as long as it is not changed, since a level may hold a dot. */
export type TableDraft = { namespace: string; levels: Namespace | null; table: string; metadataLocation: string }

export const EMPTY_TABLE: TableDraft = { namespace: '', levels: null, table: '', metadataLocation: '' }

export const EMPTY_DRAFT: Draft = {
  name: '',
  kind: 'rest',
  uri: '',
  warehouse: '',
  prefix: '',
  authKind: 'none',
  oauth: { tokenUri: '', clientId: '', scope: '', audience: '', resource: '' },
  username: '',
  signing: { region: '', service: '', source: 'chain', profile: '', accessKeyId: '' },
  headerNames: [],
  delegation: 'vended-credentials',
  ownCredentials: 'off',
  storageKind: 'none',
  roots: '',
  s3: { endpoint: '', region: 'us-east-1', isPathStyle: true, source: 'keys', profile: '', accessKeyId: '' },
  mappings: [],
  tables: [EMPTY_TABLE],
  secrets: {},
}

/** The form of a stored connection. */
export function draftOf({ name, settings }: Pick<ConnectionEntry, 'name' | 'settings'>): Draft {
  const shared = { ...EMPTY_DRAFT, name, kind: settings.kind, ...storageDraft(settings.storage) }
  const mappings = settings.mappings.map((mapping) => ({ ...mapping }))
  if (settings.kind === 'files') {
    const tables = settings.tables.map(({ namespace, ...table }) => ({
      ...table,
      namespace: namespaceLabel(namespace),
      levels: namespace,
    }))
    return { ...shared, mappings, tables }
  }
  const { auth } = settings
  return {
    ...shared,
    mappings,
    uri: settings.uri,
    warehouse: settings.warehouse ?? '',
    prefix: settings.prefix ?? '',
    authKind: auth.kind,
    ...(auth.kind === 'oauth2' && { oauth: texts(auth, ['tokenUri', 'clientId', 'scope', 'audience', 'resource']) }),
    ...(auth.kind === 'basic' && { username: auth.username }),
    ...(auth.kind === 'sigv4' && {
      signing: { region: auth.region, service: auth.service, ...awsDraft(auth.credentials) },
    }),
    headerNames: [...settings.headerNames],
    delegation: settings.delegation,
    ownCredentials: settings.ownCredentials,
  }
}

/** What is sent of a form: the chosen parts, and only secrets that these want. */
export function formOf(draft: Draft): { name: string; settings: ConnectionSettings; secrets: Record<string, string> } {
  const wanted = new Set(secretFields(draft).map(({ name }) => name))
  const secrets = Object.entries(draft.secrets).filter(([name, value]) => wanted.has(name) && value !== '')
  return { name: draft.name.trim(), settings: settingsOf(draft), secrets: Object.fromEntries(secrets) }
}

/** Secrets the chosen parts of a form want. `isOptional`: may be left empty. */
export function secretFields(draft: Draft): { name: string; label: string; isOptional: boolean }[] {
  return [...authSecretFields(draft), ...headerSecretFields(draft), ...storageSecretFields(draft)]
}

export function authSecretFields({ kind, authKind, signing }: Draft) {
  if (kind === 'files') return []
  if (authKind === 'bearer') return [field('token', 'Token')]
  if (authKind === 'oauth2') return [field('clientSecret', 'Client secret')]
  if (authKind === 'basic') return [field('password', 'Password')]
  if (authKind === 'none' || signing.source === 'chain') return []
  return [field('secretAccessKey', 'Secret access key'), field('sessionToken', 'Session token', true)]
}

export function storageSecretFields({ storageKind, s3 }: Draft) {
  if (storageKind !== 's3' || s3.source !== 'keys') return []
  return [
    field('storageSecretAccessKey', 'Secret access key of the storage'),
    field('storageSessionToken', 'Session token of the storage', true),
  ]
}

function headerSecretFields({ kind, headerNames }: Draft) {
  return kind === 'files' ? [] : headerNames.map((name) => field(`header:${name.toLowerCase()}`, name))
}

function field(name: string, label: string, isOptional = false) {
  return { name, label, isOptional }
}

function settingsOf(draft: Draft): ConnectionSettings {
  const mappings = draft.mappings.filter(({ from, to }) => from !== '' || to !== '')
  const storage = storageOf(draft)
  if (draft.kind === 'files') {
    return {
      kind: 'files',
      tables: draft.tables.map(({ namespace, levels, table, metadataLocation }) => ({
        namespace: levels !== null && namespaceLabel(levels) === namespace ? levels : namespace.split('.'),
        table: table.trim(),
        metadataLocation: metadataLocation.trim(),
      })),
      storage: storage ?? { kind: 'local', roots: lines(draft.roots) },
      mappings,
    }
  }
  return {
    kind: 'rest',
    uri: draft.uri.trim(),
    warehouse: orNull(draft.warehouse),
    prefix: orNull(draft.prefix),
    auth: authOf(draft),
    headerNames: draft.headerNames.filter((name) => name !== ''),
    delegation: draft.delegation,
    storage,
    mappings,
    ownCredentials: draft.authKind === 'none' ? 'off' : draft.ownCredentials,
  }
}

function authOf({ authKind, oauth, username, signing }: Draft): ConnectionAuth {
  switch (authKind) {
    case 'none':
    case 'bearer':
      return { kind: authKind }
    case 'oauth2':
      return {
        kind: 'oauth2',
        tokenUri: orNull(oauth.tokenUri),
        clientId: orNull(oauth.clientId),
        scope: orNull(oauth.scope),
        audience: orNull(oauth.audience),
        resource: orNull(oauth.resource),
      }
    case 'basic':
      return { kind: 'basic', username }
    case 'sigv4':
      return { kind: 'sigv4', region: signing.region, service: signing.service, credentials: awsOf(signing) }
  }
}

function storageOf({ storageKind, roots, s3 }: Draft): ConnectionStorage | null {
  if (storageKind === 'none') return null
  if (storageKind === 'local') return { kind: 'local', roots: lines(roots) }
  const { endpoint, region, isPathStyle, source, profile, accessKeyId } = s3
  const credentials = source === 'anonymous' ? { kind: source } : awsOf({ source, profile, accessKeyId })
  return { kind: 's3', roots: lines(roots), endpoint: orNull(endpoint), region, isPathStyle, credentials }
}

function storageDraft(storage: ConnectionStorage | null): Partial<Draft> {
  if (storage === null) return { storageKind: 'none' }
  const roots = storage.roots.join('\n')
  if (storage.kind === 'local') return { storageKind: 'local', roots }
  const { endpoint, region, isPathStyle, credentials } = storage
  const who =
    credentials.kind === 'anonymous'
      ? { source: credentials.kind, profile: '', accessKeyId: '' }
      : awsDraft(credentials)
  return { storageKind: 's3', roots, s3: { endpoint: endpoint ?? '', region, isPathStyle, ...who } }
}

function awsDraft(
  credentials: { kind: 'chain'; profile: string | null } | { kind: 'keys'; accessKeyId: string },
): AwsDraft {
  return credentials.kind === 'chain'
    ? { source: 'chain', profile: credentials.profile ?? '', accessKeyId: '' }
    : { source: 'keys', profile: '', accessKeyId: credentials.accessKeyId }
}

function awsOf({ source, profile, accessKeyId }: AwsDraft) {
  return source === 'chain'
    ? { kind: 'chain' as const, profile: orNull(profile) }
    : { kind: 'keys' as const, accessKeyId: accessKeyId.trim() }
}

function texts<Key extends string>(
  from: Readonly<Record<Key, string | null>>,
  keys: readonly Key[],
): Record<Key, string> {
  return Object.fromEntries(keys.map((key) => [key, from[key] ?? ''])) as Record<Key, string>
}

function orNull(text: string): string | null {
  return text.trim() === '' ? null : text.trim()
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

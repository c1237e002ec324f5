import type { ConnectionAuth, ConnectionEntry, ConnectionSettings, RestConnection } from '@/lib/contract/connections'
import type { CatalogLabel } from '@/lib/contract/shapes/catalog-label'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import {
  type AwsDraft,
  toAwsDraft,
  toAwsCredentials,
  splitLines,
  trimToNull,
  type SecretDraft,
  secretDraft,
} from './draft-parts'
import { EMPTY_STORAGE, type StorageDraft, toStorageDraft, toStorage, storageSecretFields } from './storage-draft'

/**
 * A connection in the form. It keeps the input of options that are not chosen, so that switching between them loses
 * nothing. Secrets are only those typed now: stored secrets never reach the browser.
 */
export type Draft = StorageDraft & {
  name: string
  label: CatalogLabel
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
  search: { hasCredentials: boolean; identity: string }
  mappings: { from: string; to: string }[]
  tables: TableDraft[]
  secrets: Record<string, string>
}

/** `levels` is the namespace while its text is unchanged, because a level may contain a dot. */
export type TableDraft = { namespace: string; levels: Namespace | null; table: string; metadataLocation: string }

export const EMPTY_TABLE: TableDraft = { namespace: '', levels: null, table: '', metadataLocation: '' }

export const EMPTY_DRAFT: Draft = {
  ...EMPTY_STORAGE,
  name: '',
  label: { text: '', color: 'clay' },
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
  search: { hasCredentials: false, identity: '' },
  mappings: [],
  tables: [EMPTY_TABLE],
  secrets: {},
}

/** The draft of a stored connection. */
export function toDraft({ name, settings }: Pick<ConnectionEntry, 'name' | 'settings'>): Draft {
  const shared = {
    ...EMPTY_DRAFT,
    name,
    ...(settings.label && { label: settings.label }),
    kind: settings.kind,
    ...toStorageDraft(settings.storage),
  }
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
    ...(auth.kind === 'oauth2' && {
      oauth: pickTexts(auth, ['tokenUri', 'clientId', 'scope', 'audience', 'resource']),
    }),
    ...(auth.kind === 'basic' && { username: auth.username }),
    ...(auth.kind === 'sigv4' && {
      signing: { region: auth.region, service: auth.service, ...toAwsDraft(auth.credentials) },
    }),
    headerNames: [...settings.headerNames],
    delegation: settings.delegation,
    ownCredentials: settings.ownCredentials,
    search: {
      hasCredentials: settings.searchCredentials !== undefined,
      identity: settings.searchCredentials?.identity ?? '',
    },
  }
}

/** The draft of another kind of catalog, with the user's input. Untouched defaults of the previous kind are dropped. */
export function carryOverInput(typed: Draft, before: Draft, next: Draft): Draft {
  return { ...mergeChangedFields(typed, before, next), kind: next.kind }
}

function mergeChangedFields<Part extends object>(typed: Part, before: Part, next: Part): Part {
  const merged = Object.fromEntries<unknown>(Object.entries(next))
  const previous = Object.fromEntries<unknown>(Object.entries(before))
  for (const [name, value] of Object.entries(typed) as [string, unknown][]) {
    if (isPlainObject(value) && isPlainObject(previous[name]) && isPlainObject(merged[name])) {
      merged[name] = mergeChangedFields(value, previous[name], merged[name])
    } else if (JSON.stringify(value) !== JSON.stringify(previous[name])) merged[name] = value
  }
  return merged as Part
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The request for a draft: the chosen settings, and only the secrets that they need. */
export function toConnectionForm(draft: Draft): {
  name: string
  settings: ConnectionSettings
  secrets: Record<string, string>
} {
  const requestedNames = new Set(secretFields(draft).map(({ name }) => name))
  const secrets = Object.entries(draft.secrets).filter(([name, value]) => requestedNames.has(name) && value !== '')
  return { name: draft.name.trim(), settings: toSettings(draft), secrets: Object.fromEntries(secrets) }
}

/** Secrets that the chosen settings need. */
export function secretFields(draft: Draft): SecretDraft[] {
  const search = hasSearchCredentials(draft) ? [secretDraft('searchSecret')] : []
  return [...authSecretFields(draft), ...search, ...headerSecretFields(draft), ...storageSecretFields(draft)]
}

export function authSecretFields({ kind, authKind, signing }: Draft) {
  if (kind === 'files') return []
  if (authKind === 'bearer') return [secretDraft('token')]
  if (authKind === 'oauth2') return [secretDraft('clientSecret')]
  if (authKind === 'basic') return [secretDraft('password')]
  if (authKind === 'none' || signing.source === 'chain') return []
  return [secretDraft('secretAccessKey'), secretDraft('sessionToken', true)]
}

/** A connection has credentials for search only if its users have their own. */
export function hasSearchCredentials({ kind, authKind, ownCredentials, search }: Draft): boolean {
  return kind === 'rest' && authKind !== 'none' && ownCredentials !== 'off' && search.hasCredentials
}

function headerSecretFields({ kind, headerNames }: Draft) {
  return kind === 'files'
    ? []
    : headerNames.map((name) => ({ ...secretDraft(`header:${name.toLowerCase()}`), label: name }))
}

function toSettings(draft: Draft): ConnectionSettings {
  const mappings = draft.mappings.filter(({ from, to }) => from !== '' || to !== '')
  const storage = toStorage(draft)
  const text = draft.label.text.trim()
  const label = text !== '' && { label: { ...draft.label, text } }
  if (draft.kind === 'files') {
    return {
      kind: 'files',
      tables: draft.tables.map(({ namespace, levels, table, metadataLocation }) => ({
        namespace: levels !== null && namespaceLabel(levels) === namespace ? levels : namespace.split('.'),
        table: table.trim(),
        metadataLocation: metadataLocation.trim(),
      })),
      storage: storage ?? { kind: 'local', roots: splitLines(draft.roots) },
      mappings,
      ...label,
    }
  }
  return {
    kind: 'rest',
    uri: draft.uri.trim(),
    warehouse: trimToNull(draft.warehouse),
    prefix: trimToNull(draft.prefix),
    auth: toAuth(draft),
    headerNames: draft.headerNames.filter((name) => name !== ''),
    delegation: draft.delegation,
    storage,
    mappings,
    ownCredentials: draft.authKind === 'none' ? 'off' : draft.ownCredentials,
    ...(hasSearchCredentials(draft) && {
      searchCredentials: { identity: draft.authKind === 'bearer' ? null : draft.search.identity.trim() },
    }),
    ...label,
  }
}

function toAuth({ authKind, oauth, username, signing }: Draft): ConnectionAuth {
  switch (authKind) {
    case 'none':
    case 'bearer':
      return { kind: authKind }
    case 'oauth2':
      return {
        kind: 'oauth2',
        tokenUri: trimToNull(oauth.tokenUri),
        clientId: trimToNull(oauth.clientId),
        scope: trimToNull(oauth.scope),
        audience: trimToNull(oauth.audience),
        resource: trimToNull(oauth.resource),
      }
    case 'basic':
      return { kind: 'basic', username }
    case 'sigv4':
      return { kind: 'sigv4', region: signing.region, service: signing.service, credentials: toAwsCredentials(signing) }
  }
}

function pickTexts<Key extends string>(
  from: Readonly<Record<Key, string | null>>,
  keys: readonly Key[],
): Record<Key, string> {
  return Object.fromEntries(keys.map((key) => [key, from[key] ?? ''])) as Record<Key, string>
}

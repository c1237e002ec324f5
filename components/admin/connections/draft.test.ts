import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import {
  type ConnectionSettings,
  connectionSettings,
  type ConnectionStorage,
  type RestConnection,
} from '@/lib/contract/connections'
import { carryOverInput, toDraft, EMPTY_DRAFT, toConnectionForm, secretFields } from './draft'
import { TEMPLATES } from './templates'

const REST: RestConnection = {
  kind: 'rest',
  uri: 'https://catalog.example/api',
  warehouse: 'lake',
  prefix: null,
  auth: { kind: 'none' },
  headerNames: [],
  delegation: 'vended-credentials',
  storage: null,
  mappings: [{ from: 's3://old', to: 's3://new' }],
  ownCredentials: 'off',
}
const S3 = {
  kind: 's3' as const,
  roots: ['s3://a', 's3://b/c'],
  endpoint: 'https://minio',
  region: 'eu',
  isPathStyle: true,
}
const LOGINS: RestConnection['auth'][] = [
  { kind: 'bearer' },
  { kind: 'oauth2', tokenUri: 'https://idp/token', clientId: null, scope: 'all', audience: null, resource: 'r' },
  { kind: 'basic', username: 'ann' },
  { kind: 'sigv4', region: 'eu', service: 'glue', credentials: { kind: 'chain', profile: 'prod' } },
  { kind: 'sigv4', region: 'eu', service: 'glue', credentials: { kind: 'keys', accessKeyId: 'AKIA' } },
]
const AZURE_CREDENTIALS: Extract<ConnectionStorage, { kind: 'azure' }>['credentials'][] = [
  { kind: 'account-key' },
  { kind: 'sas' },
  { kind: 'client-secret', tenantId: 't', clientId: 'c', authority: null },
  { kind: 'client-secret', tenantId: 't', clientId: 'c', authority: 'https://login.example' },
  { kind: 'anonymous' },
]
const GCS_CREDENTIALS = ['service-account', 'machine', 'anonymous'] as const
const SETTINGS: ConnectionSettings[] = [
  REST,
  ...LOGINS.map((auth): RestConnection => ({ ...REST, auth, ownCredentials: 'required' })),
  ...LOGINS.map(
    (auth): RestConnection => ({
      ...REST,
      auth,
      ownCredentials: 'allowed',
      searchCredentials: { identity: auth.kind === 'bearer' ? null : 'search' },
    }),
  ),
  { ...REST, headerNames: ['X-Realm'], storage: { ...S3, credentials: { kind: 'anonymous' } } },
  { ...REST, storage: { ...S3, endpoint: null, credentials: { kind: 'keys', accessKeyId: 'AKIA' } } },
  ...AZURE_CREDENTIALS.map(
    (credentials): RestConnection => ({
      ...REST,
      storage: { kind: 'azure', roots: ['abfss://lake@acme.dfs.core.windows.net'], endpoint: null, credentials },
    }),
  ),
  ...GCS_CREDENTIALS.map(
    (kind): RestConnection => ({
      ...REST,
      storage: { kind: 'gcs', roots: ['gs://lake'], endpoint: null, credentials: { kind } },
    }),
  ),
  { ...REST, label: { text: 'production', color: 'clay' } },
  {
    kind: 'files',
    tables: [{ namespace: ['a.b', 'c'], table: 't', metadataLocation: 's3://a/t' }],
    storage: { kind: 'local', roots: ['file:///srv/tables'] },
    mappings: [],
    label: { text: 'archive', color: 'pine' },
  },
]

describe('A stored connection in the form', () => {
  it('has no label without a text', () => {
    const draft = { ...toDraft({ name: 'prod', settings: REST }), label: { text: '  ', color: 'plum' as const } }
    expect(toConnectionForm(draft).settings).not.toHaveProperty('label')
  })
  it.each(['two\nlines', 'a\u202eb', 'x'.repeat(25), ''])('has a short label of one visible line, not %j', (text) => {
    expect(connectionSettings.safeParse({ ...REST, label: { text, color: 'clay' } }).success).toBe(false)
  })
  it.each(SETTINGS.map((settings) => [JSON.stringify(settings), settings] as const))(
    'is saved unchanged: %s',
    (_, settings) => {
      expect(toConnectionForm(toDraft({ name: 'prod', settings }))).toEqual({ name: 'prod', settings, secrets: {} })
    },
  )

  it('keeps a namespace level that contains a dot until its text is changed', () => {
    const settings = SETTINGS.at(-1)
    if (settings?.kind !== 'files') throw new Error('not of files')
    const draft = toDraft({ name: 'prod', settings })
    const changed = { ...draft, tables: draft.tables.map((table) => ({ ...table, namespace: 'x.y' })) }
    expect(toConnectionForm(changed).settings).toMatchObject({ tables: [{ namespace: ['x', 'y'] }] })
  })
})

it('keeps the user’s input when another kind of catalog is chosen, and drops the defaults of the previous kind', () => {
  const [lakekeeper, polaris] = ['lakekeeper', 'polaris'].map(
    (id) => TEMPLATES.find((template) => template.id === id)?.draft,
  )
  if (!lakekeeper || !polaris) throw new Error('no such templates')
  const typed = {
    ...lakekeeper,
    name: 'prod',
    warehouse: 'lake',
    oauth: { ...lakekeeper.oauth, clientId: 'ann' },
    secrets: { clientSecret: 's' },
  }
  expect(carryOverInput(typed, lakekeeper, polaris)).toEqual({
    ...polaris,
    name: 'prod',
    warehouse: 'lake',
    oauth: { ...polaris.oauth, clientId: 'ann' },
    secrets: { clientSecret: 's' },
  })
})

it('sends only secrets that were typed and that the chosen authentication needs', () => {
  const secrets = { token: 'a', password: 'b', clientSecret: '' }
  const draft = { ...EMPTY_DRAFT, uri: 'https://x', secrets }
  expect(toConnectionForm({ ...draft, authKind: 'bearer' }).secrets).toEqual({ token: 'a' })
  expect(toConnectionForm({ ...draft, authKind: 'oauth2' }).secrets).toEqual({})
  expect(toConnectionForm({ ...draft, authKind: 'none' }).secrets).toEqual({})
  const headers = { ...draft, headerNames: ['X-Key'], secrets: { 'header:x-key': 'k' } }
  expect(toConnectionForm(headers).secrets).toEqual({ 'header:x-key': 'k' })
})

it('asks for the secrets of an AWS signature and of the connection’s own bucket', () => {
  const signing = { ...EMPTY_DRAFT.signing, source: 'keys' as const }
  const draft = { ...EMPTY_DRAFT, authKind: 'sigv4' as const, signing, storageKind: 's3' as const }
  expect(secretFields(draft).map(({ name }) => name)).toEqual([
    'secretAccessKey',
    'sessionToken',
    'storageSecretAccessKey',
    'storageSessionToken',
  ])
})

it.each([
  ['account-key', ['storageAccountKey']],
  ['sas', ['storageSas']],
  ['client-secret', ['storageClientSecret']],
  ['anonymous', []],
] as const)('asks for the secrets of an Azure account: %s', (source, secrets) => {
  const azure = { ...EMPTY_DRAFT.azure, source }
  expect(secretFields({ ...EMPTY_DRAFT, storageKind: 'azure', azure }).map(({ name }) => name)).toEqual(secrets)
})

it.each([
  ['service-account', ['storageServiceAccountKey']],
  ['machine', []],
  ['anonymous', []],
] as const)('asks for the secrets of Google Cloud Storage: %s', (source, secrets) => {
  const gcs = { ...EMPTY_DRAFT.gcs, source }
  expect(secretFields({ ...EMPTY_DRAFT, storageKind: 'gcs', gcs }).map(({ name }) => name)).toEqual(secrets)
})

it.each(TEMPLATES.map((template) => [template.title, template] as const))(
  '%s fills the form with settings that are valid with values like its examples',
  (_, { draft, examples }) => {
    const filled = {
      ...draft,
      uri: draft.uri === '' ? (examples.uri ?? '') : draft.uri,
      username: 'ann',
      roots: examples.roots ?? 's3://bucket',
      s3: { ...draft.s3, accessKeyId: 'AKIA' },
      tables: draft.tables.map((table) => ({
        ...table,
        namespace: 'a',
        table: 't',
        metadataLocation: 's3://bucket/t',
      })),
    }
    const { settings } = toConnectionForm({ ...filled, name: 'prod' })
    expect(connectionSettings.safeParse(z.encode(connectionSettings, settings)).success).toBe(true)
  },
)

it('says which header names are valid', () => {
  const { error } = connectionSettings.safeParse({ ...REST, headerNames: ['X Realm'] })
  expect(error?.issues.map(({ message }) => message)).toEqual(['A header name has at most 64 letters, digits and -.'])
})

import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type ConnectionSettings, connectionSettings, type RestConnection } from '@/lib/contract/connections'
import { draftOf, EMPTY_DRAFT, formOf, secretFields } from './draft'
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
const SETTINGS: ConnectionSettings[] = [
  REST,
  ...LOGINS.map((auth): RestConnection => ({ ...REST, auth, ownCredentials: 'required' })),
  { ...REST, headerNames: ['X-Realm'], storage: { ...S3, credentials: { kind: 'anonymous' } } },
  { ...REST, storage: { ...S3, endpoint: null, credentials: { kind: 'keys', accessKeyId: 'AKIA' } } },
  {
    kind: 'files',
    tables: [{ namespace: ['a.b', 'c'], table: 't', metadataLocation: 's3://a/t' }],
    storage: { kind: 'local', roots: ['file:///srv/tables'] },
    mappings: [],
  },
]

describe('A stored connection in the form', () => {
  it.each(SETTINGS.map((settings) => [JSON.stringify(settings), settings] as const))(
    'is saved as it was: %s',
    (_, settings) => {
      expect(formOf(draftOf({ name: 'prod', settings }))).toEqual({ name: 'prod', settings, secrets: {} })
    },
  )

  it('keeps a level with a dot until its text is changed', () => {
    const settings = SETTINGS.at(-1)
    if (settings?.kind !== 'files') throw new Error('not of files')
    const draft = draftOf({ name: 'prod', settings })
    const changed = { ...draft, tables: draft.tables.map((table) => ({ ...table, namespace: 'x.y' })) }
    expect(formOf(changed).settings).toMatchObject({ tables: [{ namespace: ['x', 'y'] }] })
  })
})

it('sends only secrets that the chosen login wants, and that were typed', () => {
  const secrets = { token: 'a', password: 'b', clientSecret: '' }
  const draft = { ...EMPTY_DRAFT, uri: 'https://x', secrets }
  expect(formOf({ ...draft, authKind: 'bearer' }).secrets).toEqual({ token: 'a' })
  expect(formOf({ ...draft, authKind: 'oauth2' }).secrets).toEqual({})
  expect(formOf({ ...draft, authKind: 'none' }).secrets).toEqual({})
  const headers = { ...draft, headerNames: ['X-Key'], secrets: { 'header:x-key': 'k' } }
  expect(formOf(headers).secrets).toEqual({ 'header:x-key': 'k' })
})

it('asks for the secrets that an AWS signature and a bucket of one’s own want', () => {
  const signing = { ...EMPTY_DRAFT.signing, source: 'keys' as const }
  const draft = { ...EMPTY_DRAFT, authKind: 'sigv4' as const, signing, storageKind: 's3' as const }
  expect(secretFields(draft).map(({ name }) => name)).toEqual([
    'secretAccessKey',
    'sessionToken',
    'storageSecretAccessKey',
    'storageSessionToken',
  ])
})

it.each(TEMPLATES.map((template) => [template.title, template] as const))(
  '%s fills the form with what can be sent',
  (_, { draft }) => {
    const filled = {
      ...draft,
      uri: draft.uri === 'https://' ? 'https://x' : draft.uri,
      username: 'ann',
      roots: draft.roots === '' ? 's3://bucket' : draft.roots,
      s3: { ...draft.s3, accessKeyId: 'AKIA' },
      tables: draft.tables.map((table) => ({
        ...table,
        namespace: 'a',
        table: 't',
        metadataLocation: 's3://bucket/t',
      })),
    }
    const { settings } = formOf({ ...filled, name: 'prod' })
    expect(connectionSettings.safeParse(z.encode(connectionSettings, settings)).success).toBe(true)
  },
)

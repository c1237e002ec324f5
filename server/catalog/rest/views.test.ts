import { createTestOutbox } from '@/testing/catalogs/test-outbox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ViewIdentifier } from '@/lib/names/identifiers'
import type { ViewMetadata, ViewVersion } from '@/lib/iceberg/view/view-metadata'
import { viewMetadataToJson } from '@/lib/iceberg/view/view-metadata-json'
import type { ViewChange, ViewUpdate } from '@/lib/iceberg/view/view-update'
import {
  errorReply,
  type Reply,
  createTestRestCatalog,
  RestCatalogStandIn,
} from '@/testing/catalogs/rest-catalog-stand-in'
import { changeSql } from '@/testing/databases/change-sql'
import { rawChange } from '@/testing/databases/test-sql'
import type { RestCatalogDeps } from './catalog'
import { ENDPOINTS } from './http/endpoints'

const VIEW = '/v1/namespaces/demo/views/v'
const IDENTIFIER: ViewIdentifier = { catalog: 'remote', namespace: ['demo'], view: 'v' }
const SCHEMA = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'n', required: false, type: 'long' }],
} as const
const version = (versionId: number, sql: string): ViewVersion => ({
  versionId,
  timestampMs: versionId,
  schemaId: 0,
  summary: {},
  representations: [{ type: 'sql', sql, dialect: 'spark' }],
  defaultCatalog: null,
  defaultNamespace: ['demo'],
})

let catalog: RestCatalogStandIn
let view: ViewMetadata
let revision: number

beforeEach(async () => {
  revision = 1
  view = {
    formatVersion: 1,
    viewUuid: 'view-1',
    location: 's3://lake/v',
    schemas: [SCHEMA],
    currentVersionId: 1,
    versions: [version(1, 'SELECT 1')],
    versionLog: [{ timestampMs: 1, versionId: 1 }],
    properties: {},
  }
  catalog = await RestCatalogStandIn.start()
  catalog
    .on('GET /v1/config', { body: { overrides: {}, endpoints: Object.values(ENDPOINTS) } })
    .on(`GET ${VIEW}`, () => loadReply())
})
afterEach(() => catalog.stop())

const openCatalog = (change: Partial<RestCatalogDeps> = {}) => createTestRestCatalog(catalog.uri, change)
const loadReply = (): Reply => ({
  body: { 'metadata-location': `s3://lake/v/metadata/${revision}.json`, metadata: viewMetadataToJson(view) },
})
/** The catalog's result of a commit, written by hand. */
function updateView(change: Partial<ViewMetadata>): Reply {
  view = { ...view, ...change }
  revision += 1
  return loadReply()
}
const postedBodies = () =>
  catalog.received.filter(({ method }) => method === 'POST').map(({ body }) => JSON.parse(body) as unknown)
const replace: ViewChange = {
  requirements: [],
  updates: [
    { action: 'add-view-version', viewVersion: version(2, 'SELECT 2') },
    { action: 'set-current-view-version', viewVersionId: -1 },
  ],
}
const replaced = {
  versions: [version(1, 'SELECT 1'), { ...version(5, 'SELECT 2'), timestampMs: 2 }],
  currentVersionId: 5,
}

describe('Views', () => {
  it('are listed, and the list is empty when the catalog does not support views', async () => {
    catalog.on('GET /v1/namespaces/demo/views', { body: { identifiers: [{ namespace: ['demo'], name: 'v' }] } })
    expect(await openCatalog().listViews(['demo'])).toEqual([IDENTIFIER])
    catalog.on('GET /v1/config', { body: { overrides: {} } })
    expect(await openCatalog().listViews(['demo'])).toEqual([])
    await expect(openCatalog().loadView(IDENTIFIER)).rejects.toMatchObject({ code: 'not-supported' })
  })

  it('are loaded with every version', async () => {
    const loaded = await openCatalog().loadView(IDENTIFIER)
    expect(loaded).toEqual({ identifier: IDENTIFIER, metadataLocation: 's3://lake/v/metadata/1.json', metadata: view })
    catalog.on(`GET ${VIEW}`, [errorReply(404, 'NoSuchViewException'), { body: { metadata: {} } }])
    await expect(openCatalog().loadView(IDENTIFIER)).rejects.toMatchObject({ code: 'not-found' })
    await expect(openCatalog().loadView(IDENTIFIER)).rejects.toMatchObject({ code: 'catalog-unavailable' })
  })

  it('are created and registered, and the rows alongside are written afterwards', async () => {
    const writtenChanges: string[] = []
    const remote = openCatalog({ outbox: createTestOutbox((rows) => writtenChanges.push(...rows.map(changeSql))) })
    catalog
      .on('POST /v1/namespaces/demo/views', () => loadReply())
      .on('POST /v1/namespaces/demo/register-view', () => loadReply())
    const alongside = ({ before, after }: { before: unknown; after: { identifier: ViewIdentifier } }) => [
      rawChange(`${before === null} ${after.identifier.view}`),
    ]
    await remote.write(
      {
        kind: 'create-view',
        view: IDENTIFIER,
        schema: SCHEMA,
        version: version(1, 'SELECT 1'),
        location: 's3://lake/v',
        properties: { a: 'b' },
      },
      { alongside },
    )
    await remote.write({ kind: 'create-view', view: IDENTIFIER, schema: SCHEMA, version: version(1, 'SELECT 1') })
    await remote.write(
      { kind: 'register-view', view: IDENTIFIER, metadataLocation: 's3://lake/v/metadata/1.json' },
      { alongside },
    )
    expect(postedBodies()).toEqual([
      expect.objectContaining({ name: 'v', location: 's3://lake/v', properties: { a: 'b' } }),
      expect.objectContaining({ 'view-version': expect.objectContaining({ 'default-namespace': ['demo'] }) }),
      { name: 'v', 'metadata-location': 's3://lake/v/metadata/1.json' },
    ])
    expect(writtenChanges).toEqual(['true v', 'true v'])
  })

  it('are renamed and dropped', async () => {
    const writtenChanges: unknown[] = []
    const remote = openCatalog({ outbox: createTestOutbox((rows) => writtenChanges.push(...rows.map(changeSql))) })
    const alongside = (row: { metadataLocation: string | null }) => [rawChange(String(row.metadataLocation))]
    catalog.on('POST /v1/views/rename', { status: 204 }).on(`DELETE ${VIEW}`, { status: 204 })
    await remote.write({ kind: 'rename-view', view: IDENTIFIER, to: { ...IDENTIFIER, view: 'w' } }, { alongside })
    await remote.write({ kind: 'drop-view', view: IDENTIFIER }, { alongside })
    catalog.on(`GET ${VIEW}`, { body: { 'metadata-location': 'x', metadata: { 'format-version': 9 } } })
    await remote.write({ kind: 'drop-view', view: IDENTIFIER }, { alongside })
    expect(writtenChanges).toEqual(['s3://lake/v/metadata/1.json', 's3://lake/v/metadata/1.json', 'null'])
    expect(postedBodies()).toEqual([
      { source: { namespace: ['demo'], name: 'v' }, destination: { namespace: ['demo'], name: 'w' } },
    ])
  })
})

describe('A commit of a view', () => {
  it('is sent with the view’s uuid', async () => {
    catalog.on(`POST ${VIEW}`, () => updateView(replaced))
    expect(
      (await openCatalog().write({ kind: 'commit-view', view: IDENTIFIER, change: replace })).metadata.currentVersionId,
    ).toBe(5)
    expect(postedBodies()).toEqual([
      expect.objectContaining({ requirements: [{ type: 'assert-view-uuid', uuid: 'view-1' }] }),
    ])
  })

  it('to a view that was recreated under the same name is not sent', async () => {
    const change = { ...replace, requirements: [{ type: 'assert-view-uuid', uuid: 'view-0' }] as const }
    await expect(openCatalog().write({ kind: 'commit-view', view: IDENTIFIER, change })).rejects.toMatchObject({
      code: 'commit-conflict',
    })
    expect(postedBodies()).toEqual([])
  })

  it('that lost to another commit is retried a few times', async () => {
    catalog.on(`POST ${VIEW}`, [errorReply(409, 'CommitFailedException'), () => updateView(replaced)])
    await openCatalog().write({ kind: 'commit-view', view: IDENTIFIER, change: replace })
    expect(postedBodies()).toHaveLength(2)
    catalog.on(`POST ${VIEW}`, errorReply(409, 'CommitFailedException'))
    await expect(openCatalog().write({ kind: 'commit-view', view: IDENTIFIER, change: replace })).rejects.toMatchObject(
      { code: 'commit-conflict' },
    )
    expect(postedBodies()).toHaveLength(7)
  })

  const all: readonly [ViewUpdate, Partial<ViewMetadata>][] = [
    [{ action: 'set-properties', updates: { a: 'b' } }, { properties: { a: 'b' } }],
    [{ action: 'remove-properties', removals: ['z'] }, { properties: { a: 'b' } }],
    [{ action: 'set-location', location: 's3://x/' }, { location: 's3://x' }],
    [
      { action: 'add-schema', schema: { ...SCHEMA, schemaId: 4, fields: [] } },
      { schemas: [SCHEMA, { ...SCHEMA, schemaId: 1, fields: [] }] },
    ],
    [{ action: 'upgrade-format-version', formatVersion: 1 }, {}],
    [{ action: 'assign-uuid', uuid: 'VIEW-1' }, {}],
    [{ action: 'set-current-view-version', viewVersionId: 5 }, replaced],
  ]

  it.each([[replace.updates, replaced], ...all.map(([update, change]) => [[update], change] as const)] as const)(
    'whose response is lost is found by its result: %j',
    async (updates, change) => {
      const seen: unknown[] = []
      catalog.on(`POST ${VIEW}`, () => {
        updateView(change)
        return { cut: 'before' }
      })
      const alongside = ({ after }: { after: unknown }) => {
        seen.push(after)
        return []
      }
      const after = await openCatalog().write(
        { kind: 'commit-view', view: IDENTIFIER, change: { requirements: [], updates } },
        { alongside },
      )
      expect(seen).toEqual([after])
      expect(postedBodies()).toHaveLength(1)
    },
  )

  it('whose response is lost stays unknown when the view does not show it or cannot be loaded', async () => {
    catalog.on(`POST ${VIEW}`, { status: 504 })
    await expect(openCatalog().write({ kind: 'commit-view', view: IDENTIFIER, change: replace })).rejects.toMatchObject(
      { code: 'commit-state-unknown' },
    )
    catalog.on(`POST ${VIEW}`, () => {
      catalog.on(`GET ${VIEW}`, errorReply(404, 'NoSuchViewException'))
      return { status: 504 }
    })
    await expect(openCatalog().write({ kind: 'commit-view', view: IDENTIFIER, change: replace })).rejects.toMatchObject(
      { code: 'commit-state-unknown' },
    )
  })
})

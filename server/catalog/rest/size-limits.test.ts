import { afterEach, beforeEach, expect, it } from 'vitest'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { asViewIdentifier, type TableIdentifier } from '@/lib/names/identifiers'
import { tableMetadataToJson } from '@/lib/iceberg/metadata/metadata-json'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { sampleViewVersion, sampleView } from '@/testing/iceberg/sample-view'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import type { Schema } from '@/lib/iceberg/schema/types'
import { viewMetadataToJson } from '@/lib/iceberg/view/view-metadata-json'
import { RestCatalogStandIn, createTestRestCatalog } from '@/testing/catalogs/rest-catalog-stand-in'

const IDENTIFIER: TableIdentifier = { catalog: 'remote', namespace: ['demo'], table: 't' }
const SCHEMA: Schema = { schemaId: 0, identifierFieldIds: [], fields: [] }
const HUGE = { comment: 'x'.repeat(31_000_000) }
const change: TableChange = { requirements: [], updates: [{ action: 'set-properties', updates: HUGE }] }
const long = sampleViewVersion({ representations: [{ type: 'sql', sql: 'y'.repeat(10_000_000), dialect: 'trino' }] })

let catalog: RestCatalogStandIn

beforeEach(async () => {
  catalog = await RestCatalogStandIn.start()
  const loadReply = (metadata: Parameters<typeof stringifyExactJson>[0]) => ({
    body: stringifyExactJson({ 'metadata-location': 's3://lake/t/1.json', metadata, config: {} }),
  })
  const endpoints = ['namespaces', 'namespaces/{namespace}', 'namespaces/{namespace}/views/{view}'].flatMap((path) =>
    ['GET', 'POST'].map((method) => `${method} /v1/{prefix}/${path}`),
  )
  const more = ['namespaces/{namespace}/tables', 'namespaces/{namespace}/views', 'namespaces/{namespace}/properties']
  catalog
    .on('GET /v1/config', {
      body: {
        defaults: {},
        overrides: {},
        endpoints: [
          ...endpoints,
          ...more.map((path) => `POST /v1/{prefix}/${path}`),
          'GET /v1/{prefix}/namespaces/{namespace}/tables/{table}',
          'POST /v1/{prefix}/namespaces/{namespace}/tables/{table}',
          'POST /v1/{prefix}/transactions/commit',
        ],
      },
    })
    .on('GET /v1/namespaces/demo', { body: { namespace: ['demo'], properties: {} } })
    .on('GET /v1/namespaces/demo/tables/t', loadReply(tableMetadataToJson(sampleMetadata())))
    .on('GET /v1/namespaces/demo/views/t', loadReply(viewMetadataToJson(sampleView())))
})
afterEach(() => catalog.stop())

const client = () => createTestRestCatalog(catalog.uri)

it.each([
  ['a new table', () => client().write({ kind: 'create-table', table: IDENTIFIER, schema: SCHEMA, properties: HUGE })],
  ['a staged table', () => client().stageTable(IDENTIFIER, { schema: SCHEMA, properties: HUGE })],
  ['a commit', () => client().write({ kind: 'commit-table', table: IDENTIFIER, change })],
  [
    'a commit over several tables',
    () => client().write({ kind: 'commit-tables', commits: [{ identifier: IDENTIFIER, change }] }),
  ],
  ['a new namespace', () => client().write({ kind: 'create-namespace', namespace: ['new'], properties: HUGE })],
  ['a namespace', () => client().write({ kind: 'update-namespace', namespace: ['demo'], updates: HUGE, removals: [] })],
  [
    'the properties of a view',
    () =>
      client().write({
        kind: 'create-view',
        view: asViewIdentifier(IDENTIFIER),
        schema: SCHEMA,
        version: sampleViewVersion(),
        properties: HUGE,
      }),
  ],
  [
    'the text of a view',
    () => client().write({ kind: 'create-view', view: asViewIdentifier(IDENTIFIER), schema: SCHEMA, version: long }),
  ],
  [
    'a commit of a view',
    () =>
      client().write({
        kind: 'commit-view',
        view: asViewIdentifier(IDENTIFIER),
        change: {
          requirements: [],
          updates: [{ action: 'add-view-version', viewVersion: long }],
        },
      }),
  ],
])('%s with megabytes of text is not sent to a connected catalog', async (_what, work) => {
  await expect(work()).rejects.toMatchObject({
    code: 'invalid-request',
    message: expect.stringMatching(/The property comment: 31,000,000|The view's text in trino: 10,000,000/),
  })
  expect(catalog.received.filter(({ method }) => method === 'POST')).toEqual([])
})

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { viewScripts } from '@/lib/connect/view-statements'
import type { ViewIdentifier } from '@/lib/names/identifiers'
import type { Json } from '@/lib/iceberg/json/json'
import type { ViewMetadata } from '@/lib/iceberg/view/view-metadata'
import type { ViewVersionDraft } from '@/lib/changes/view-edits/view-draft'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { installTrino } from '@/testing/peers/install-trino'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { openPyiceberg, openSpark, openTrino, trinoRestCatalog } from '@/testing/peers/shared/open-peer'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { commitViewEdit, createView } from '@/testing/lifecycle/actions'

/** Views that Lakeshore creates and edits are read by engines, and Lakeshore reads the versions that engines write. */

const python = installPyiceberg()
const spark = installPyspark()
const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])
const trino = await installOrSkip('Trino', installTrino)

const home = createTestHome()
const context = { actor: TEST_ACTOR, requestId: null, signal: new AbortController().signal }
let catalog: CatalogClient
let listener: RestListener
let token: string
let count = 0
let view: ViewIdentifier

beforeAll(async () => {
  catalog = await openTestCatalog(home.services)
  await catalog.write({ kind: 'create-namespace', namespace: ['seen'], properties: {} })
  listener = await startRestListener(home.services)
  token = await createRestTokenAs(home.services, 'admin')
})
afterAll(async () => {
  await listener?.stop()
})
beforeEach(() => {
  view = { catalog: 'local', namespace: ['seen'], view: `v${(count += 1)}` }
})

const newKey = () => `key-of-interop-${(count += 1)}`
const field = (id: number, name: string) => ({ id, name, required: false, type: 'long' as const })
const draft = (dialect: string, sql: string, change: Partial<ViewVersionDraft> = {}): ViewVersionDraft => ({
  representations: [{ dialect, sql }],
  defaultCatalog: null,
  defaultNamespace: ['seen'],
  schema: { schemaId: 0, identifierFieldIds: [], fields: [{ ...field(1, 'id'), doc: 'of the row' }] },
  ...change,
})
const create = (version: ViewVersionDraft, properties: Record<string, string> = {}) =>
  createView(home.services, view, { version, properties }, { ...context, idempotencyKey: newKey() })
const load = async () => (await catalog.loadView(view)).metadata
const replace = (version: ViewVersionDraft, baseVersionId: number) =>
  commitViewEdit(
    home.services,
    view,
    { edit: { kind: 'replace', baseVersionId, retainedDialects: [], ...version } },
    { ...context, idempotencyKey: newKey() },
  )
const rollBack = (baseVersionId: number, versionId: number) =>
  commitViewEdit(
    home.services,
    view,
    { edit: { kind: 'roll-back', baseVersionId, versionId } },
    { ...context, idempotencyKey: newKey() },
  )

/** An engine's abilities, and how it names things. */
type Sql = { dialect: 'spark' | 'trino'; sql: (statement: string) => Promise<Json[][]>; defaultCatalog: string | null }

const TWIN = { properties: { comment: 'a twin' }, schemas: [{ fields: [{ name: 'id', type: 'long' }] }] }

/** Returns the view that the engine creates by the statements of a review. */
async function walk({ dialect, sql, defaultCatalog }: Sql): Promise<ViewMetadata> {
  const numbers = `numbers_${dialect}`
  await sql(`CREATE TABLE seen.${numbers} (id BIGINT)`)
  await sql(`INSERT INTO seen.${numbers} VALUES (1), (2), (3)`)
  const rows = async () => (await sql(`SELECT * FROM seen.${view.view} ORDER BY 1`)).map((row) => row.map(String))
  await create(draft(dialect, `SELECT id FROM ${numbers} WHERE id > 1`, { defaultCatalog }), { comment: "it's open" })
  expect(await rows()).toEqual([['2'], ['3']])

  const wider = { schemaId: 0, identifierFieldIds: [], fields: [field(1, 'id'), field(2, 'twice')] }
  await replace(draft(dialect, `SELECT id, id * 2 AS twice FROM ${numbers}`, { defaultCatalog, schema: wider }), 1)
  expect(await rows()).toEqual([
    ['1', '2'],
    ['2', '4'],
    ['3', '6'],
  ])
  await sql(`CREATE OR REPLACE VIEW seen.${view.view} AS SELECT max(id) AS most FROM seen.${numbers}`)
  const replaced = await load()
  expect(replaced.versions).toHaveLength(3)
  expect(replaced.versions.at(-1)).toMatchObject({ representations: [{ dialect }] })
  expect(await rows()).toEqual([['3']])
  await rollBack(replaced.currentVersionId, 1)
  expect(await rows()).toEqual([['2'], ['3']])

  const version = draft(dialect, `SELECT id FROM seen.${numbers} WHERE id < 3`, { defaultCatalog })
  view = { ...view, view: `${view.view}_twin` }
  const script = viewScripts(view, { ...version, properties: { comment: 'a twin' } }, { isNew: true })[dialect]
  for (const statement of script.text.split(';\n').filter((text) => text.trim() !== ''))
    await sql(statement.replace(/;$/, ''))
  expect(await rows()).toEqual([['1'], ['2']])
  return await load()
}

describe.skipIf(spark === null || jar === null)('Views in Spark (skipped when it is unavailable)', () => {
  test('are read and replaced there, and rolled back here', async () => {
    const session = openSpark({ uri: listener.uri, token, warehouse: 'local' })
    try {
      const twin = await walk({
        dialect: 'spark',
        defaultCatalog: null,
        // The session names the catalog `peer`.
        sql: (statement) => session.request<Json[][]>({ sql: statement.replaceAll('`local`', '`peer`') }),
      })
      expect(twin).toMatchObject(TWIN)
    } finally {
      await session.stop()
    }
  })
})

describe.skipIf(trino === null)('Views in Trino (skipped when it is unavailable)', () => {
  test('are read and replaced there, and rolled back here', async () => {
    const server = await openTrino({ local: trinoRestCatalog(listener.uri, token) })
    try {
      const twin = await walk({
        dialect: 'trino',
        defaultCatalog: 'local',
        sql: async (statement) => {
          if (statement.startsWith('USE')) return []
          const named = statement.replaceAll(/(?<![."\w])seen\./g, 'local.seen.')
          return (await server.sql(named)) as Json[][]
        },
      })
      expect(twin).toMatchObject(TWIN)
    } finally {
      await server.stop()
    }
  })
})

describe.skipIf(python === null)('Views in PyIceberg (skipped when it is unavailable)', () => {
  test('are listed, loaded, created and dropped there', async () => {
    const session = openPyiceberg({ uri: listener.uri, token, warehouse: 'local' })
    const py = <Answer>(code: string) => session.request<Answer>({ code })
    try {
      const version = draft('spark', "SELECT 'it''s' AS id\nFROM numbers", { defaultCatalog: 'local' })
      await create(version)
      await replace({ ...version, representations: [{ dialect: 'spark', sql: 'SELECT 2 AS id' }] }, 1)
      expect(await py<string[]>(`answer = [name for (_, name) in catalog.list_views(('seen',))]`)).toContain(view.view)
      expect(
        await py(`
v = catalog.load_view(('seen', '${view.view}'))
answer = [len(v.metadata.versions), v.metadata.current_version_id, [f.name for f in v.schema().fields]]`),
      ).toEqual([2, 2, ['id']])
      view = { ...view, view: `${view.view}_twin` }
      await py(viewScripts(view, { ...version, properties: { comment: 'a twin' } }, { isNew: true }).pyiceberg.text)
      expect(await load()).toMatchObject({
        properties: { comment: 'a twin' },
        versions: [{ defaultCatalog: 'local', defaultNamespace: ['seen'], representations: version.representations }],
      })
      await py(`catalog.drop_view(('seen', '${view.view}'))`)
      await expect(load()).rejects.toMatchObject({ code: 'not-found' })
    } finally {
      await session.stop()
    }
  })
})

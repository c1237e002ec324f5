import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ViewIdentifier } from '@/lib/names/identifiers'
import type { ViewEdit } from '@/lib/changes/view-edits/view-edit'
import type { SqlDraft, ViewVersionDraft } from '@/lib/changes/view-edits/view-draft'
import { type Grant, grantsOfRole } from '@/lib/permissions'
import { addMirror } from '@/testing/catalogs/add-mirror'
import type { JsonObject } from '@/lib/iceberg/json/json'
import {
  createRestClient,
  createRestClientAs,
  createRestTokenAs,
  type RestClient,
} from '@/testing/catalogs/rest-client'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { useTestClock } from '@/testing/clock'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { type Actor, actorFor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { readAudit } from '@/server/db/audit-list'
import { setPolicyChange } from '@/server/db/catalog/change-policies'
import { findWriteOutcome } from '@/server/changes/pipeline/write-key'
import { reviewNewView, reviewViewDrop, reviewViewEdit, reviewViewRename } from '@/testing/lifecycle/reviews'
import { commitViewEdit, createView, dropView, renameView } from '@/testing/lifecycle/actions'

const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const home = createTestHome()
const { signal } = new AbortController()
const context = { actor: ANN, signal, requestId: 'r1' }
const MIB = 1024 * 1024

let catalog: CatalogClient
let view: ViewIdentifier
let count = 0
const newKey = () => `key-of-test-${(count += 1)}-0000`

const schemaOf = (...names: string[]) => ({
  schemaId: 0,
  identifierFieldIds: [],
  fields: names.map((name, i) => ({ id: i + 1, name, required: false, type: 'long' as const })),
})
const versionOf = (representations: readonly SqlDraft[], schema = schemaOf('id')): ViewVersionDraft => ({
  representations,
  defaultCatalog: null,
  defaultNamespace: ['demo'],
  schema,
})
const SPARK = { dialect: 'spark', sql: 'SELECT id FROM trips' }
const TRINO = { dialect: 'trino', sql: 'SELECT id FROM trips' }

const create = (
  version = versionOf([SPARK]),
  { identifier = view, properties = {}, idempotencyKey = newKey(), by = context } = {},
) => createView(home.services, identifier, { version, properties }, { ...by, idempotencyKey })
const review = (version: ViewVersionDraft, properties: Record<string, string> = {}, identifier = view) =>
  reviewNewView(home.services, identifier, { version, properties }, context)
const edit = (change: ViewEdit, { idempotencyKey = newKey(), identifier = view } = {}) =>
  commitViewEdit(home.services, identifier, { edit: change }, { ...context, idempotencyKey })
const replace = (change: Partial<Extract<ViewEdit, { kind: 'replace' }>> = {}): ViewEdit => ({
  kind: 'replace',
  baseVersionId: 1,
  retainedDialects: [],
  ...versionOf([{ ...SPARK, sql: 'SELECT id FROM trips WHERE id > 0' }]),
  ...change,
})
const load = async (identifier = view) => (await catalog.loadView(identifier)).metadata
const nameOf = ({ namespace, view: name }: ViewIdentifier) => [...namespace, name].join('.')

beforeAll(async () => {
  catalog = await home.services.catalogs.open('local', ANN)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  await catalog.write({ kind: 'create-namespace', namespace: ['other'], properties: {} })
})
beforeEach(() => {
  view = { catalog: 'local', namespace: ['demo'], view: `v${(count += 1)}` }
})

describe('Creating a view', () => {
  test('is shown as the request and the statements of other programs, and creates nothing', async () => {
    const shown = await review(versionOf([SPARK, TRINO]), { comment: 'what is open' })
    expect(shown.blockers).toEqual([])
    expect(shown.request?.path).toBe('/v1/local/namespaces/demo/views')
    expect(JSON.parse(shown.request?.body ?? '')).toMatchObject({
      name: view.view,
      schema: { fields: [{ id: 1, name: 'id', type: 'long' }] },
      'view-version': {
        'default-namespace': ['demo'],
        representations: [
          { type: 'sql', ...SPARK },
          { type: 'sql', ...TRINO },
        ],
      },
      properties: { comment: 'what is open' },
    })
    expect(shown.scripts?.spark.text).toContain(`CREATE VIEW \`local\`.\`demo\`.\`${view.view}\``)
    expect(shown.scripts?.trino.text).toContain("COMMENT 'what is open'\nAS SELECT id FROM trips;")
    await expect(catalog.loadView(view)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('makes one version in every dialect, with one entry of the audit', async () => {
    const properties = { comment: 'x', 'version.history.num-entries': '3' }
    const { auditId } = await create(versionOf([{ ...SPARK, sql: `${SPARK.sql};\n` }, TRINO]), { properties })
    expect(await load()).toMatchObject({
      properties,
      currentVersionId: 1,
      versions: [{ defaultNamespace: ['demo'], representations: [SPARK, TRINO] }],
    })
    expect(await readAudit(home.database, auditId)).toMatchObject({
      action: 'create-view',
      table: { table: view.view },
      before: null,
      after: { properties: { comment: 'x' } },
      requestId: 'r1',
    })
  })

  test('happens once under one key', async () => {
    const idempotencyKey = newKey()
    const first = await create(versionOf([SPARK]), { idempotencyKey })
    expect(await create(versionOf([SPARK]), { idempotencyKey })).toEqual(first)
    expect(await findWriteOutcome(home.database, ANN, idempotencyKey)).toMatchObject({ outcome: 'committed' })
    await expect(create(versionOf([TRINO]), { idempotencyKey })).rejects.toMatchObject({ code: 'invalid-request' })
  })

  test.each([
    ['a dialect twice', [SPARK, { ...TRINO, dialect: 'SPARK' }], /already SQL in the dialect spark/],
    ['no dialect', [{ ...SPARK, dialect: ' ' }], /Name the dialect/],
    ['a dialect that is not a name', [{ ...SPARK, dialect: 'a b' }], /begins with a letter/],
    ['no SQL', [{ ...SPARK, sql: ' ; ' }], /Write the query/],
    ['nothing', [], /at least one dialect/],
    ['SQL that is not a query', [{ ...SPARK, sql: 'DROP TABLE trips' }], /begins with SELECT/],
    ['a text that does not end', [{ ...TRINO, sql: "SELECT 'a" }], /not closed/],
    ['a MiB of SQL', [{ ...SPARK, sql: `SELECT '${'x'.repeat(MIB)}'` }], /400,000 characters/],
    ['parameters', [{ dialect: 'duckdb', sql: 'SELECT $since' }], /\$since/],
  ])('is refused with %s', async (_case, representations, message) => {
    const version = versionOf(representations)
    expect((await review(version)).blockers.map((one) => one.message)).toEqual([expect.stringMatching(message)])
    await expect(create(version)).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(message),
    })
  })

  test('is refused without columns, with one twice, and with properties that are not valid', async () => {
    const messages = async (version: ViewVersionDraft, properties = {}) =>
      (await review(version, properties)).blockers.map(({ message }) => message)
    expect(await messages(versionOf([SPARK], schemaOf()))).toEqual(['A view needs at least one column.'])
    expect(await messages(versionOf([SPARK], schemaOf('a', 'a')))).toContain('There is already a column a.')
    expect(await messages(versionOf([SPARK]), { 'version.history.num-entries': '0' })).toEqual([
      'version.history.num-entries should be a whole number from 1 to 1000.',
    ])
    expect(await messages(versionOf([SPARK]), { 'lakeshore.badge': 'good' })).toHaveLength(1)
  })

  test('says before that the name is taken or not valid, or that there is no namespace', async () => {
    await create()
    expect((await review(versionOf([SPARK]))).blockers).toMatchObject([{ part: 'name' }])
    await expect(create()).rejects.toMatchObject({ code: 'already-exists' })
    expect((await review(versionOf([SPARK]), {}, { ...view, namespace: ['nope'] })).blockers).toMatchObject([
      { part: 'namespace' },
    ])
    const invalid = { ...view, view: 'a\u0000b' }
    expect((await review(versionOf([SPARK]), {}, invalid)).blockers).toMatchObject([
      { part: 'name', message: expect.stringContaining('cannot be the name of a view') },
    ])
    await expect(create(versionOf([SPARK]), { identifier: invalid })).rejects.toThrow('cannot be the name of a view')
  })

  test('is refused for a view that would read itself, directly or through another', async () => {
    const direct = versionOf([{ ...SPARK, sql: `SELECT id FROM ${view.view}` }])
    const message = `The view would read itself: ${nameOf(view)} → ${nameOf(view)}.`
    expect((await review(direct)).blockers).toEqual([{ part: 'sql', message, dialect: 'spark' }])
    const above = { ...view, view: `${view.view}_above` }
    await create(versionOf([{ ...TRINO, sql: `SELECT id FROM demo.${view.view}` }]), { identifier: above })
    await expect(create(versionOf([{ ...SPARK, sql: `SELECT id FROM ${above.view}` }]))).rejects.toThrow(
      `${nameOf(view)} → ${nameOf(above)} → ${nameOf(view)}`,
    )
  })

  test('needs the permission for this name', async () => {
    const grants: Grant[] = [{ permission: 'table:write', resource: { ...view, table: 'another' } }]
    const by = { ...context, actor: { ...ANN, grants } }
    await expect(create(versionOf([SPARK]), { by })).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('Editing a view', () => {
  test('adds a version and keeps what other dialects say, with a warning that they may differ', async () => {
    await create(versionOf([SPARK, TRINO]))
    const change = replace({ retainedDialects: ['trino'], schema: schemaOf('id', 'day') })
    const shown = await reviewViewEdit(home.services, view, change, context)
    expect(shown.warnings).toEqual([expect.stringContaining('The SQL in trino stays as it is')])
    expect(shown.request?.path).toBe(`/v1/local/namespaces/demo/views/${view.view}`)
    expect(shown.lostColumns).toEqual([])
    const body = JSON.parse(shown.request?.body ?? '')
    expect(body.requirements).toEqual([{ type: 'assert-view-uuid', uuid: (await load()).viewUuid }])
    expect(body.updates.map((update: { action: string }) => update.action)).toEqual([
      'add-schema',
      'add-view-version',
      'set-current-view-version',
    ])
    const { auditId } = await edit(change)
    const after = await load()
    expect(after).toMatchObject({
      currentVersionId: 2,
      versions: [{}, { representations: [{ dialect: 'spark', sql: 'SELECT id FROM trips WHERE id > 0' }, TRINO] }],
    })
    expect(after.schemas.at(-1)?.fields.map(({ id, name }) => [id, name])).toEqual([
      [1, 'id'],
      [2, 'day'],
    ])
    expect(await readAudit(home.database, auditId)).toMatchObject({
      action: 'replace-view',
      before: { layout: { version: 'id 1' } },
      after: { layout: { version: 'id 2' } },
    })
    const { currentVersionId: baseVersionId } = await load()
    for (const [lossy, lost] of [
      [{ kind: 'roll-back', baseVersionId, versionId: 1 }, ['day']],
      [replace({ baseVersionId, retainedDialects: ['trino'], schema: schemaOf('day', 'n') }), ['id']],
    ] as const)
      expect((await reviewViewEdit(home.services, view, lossy, context)).lostColumns).toEqual(lost)
  })

  test('leaves in the audit where names of the same SQL were looked up, and are now', async () => {
    await create()
    const { auditId } = await edit(
      replace({
        retainedDialects: ['spark'],
        representations: [],
        defaultCatalog: 'prod',
        defaultNamespace: ['other'],
      }),
    )
    const entry = await readAudit(home.database, auditId)
    expect([entry?.before?.layout, entry?.after?.layout]).toEqual([
      { version: 'id 1', 'default namespace': 'demo', 'default catalog': null },
      { version: 'id 2', 'default namespace': 'other', 'default catalog': 'prod' },
    ])
  })

  test('reuses the schema when it is the same, and the version when it was there before', async () => {
    await create()
    await edit(replace())
    await edit(replace({ baseVersionId: 2, representations: [SPARK] }))
    const { schemas, versions, currentVersionId } = await load()
    expect(schemas).toHaveLength(1)
    expect([versions.length, currentVersionId]).toEqual([2, 1])
    await expect(edit(replace({ representations: [SPARK] }))).rejects.toThrow('The view is already like this.')
  })

  test('drops a dialect only with the property that allows it, and says so', async () => {
    await create(versionOf([SPARK, TRINO]))
    const { warnings } = await reviewViewEdit(home.services, view, replace(), context)
    expect(warnings).toEqual([
      expect.stringContaining('trino'),
      expect.stringContaining('sets replace.drop-dialect.allowed to true'),
    ])
    await edit(replace())
    expect((await load()).properties).toEqual({ 'replace.drop-dialect.allowed': 'true' })
  })

  test('is refused when another version became current, which the review shows', async () => {
    await create()
    await edit(replace())
    const late = replace({ representations: [{ ...SPARK, sql: 'SELECT 1 AS id' }] })
    const shown = await reviewViewEdit(home.services, view, late, context)
    expect(shown).toMatchObject({ request: null, conflict: { versionId: 2 } })
    await expect(edit(late)).rejects.toMatchObject({ code: 'version-conflict' })
    expect((await load()).currentVersionId).toBe(2)
  })

  test('happens once under one key, also when sent twice at the same time', async () => {
    await create()
    const idempotencyKey = newKey()
    const both = await Promise.all([edit(replace(), { idempotencyKey }), edit(replace(), { idempotencyKey })])
    expect(both[0]).toEqual(both[1])
    expect((await load()).versions).toHaveLength(2)
  })

  test('rolls back to an earlier version, and forward again', async () => {
    await create()
    await edit(replace())
    const { auditId } = await edit({ kind: 'roll-back', baseVersionId: 2, versionId: 1 })
    expect(await readAudit(home.database, auditId)).toMatchObject({
      action: 'roll-back-view',
      before: { layout: { version: 'id 2' } },
      after: { layout: { version: 'id 1' } },
    })
    await edit({ kind: 'roll-back', baseVersionId: 1, versionId: 2 })
    expect((await load()).currentVersionId).toBe(2)
    await expect(edit({ kind: 'roll-back', baseVersionId: 2, versionId: 9 })).rejects.toMatchObject({
      code: 'invalid-request',
    })
  })

  test('changes properties against the values that were shown, and refuses what is not valid', async () => {
    await create(versionOf([SPARK]), { properties: { owner: 'ann' } })
    const changes = [
      { name: 'owner', base: 'ann', value: null },
      { name: 'comment', base: null, value: 'open trips' },
    ]
    await edit({ kind: 'properties', changes })
    expect((await load()).properties).toEqual({ comment: 'open trips' })
    await expect(edit({ kind: 'properties', changes })).rejects.toMatchObject({ code: 'version-conflict' })
    const invalid = [{ name: 'version.history.num-entries', base: null, value: 'many' }]
    await expect(edit({ kind: 'properties', changes: invalid })).rejects.toMatchObject({ code: 'invalid-request' })
    const secret = [{ name: 's3.secret-access-key', base: null, value: 'x' }]
    await expect(edit({ kind: 'properties', changes: secret })).rejects.toMatchObject({ code: 'invalid-request' })
  })
})

describe('Renaming and dropping a view', () => {
  test('keeps its versions under the new name, and is one entry of the audit', async () => {
    await create()
    const to = { ...view, namespace: ['other'], view: `${view.view}_new` }
    const shown = await reviewViewRename(home.services, view, to, context)
    expect(shown).toMatchObject({ nameProblem: null, request: { path: '/v1/local/views/rename' } })
    const invalid = { ...view, view: ' ' }
    const refusal = 'cannot be the name of a view: it is empty.'
    expect((await reviewViewRename(home.services, view, invalid, context)).nameProblem).toContain(refusal)
    await expect(renameView(home.services, view, invalid, context)).rejects.toThrow(refusal)
    const { auditId } = await renameView(home.services, view, to, context)
    expect((await load(to)).currentVersionId).toBe(1)
    expect(await readAudit(home.database, auditId)).toMatchObject({
      action: 'rename-view',
      before: { name: nameOf(view) },
      after: { name: nameOf(to) },
    })
  })

  test('is tied to the view that was reviewed, and to its name', async () => {
    await create()
    const { metadataLocation } = await reviewViewDrop(home.services, view, context)
    await edit(replace())
    const confirmedName = nameOf(view)
    const drop = (reviewed: string | null, typed = confirmedName) =>
      dropView(home.services, view, { metadataLocation: reviewed }, { ...context, confirmedName: typed })
    await expect(drop(metadataLocation)).rejects.toMatchObject({ code: 'version-conflict' })
    const newest = await reviewViewDrop(home.services, view, context)
    expect(newest).toMatchObject({ versionCount: 2, dialects: ['spark'], dropProblem: null })
    await expect(drop(newest.metadataLocation, 'demo.other')).rejects.toMatchObject({ code: 'invalid-request' })
    const { auditId } = await drop(newest.metadataLocation)
    expect(await readAudit(home.database, auditId)).toMatchObject({ action: 'drop-view', after: null })
    await expect(catalog.loadView(view)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('is refused while the view is protected, for engines of the embedded catalog, too', async () => {
    await create(versionOf([SPARK]), { properties: { 'lakeshore.protected': 'true' } })
    const to = { ...view, view: `${view.view}_new` }
    expect((await reviewViewRename(home.services, view, view, context)).renameProblem).toContain('protected')
    expect((await reviewViewRename(home.services, view, to, context)).nameProblem).toContain('protected')
    await expect(renameView(home.services, view, to, context)).rejects.toThrow('The view is protected.')
    const { metadataLocation, dropProblem } = await reviewViewDrop(home.services, view, context)
    expect(dropProblem).toContain('protected')
    const typed = { ...context, confirmedName: nameOf(view) }
    await expect(dropView(home.services, view, { metadataLocation }, typed)).rejects.toThrow('The view is protected.')
    const { call } = await startRest()
    const send = async (method: 'DELETE' | 'POST', path: string, body?: JsonObject) =>
      (await call(method, path, { ...(body && { body }) })).status
    expect(await send('DELETE', `local/namespaces/demo/views/${view.view}`)).toBe(400)
    const source = { namespace: ['demo'], name: view.view }
    expect(await send('POST', 'local/views/rename', { source, destination: { ...source, name: 'x' } })).toBe(400)
    await load()
  })
})

describe('A view of another catalog', () => {
  let mirrored: CatalogClient
  const at = (identifier: ViewIdentifier) => ({ ...identifier, catalog: 'mirror' })

  beforeAll(async () => {
    const { listener, token } = await startRest()
    const { userId, username } = await signInAs(home.services, 'admin')
    await addMirror(home, { name: 'mirror', listener, token, admin: actorFor({ userId, username, role: 'admin' }) })
    mirrored = await home.services.catalogs.open('mirror', ANN)
  })

  test('is created, edited, rolled back, renamed and dropped over the REST protocol', async () => {
    const identifier = at(view)
    const created = await create(versionOf([SPARK]), { identifier })
    expect(await readAudit(home.database, created.auditId)).toMatchObject({ table: { catalog: 'mirror' } })
    await edit(replace({ representations: [TRINO], retainedDialects: ['spark'] }), { identifier })
    await edit({ kind: 'roll-back', baseVersionId: 2, versionId: 1 }, { identifier })
    const { metadata } = await mirrored.loadView(identifier)
    expect([metadata.currentVersionId, metadata.versions.length]).toEqual([1, 2])
    const to = { ...identifier, view: `${view.view}_new` }
    await renameView(home.services, identifier, to, context)
    const { metadataLocation } = await reviewViewDrop(home.services, to, context)
    await dropView(home.services, to, { metadataLocation }, { ...context, confirmedName: nameOf(to) })
    await expect(mirrored.loadView(to)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('is created once when the answer is lost: nothing is sent again while the outcome is open', async () => {
    useTestClock().skipPauses()
    const { listener } = await startRest()
    const identifier = at(view)
    const idempotencyKey = newKey()
    listener.supportsIdempotencyKeys = false
    listener.faultFor = ({ method, url }) =>
      method === 'POST' && url.endsWith('/views') ? { when: 'after', answer: 'cut' } : null
    const unknown = { code: 'commit-state-unknown' }
    await expect(create(versionOf([SPARK]), { identifier, idempotencyKey })).rejects.toMatchObject(unknown)
    listener.faultFor = () => null
    expect(await findWriteOutcome(home.database, ANN, idempotencyKey)).toEqual({ outcome: 'pending', auditId: null })
    await expect(create(versionOf([SPARK]), { identifier, idempotencyKey })).rejects.toMatchObject(unknown)
    expect((await load()).versions).toHaveLength(1)
  })

  test('gets a version once when the answer is lost: it is looked up', async () => {
    useTestClock().skipPauses()
    const { listener } = await startRest()
    const identifier = at(view)
    await create()
    listener.faultFor = ({ method, url }) =>
      method === 'POST' && url.endsWith(`/views/${view.view}`) ? { when: 'after', answer: 'cut' } : null
    const idempotencyKey = newKey()
    const first = await edit(replace(), { identifier, idempotencyKey })
    listener.faultFor = () => null
    expect(await edit(replace(), { identifier, idempotencyKey })).toEqual(first)
    expect((await load()).versions).toHaveLength(2)
    expect(await readAudit(home.database, first.auditId)).toMatchObject({ after: { layout: { version: 'id 2' } } })
  })

  test('is refused an edit when another version arrived', async () => {
    const identifier = at(view)
    await create(versionOf([SPARK]))
    await edit(replace())
    await expect(edit(replace({ representations: [TRINO] }), { identifier })).rejects.toMatchObject({
      code: 'version-conflict',
    })
  })
})

type Rest = { listener: RestListener; token: string; call: RestClient }

let rest: Promise<Rest> | null = null
function startRest(): Promise<Rest> {
  rest ??= (async () => {
    const token = await createRestTokenAs(home.services, 'editor')
    return {
      listener: await startRestListener(home.services),
      token,
      call: createRestClient(home.services, token),
    }
  })()
  return rest
}
afterAll(async () => (await rest)?.listener.stop())

describe('In a namespace whose changes need two people', () => {
  const demand = (requiresProposal: boolean) =>
    home.database.commit([
      setPolicyChange(
        { catalog: 'local', namespace: ['demo'] },
        { requiresProposal, includesEngines: false, by: 'ada' },
      ),
    ])
  beforeEach(async () => {
    await create()
    await demand(true)
  })
  afterEach(() => demand(false))

  test('no user changes, renames or drops a view alone', async () => {
    const held = { code: 'forbidden', message: expect.stringContaining('need two people') }
    const { metadataLocation } = await catalog.loadView(view)
    const to = { ...view, view: `${view.view}_b` }
    const typed = { ...context, confirmedName: `demo.${view.view}` }
    await expect(edit(replace())).rejects.toMatchObject(held)
    await expect(renameView(home.services, view, to, context)).rejects.toMatchObject(held)
    await expect(dropView(home.services, view, { metadataLocation }, typed)).rejects.toMatchObject(held)
    const about = { kind: 'properties' as const, changes: [{ name: 'comment', base: null, value: 'busy' }] }
    await expect(edit(about)).rejects.toMatchObject(held)
    expect((await catalog.loadView(view)).metadataLocation).toBe(metadataLocation)
  })

  test('an engine changes no property of a view where the policy includes engines', async () => {
    const call = await createRestClientAs(home.services, 'editor')
    const set = () =>
      call('POST', `local/namespaces/demo/views/${view.view}`, {
        body: { requirements: [], updates: [{ action: 'set-properties', updates: { comment: 'busy' } }] },
      })
    await home.database.commit([
      setPolicyChange(
        { catalog: 'local', namespace: ['demo'] },
        { requiresProposal: true, includesEngines: true, by: 'ada' },
      ),
    ])
    const { metadataLocation } = await catalog.loadView(view)
    expect((await set()).status).toBe(403)
    expect((await catalog.loadView(view)).metadataLocation).toBe(metadataLocation)
    await demand(false)
    expect((await set()).status).toBe(200)
  })
})

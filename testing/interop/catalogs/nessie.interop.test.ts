import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Draft, toConnectionForm } from '@/components/admin/connections/draft'
import { TEMPLATES } from '@/components/admin/connections/templates'
import { call } from '@/lib/api/call'
import { listCatalogs } from '@/lib/contract/catalogs'
import { commitChanges, reviewChanges } from '@/lib/contract/table/changes'
import { addConnection, testConnection, testConnectionForm } from '@/lib/contract/connections'
import { listFiles } from '@/lib/contract/table/files'
import { listHistory, undoAction } from '@/lib/contract/table/history'
import { listNamespaceContents, listNamespaces, listTables } from '@/lib/contract/namespaces'
import { listSnapshots } from '@/lib/contract/table/snapshots'
import { getTable } from '@/lib/contract/table/tables'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { startS3Server } from '@/testing/stores/s3-server'
import {
  type IdentityProvider,
  installIdentityProvider,
  startIdentityProvider,
} from '@/testing/peers/identity-provider'
import { readShownRows, stubFetchWith } from '@/testing/product/browser-client'
import { type Lakeshore, startLakeshore } from '@/testing/product/lakeshore'
import { installNessie, type Nessie, startNessie } from '@/testing/peers/nessie'
import { STRANGE, STRANGE_TABLE, testNessieClient } from './nessie-client'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import type { PythonSession } from '@/testing/peers/python-session'
import { openPyiceberg } from '@/testing/peers/shared/open-peer'
import { testPatiently } from '../test-patiently'
import { pyicebergS3Properties } from '../trips'

/**
 * A connection to Nessie as its template sets it up: the identity provider issues the tokens, and Nessie signs the
 * requests for files, with a key that only Nessie has.
 */

const installed = await installOrSkip('Nessie and an identity provider', () =>
  Promise.all([installNessie(), installIdentityProvider()]),
)
const python = installPyiceberg()
const s3 = installed === null || python === null ? null : await startS3Server()

const BIG = 3051729675574597004n
const FILL = `
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import LongType, NestedField, StringType
catalog.create_namespace('shop', {'owner': 'ann'})
catalog.create_namespace(('shop', '${STRANGE}'))
catalog.create_namespace(('shop', '${STRANGE}', 'deep'))
trips = catalog.create_table('shop.trips', partition_spec=PartitionSpec(PartitionField(2, 1000, IdentityTransform(), 'town')),
  schema=Schema(NestedField(1, 'id', LongType(), required=True), NestedField(2, 'town', StringType())))
def append(*rows):
  catalog.load_table('shop.trips').append(pa.Table.from_pylist([{'id': id, 'town': town} for id, town in rows], schema=trips.schema().as_arrow()))
append((1, 'ABQ'), (2, 'JFK'))
append((${BIG}, 'ÅBC'))
catalog.create_table(('shop', '${STRANGE}', '${STRANGE_TABLE}'), schema=trips.schema())
`

describe.skipIf(s3 === null)('A connection to Nessie (skipped when it is unavailable)', () => {
  let folder: string
  let idp: IdentityProvider
  let nessie: Nessie
  let token: string
  let lakeshore: Lakeshore
  let session: PythonSession
  const store = s3!

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'nessie-'))
    idp = await startIdentityProvider()
    ;[nessie, lakeshore] = await Promise.all([startNessie(folder, store, idp), startLakeshore(folder)])
    token = await idp.token()
    stubFetchWith(lakeshore.console)
    const settings = { uri: nessie.uri, token, ...pyicebergS3Properties(store) }
    session = openPyiceberg(settings)
    await session.request({ code: FILL })
  })
  afterAll(async () => {
    vi.unstubAllGlobals()
    await session?.stop()
    await lakeshore?.stop()
    await nessie?.stop()
    await idp?.stop()
    await store.stop()
    rmSync(folder, { recursive: true })
  })

  const py = <Answer>(code: string) => session.request<Answer>({ code })
  /** The template with the values that a person enters. */
  const completedDraft = (): Draft => {
    const { draft } = TEMPLATES.find(({ id }) => id === 'nessie')!
    const { tokenUri, clientId, scope, resource, clientSecret } = idp
    const oauth = { ...draft.oauth, tokenUri, clientId, scope, resource }
    const login = { authKind: 'oauth2' as const, oauth, secrets: { clientSecret } }
    return { ...draft, name: 'nessie', uri: `${nessie.uri}/main`, ...login }
  }
  const settingsForm = (changed: Partial<Draft> = {}) => toConnectionForm({ ...completedDraft(), ...changed })
  const trips = { catalog: 'nessie', namespace: ['shop'], table: 'trips' }

  test('is added as the template has it, and passes each step of its test', async () => {
    const { connectionId } = await call(addConnection, settingsForm())
    const { steps } = await testPatiently(() => call(testConnection, { connection: connectionId }))
    const results = steps.map(({ step, state, detail }) => (state === 'failed' ? detail : `${step} ${state}`))
    expect(results, `Nessie’s log says: ${nessie.readWarnings()}`).toEqual([
      'address ok',
      'tls skipped',
      'login ok',
      'warehouse ok',
      'storage ok',
    ])
  })

  test('names the step that fails: the login, the warehouse, the branch', async () => {
    const failed = async (changed: Partial<Draft>) => {
      const { steps } = await testPatiently(() => call(testConnectionForm, settingsForm(changed)))
      return steps.find(({ state }) => state === 'failed')
    }
    expect(await failed({ secrets: { clientSecret: 'another' } })).toMatchObject({
      step: 'login',
      detail: expect.stringContaining('invalid_client'),
    })
    // Nessie refuses a token without an audience.
    expect(await failed({ oauth: { ...completedDraft().oauth, resource: '' } })).toMatchObject({
      step: 'login',
      detail: expect.stringContaining('401'),
    })
    const bearer = (secret: string) => ({ authKind: 'bearer' as const, secrets: { token: secret } })
    expect(await failed(bearer(token))).toBeUndefined()
    expect(await failed(bearer(`${token.slice(0, -8)}AAAAAAAA`))).toMatchObject({ step: 'login' })
    expect(await failed({ authKind: 'none', secrets: {} })).toMatchObject({ step: 'login' })
    expect(await failed({ warehouse: nessie.warehouse })).toBeUndefined()
    expect(await failed({ warehouse: 'nowhere' })).toMatchObject({
      step: 'warehouse',
      detail: "Warehouse 'nowhere' is not known. Check that the catalog has a warehouse named nowhere.",
    })
    expect(await failed({ uri: `${nessie.uri}/nowhere` })).toMatchObject({
      step: 'warehouse',
      detail: expect.stringContaining("Named reference 'nowhere' not found."),
    })
    expect(await failed({ uri: nessie.uri.replace('/iceberg', '/elsewhere') })).toMatchObject({ step: 'address' })
  })

  test('can be browsed, including namespaces and tables with unusual names', async () => {
    const listed = async () => (await call(listCatalogs, {})).catalogs.find(({ name }) => name === 'nessie')
    // The list gives each catalog five seconds, which a busy machine may exceed.
    await expect
      .poll(listed, { timeout: 120_000, interval: 500 })
      .toMatchObject({ problem: null, abilities: expect.arrayContaining(['commit-table']) })
    const childNamespaces = async (parent?: string[]) => {
      const { namespaces } = await call(listNamespaces, { catalog: 'nessie', ...(parent && { parent }) })
      return namespaces.map(({ namespace }) => namespace)
    }
    expect(await childNamespaces()).toEqual([['shop']])
    expect(await childNamespaces(['shop'])).toEqual([['shop', STRANGE]])
    expect(await childNamespaces(['shop', STRANGE])).toEqual([['shop', STRANGE, 'deep']])
    const strange = { catalog: 'nessie', namespace: ['shop', STRANGE] }
    expect((await call(listTables, strange)).tables).toEqual([STRANGE_TABLE])
    expect((await call(getTable, { ...strange, table: STRANGE_TABLE })).figures).toMatchObject({ dataFileCount: 0 })
    expect((await call(listNamespaceContents, trips)).entries).toMatchObject([
      { kind: 'namespace', namespace: ['shop', STRANGE] },
      { kind: 'table', table: 'trips', summary: { rowCount: 3, partitionedBy: 'town' }, problem: null },
    ])
  })

  test('shows a table’s rows and files by requests that Nessie signs', async () => {
    expect(await readShownRows(trips)).toEqual([
      [1n, 'ABQ'],
      [2n, 'JFK'],
      [BIG, 'ÅBC'],
    ])
    const { files } = await call(listFiles, trips)
    expect(files.map(({ partition }) => partition).sort()).toEqual(['town=ABQ', 'town=JFK', 'town=ÅBC'])
    // Nessie's own history consists of commits; of a table's snapshots it reports only the last one.
    const { snapshots, mainSnapshotId } = await call(listSnapshots, trips)
    expect(snapshots.map(({ snapshotId }) => snapshotId)).toEqual([mainSnapshotId])
    expect(await py(`answer = str(catalog.load_table('shop.trips').current_snapshot().snapshot_id)`)).toBe(
      mainSnapshotId,
    )
  })

  test('changes a setting as it was reviewed, undoes it, and never overwrites a concurrent change', async () => {
    const key = 'write.parquet.compression-codec'
    const codec = () => py<string | null>(`answer = catalog.load_table('shop.trips').properties.get('${key}')`)
    const intents = (value: string, base: string | null) => [{ kind: 'set-property' as const, key, value, base }]
    expect(await call(reviewChanges, { ...trips, intents: intents('gzip', null) })).toMatchObject({ conflicts: [] })
    await call(commitChanges, { ...trips, intents: intents('gzip', null) })
    expect(await codec()).toBe('gzip')
    const [done] = (await call(listHistory, trips)).entries
    expect(done).toMatchObject({ source: 'console', isUndoable: true })
    await call(undoAction, { ...trips, auditId: done!.auditId! })
    expect(await codec()).toBeNull()
    await py(`catalog.load_table('shop.trips').transaction().set_properties({'${key}': 'snappy'}).commit_transaction()`)
    await expect(call(commitChanges, { ...trips, intents: intents('zstd', 'gzip') })).rejects.toMatchObject({
      code: 'commit-conflict',
    })
    expect(await codec()).toBe('snappy')
    expect((await call(getTable, trips)).properties[key]).toBe('snappy')
  })

  test('shows another branch through a separate connection, with the rows of that branch', async () => {
    await nessie.branch('ann/before-lunch')
    await call(addConnection, settingsForm({ name: 'nessie-branch', uri: `${nessie.uri}/ann%2Fbefore-lunch` }))
    await py(`append((4, 'LAX'))`)
    expect((await readShownRows(trips)).map(([id]) => id)).toEqual([1n, 2n, BIG, 4n])
    expect((await readShownRows({ ...trips, catalog: 'nessie-branch' })).map(([id]) => id)).toEqual([1n, 2n, BIG])
  })

  describe('The client of REST catalogs', () => {
    testNessieClient(() => ({ uri: nessie.uri, token, py }))
  })
})

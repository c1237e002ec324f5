import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { declarationToText } from '@/lib/changes/declaration/declaration-text'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { runQueuedRun } from '@/testing/ingest/load-table'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import type { PythonSession } from '@/testing/peers/python-session'
import { openPyiceberg, openSpark } from '@/testing/peers/shared/open-peer'
import { queueClone } from '@/testing/lifecycle/queue-clone'
import { cloneTableRuns } from './clone-run'
import { CLONE_TABLE } from './clone-task'
import { createTable } from '@/testing/lifecycle/actions'

/**
 * Spark and PyIceberg read clones whose sources were removed with their files, and Spark goes on deleting rows of them.
 */

const python = installPyiceberg()
const spark = installPyspark()
const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])
const home = createTestHome()
const identifierOf = (table: string) => ({ catalog: 'local', namespace: ['made'], table })

const isHere = python !== null && spark !== null && jar !== null
describe.skipIf(!isHere)('Clones in engines (skipped when Spark or PyIceberg is unavailable)', () => {
  let listener: RestListener
  let inSpark: PythonSession
  let inPyiceberg: PythonSession

  beforeAll(async () => {
    listener = await startRestListener(home.services)
    await (await openTestCatalog(home.services)).write({
      kind: 'create-namespace',
      namespace: ['made'],
      properties: {},
    })
    const catalog = { uri: listener.uri, token: await createRestTokenAs(home.services, 'admin'), warehouse: 'local' }
    inSpark = openSpark(catalog)
    inPyiceberg = openPyiceberg(catalog)
  })
  afterAll(async () => {
    await inPyiceberg?.stop()
    await inSpark?.stop()
    await listener?.stop()
  })

  async function sql(...statements: string[]): Promise<(string | null)[][]> {
    let rows: (string | null)[][] = []
    for (const statement of statements) rows = await inSpark.request({ sql: statement })
    return rows
  }
  const idsInPyiceberg = (table: string) =>
    inPyiceberg.request<string>({
      code: `answer = str(sorted(catalog.load_table(('made', '${table}')).scan().to_arrow()['id'].to_pylist()))`,
    })

  /** Clones the table, and removes it with its files. */
  async function cloneAndLose(name: string): Promise<string> {
    const catalog = await openTestCatalog(home.services)
    const source = identifierOf(name)
    const { metadata } = await catalog.loadTable(source)
    const id = await queueClone(home.database, identifierOf(`${name}_clone`), {
      source,
      sourceTableUuid: metadata.tableUuid,
      snapshotId: metadata.currentSnapshotId,
      schemaId: metadata.currentSchemaId,
      location: null,
      keepsPartitioning: true,
      keepsSortOrder: true,
      keepsDescription: true,
      properties: Object.keys(metadata.properties),
    })
    const run = await runQueuedRun(home.services, id, { [CLONE_TABLE]: cloneTableRuns(home.services) })
    expect(run).toMatchObject({ state: 'succeeded', error: null })
    await catalog.write({ kind: 'drop-table', table: source })
    rmSync(fileURLToPath(metadata.location), { recursive: true })
    return `${name}_clone`
  }

  test('have the rows that position delete files leave, and take further deletes', async () => {
    await sql(
      "CREATE TABLE made.v2 (id BIGINT, city STRING) USING iceberg PARTITIONED BY (bucket(2, id)) TBLPROPERTIES ('format-version'='2', 'write.delete.mode'='merge-on-read')",
      "INSERT INTO made.v2 SELECT id, 'ABQ' FROM range(30)",
      'DELETE FROM made.v2 WHERE id % 3 = 0',
    )
    const ids = await idsInPyiceberg('v2')
    const rows = await sql('SELECT * FROM made.v2 ORDER BY id')
    const clone = await cloneAndLose('v2')
    expect(await idsInPyiceberg(clone)).toBe(ids)
    expect(await sql(`SELECT * FROM made.${clone} ORDER BY id`)).toEqual(rows)
    await sql(`DELETE FROM made.${clone} WHERE id = 1`, `INSERT INTO made.${clone} VALUES (100, 'SFO')`)
    expect(await sql(`SELECT count(*), max(id) FROM made.${clone}`)).toEqual([[String(rows.length), '100']])
    expect(await idsInPyiceberg(clone)).toContain('100')
  })

  test('keep deletion vectors, defaults and row ids of a created table of format version 3', async () => {
    const declaration = {
      'format-version': 3,
      columns: [
        { name: 'id', type: 'long' },
        { name: 'city', type: 'string', 'initial-default': 'ABQ', 'write-default': 'ABQ' },
      ],
      properties: { 'write.delete.mode': 'merge-on-read' },
    } as const
    await createTable(
      home.services,
      identifierOf('v3'),
      { declaration: declarationToText(declaration) },
      {
        actor: TEST_ACTOR,
        requestId: null,
        signal: new AbortController().signal,
        idempotencyKey: 'clones-in-engines-v3',
      },
    )
    await sql(
      "INSERT INTO made.v3 SELECT id, 'SFO' FROM range(20)",
      "INSERT INTO made.v3 SELECT id, 'LAX' FROM range(20, 30)",
      'DELETE FROM made.v3 WHERE id % 4 = 0',
    )
    const lineage = (table: string) =>
      sql(`SELECT id, city, _row_id, _last_updated_sequence_number FROM made.${table} ORDER BY id`)
    const before = await lineage('v3')
    expect(new Set(before.map(([, , rowId]) => rowId)).size).toBe(before.length)
    const ids = await idsInPyiceberg('v3')
    const clone = await cloneAndLose('v3')
    expect(await lineage(clone)).toEqual(before)
    expect(await idsInPyiceberg(clone)).toBe(ids)
    await sql(`INSERT INTO made.${clone} VALUES (100, 'JFK')`, `DELETE FROM made.${clone} WHERE id = 1`)
    const after = await lineage(clone)
    expect(after).toHaveLength(before.length)
    expect(new Set(after.map(([, , rowId]) => rowId)).size).toBe(after.length)
    const { schemas } = (await (await openTestCatalog(home.services)).loadTable(identifierOf(clone))).metadata
    expect(schemas[0]?.fields[1]).toMatchObject({ initialDefault: 'ABQ', writeDefault: 'ABQ' })
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dropStatements, purgeStatements, renameStatements } from '@/lib/connect/table-lifecycle-statements'
import { trinoTableName } from '@/lib/sql/trino-table-name'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { StatementEngine } from '@/lib/changes/statements/intent-statement'
import { INTENT_KINDS } from '@/lib/changes/intents/intent'
import { statementsForIntents } from '@/lib/changes/intents/intent-statements'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { comparableTable } from '@/testing/iceberg/comparable-table'
import {
  kindsOf,
  WALK,
  WALK_IN_VERSION_3,
  WALK_PROPERTIES,
  WALK_SCHEMA,
  type WalkStep,
} from '@/testing/iceberg/intent-walk'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { installTrino } from '@/testing/peers/install-trino'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { openPyiceberg, openSpark, openTrino, trinoRestCatalog } from '@/testing/peers/shared/open-peer'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { listRuns } from '@/server/db/jobs/runs'
import { PURGE_TABLE } from '@/server/maintenance/purge-table'
import { commitIntents } from './change-table'

/**
 * Every kind of change, judged by engines. Lakeshore changes one of two equal tables, and the engine the other with the
 * statements that the review shows. Then both must have the same metadata, and the engine reads and writes both.
 */

/**
 * An engine on the catalog: how it runs the shown statements, writes a row, and reads rows. A query costs much more than
 * its rows, so one reads all that a step compares, and none sorts them.
 */
type Engine = {
  run: (statement: string) => Promise<unknown>
  append: (table: string, id: number) => Promise<unknown>
  /** The rows of all parts, in any order. */
  read: (parts: readonly Part[]) => Promise<Row[]>
  /** The step after which the engine cannot filter the table until the next write, with its message. */
  failsToFilter?: { step: string; message: string }
  stop: () => Promise<void>
}

/** All rows of a table, or those that the filter `id = 1` finds: one. */
type Part = { table: string; isFiltered: boolean }
/** A row with the index of its part, and all its values as text. */
type Row = { part: number; id: number; values: string }

const [OURS, THEIRS] = ['ours', 'theirs'] as const
const ALL: Part = { table: OURS, isFiltered: false }
const firstOf = (table: string): Part => ({ table, isFiltered: true })
const signal = new AbortController().signal
const home = createTestHome()
const identifierOf = (table: string): TableIdentifier => ({ catalog: 'local', namespace: ['walk'], table })

const python = installPyiceberg()
const spark = installPyspark()
const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])
const trino = await installOrSkip('Trino', installTrino)

test('walks every kind', () => {
  expect([...INTENT_KINDS].sort()).toEqual([...kindsOf([...WALK, ...WALK_IN_VERSION_3])].sort())
})

describe.skipIf(python === null)('Changes in PyIceberg (skipped when it is unavailable)', () => {
  walk('pyiceberg', startPyiceberg, WALK)
})
describe.skipIf(spark === null || jar === null)('Changes in Spark (skipped when it is unavailable)', () => {
  walk('spark', startSpark, [...WALK, ...WALK_IN_VERSION_3])
})
describe.skipIf(trino === null)('Changes in Trino (skipped when it is unavailable)', () => {
  walk('trino', startInTrino, WALK)
})

function walk(
  name: StatementEngine,
  start: (listener: RestListener, token: string) => Promise<Engine>,
  steps: readonly WalkStep[],
): void {
  let catalog: CatalogClient
  let listener: RestListener
  let engine: Engine
  /** The ids that each snapshot has, by its index in the history of the table. */
  const idsBySnapshot = new Map<string, readonly number[]>()
  let lastId = 1

  beforeAll(async () => {
    catalog = await openTestCatalog(home.services)
    listener = await startRestListener(home.services)
    await catalog.write({ kind: 'create-namespace', namespace: ['walk'], properties: {} }).catch(() => undefined)
    for (const table of [OURS, THEIRS])
      await catalog.write({
        kind: 'create-table',
        table: identifierOf(table),
        schema: WALK_SCHEMA,
        properties: WALK_PROPERTIES,
      })
    engine = await start(listener, await createRestTokenAs(home.services, 'admin'))
    for (const table of [OURS, THEIRS]) await engine.append(table, 1)
    for (const table of [OURS, THEIRS]) await engine.append(table, (lastId = 2))
    const { snapshots } = await load(OURS)
    snapshots.forEach(({ snapshotId }, i) => idsBySnapshot.set(snapshotId, i === 0 ? [1] : [1, 2]))
  })
  afterAll(async () => {
    await engine?.stop()
    await listener?.stop()
    for (const table of [OURS, THEIRS]) await catalog?.write({ kind: 'drop-table', table: identifierOf(table) })
  })

  const load = async (table: string): Promise<TableMetadata> => (await catalog.loadTable(identifierOf(table))).metadata
  const commit = async (table: string, intents: ReturnType<WalkStep['intents']>) =>
    commitIntents(home.services, identifierOf(table), intents, {
      actor: TEST_ACTOR,
      signal,
      requestId: null,
      confirmedName: `walk.${table}`,
    })

  test.each(steps)('$title', async ({ title, intents: toIntents }) => {
    const before = await load(THEIRS)
    const intents = toIntents(before)
    const { statements, missing } = statementsForIntents(before, intents, identifierOf(THEIRS))[name]
    await commit(OURS, toIntents(await load(OURS)))
    if (missing.length > 0) await commit(THEIRS, intents)
    else for (const statement of statements) await engine.run(statement)
    expect.soft(comparableTable(await load(THEIRS)), statements.join('\n')).toEqual(comparableTable(await load(OURS)))

    const tip = String((await load(OURS)).currentSnapshotId)
    const ids = idsBySnapshot.get(tip) ?? []
    const failure = engine.failsToFilter?.step === title ? engine.failsToFilter.message : null
    const rows = await engine.read(failure === null ? [ALL, firstOf(OURS), firstOf(THEIRS)] : [ALL])
    const rowsOf = (index: number) => rows.filter(({ part }) => part === index)
    expect(
      rowsOf(0)
        .map(({ id }) => id)
        .toSorted((a, b) => a - b),
    ).toEqual(ids)
    const problemOf = (table: string) =>
      engine.read([firstOf(table)]).then(String, (error: unknown) => String(error).replaceAll(table, 'a table'))
    const firsts =
      failure === null
        ? [...rowsOf(1), ...rowsOf(2)].map(({ values }) => values)
        : [await problemOf(OURS), await problemOf(THEIRS)]
    expect(firsts).toHaveLength(2)
    expect(firsts[0]).toBe(firsts[1])
    expect(firsts[0]).toMatch(failure ?? /^(?!Error)/)
    lastId += 1
    for (const table of [OURS, THEIRS]) await engine.append(table, lastId)
    idsBySnapshot.set(String((await load(OURS)).currentSnapshotId), [...ids, lastId])
  })

  test('Tables are renamed, moved and dropped by the statements that are shown', async () => {
    await catalog.write({ kind: 'create-namespace', namespace: [`kept_${name}`], properties: {} })
    const run = (statements: Record<StatementEngine, string | null>) =>
      engine.run(String(statements[name]).replace(/;$/, ''))
    const [named, renamed] = [identifierOf('named'), identifierOf('renamed')]
    const moved = { ...renamed, namespace: [`kept_${name}`] }
    const { metadata } = await catalog.write({ kind: 'create-table', table: named, schema: WALK_SCHEMA })
    const findPurges = async () =>
      (await listRuns(home.database, { kind: PURGE_TABLE, table: moved, limit: 9 })).filter(
        ({ spec }) => spec['tableUuid'] === metadata.tableUuid,
      )
    await run(renameStatements(named, renamed))
    await run(renameStatements(renamed, moved))
    const after = await catalog.loadTable(moved)
    expect(after.metadata.tableUuid).toBe(metadata.tableUuid)

    await run(dropStatements(moved))
    await expect(catalog.loadTable(moved)).rejects.toMatchObject({ code: 'not-found' })
    expect(await catalog.purgeSupport?.load(after.metadataLocation)).not.toBeNull()
    expect(await findPurges()).toEqual([])
    await catalog.write({ kind: 'register-table', table: moved, metadataLocation: after.metadataLocation })
    await run(purgeStatements(moved))
    await expect(catalog.loadTable(moved)).rejects.toMatchObject({ code: 'not-found' })
    // Engines that remove the files by themselves, before or after, ask for no run.
    const isMissing = (await catalog.purgeSupport?.load(after.metadataLocation)) === null
    expect((await findPurges()).length > 0 || isMissing).toBe(true)
  })
}

async function startPyiceberg(listener: RestListener, token: string): Promise<Engine> {
  const session = openPyiceberg({ uri: listener.uri, token, warehouse: 'local' })
  const py = <Answer>(code: string) => session.request<Answer>({ code })
  return {
    run: py,
    append: (table, id) =>
      py(`
t = catalog.load_table(('walk', '${table}'))
more = {'city': 'ABQ', 'fare': 1.5, 'note': {'by': 'bo', 'stars': 5}, 'stops': [{'town': 'LAX'}]} if ${id} == 1 else {}
t.append(pa.Table.from_pylist([{'id': ${id}, **more}], schema=t.schema().as_arrow()))`),
    read: (parts) =>
      py(`
parts = ${JSON.stringify(parts.map(({ table, isFiltered }) => [table, isFiltered ? 1 : 0]))}
tables = {name: catalog.load_table(('walk', name)) for name, _ in parts}
scans = [tables[name].scan('id = 1') if is_filtered else tables[name].scan() for name, is_filtered in parts]
answer = [{'part': i, 'id': row['id'], 'values': str(row)} for i, scan in enumerate(scans) for row in scan.to_arrow().to_pylist()]`),
    stop: session.stop,
  }
}

async function startSpark(listener: RestListener, token: string): Promise<Engine> {
  const session = openSpark({ uri: listener.uri, token, warehouse: 'local' })
  const sql = (statement: string) => session.request<(string | null)[][]>({ sql: statement })
  return {
    // The session names the catalog `peer`.
    run: (statement) => sql(statement.replaceAll('`local`', '`peer`')),
    append: (table, id) =>
      id === 1
        ? sql(
            `INSERT INTO walk.${table} VALUES (1, 'ABQ', 1.5, 2.5, TIMESTAMP '2026-01-01 12:00:00', named_struct('by', 'bo', 'stars', 5), array(named_struct('town', 'LAX')))`,
          )
        : session.request({
            code: `
from pyspark.sql import functions as F
def value(field):
    return F.lit(${id} if field.name == 'id' or not field.nullable else None).cast(field.dataType).alias(field.name)
fields = spark.table('walk.${table}').schema.fields
spark.range(1).select(*[value(field) for field in fields]).writeTo('walk.${table}').append()`,
          }),
    read: async (parts) => (await sql(selectParts(parts, (table) => `walk.${table}`))).map(toRow),
    stop: session.stop,
  }
}

async function startInTrino(listener: RestListener, token: string): Promise<Engine> {
  // Without it, Trino sets no properties of Iceberg.
  const more = { 'iceberg.allowed-extra-properties': '*' }
  const server = await openTrino({ local: { ...trinoRestCatalog(listener.uri, token), ...more } })
  const nameOf = (table: string) => String(trinoTableName(identifierOf(table)))
  return {
    run: server.sql,
    append: (table, id) =>
      server.sql(
        id === 1
          ? `INSERT INTO ${nameOf(table)} VALUES (1, 'ABQ', 1.5, 2.5, TIMESTAMP '2026-01-01 12:00:00 UTC', ROW('bo', 5), ARRAY[ROW('LAX')])`
          : `INSERT INTO ${nameOf(table)} (id) VALUES (${id})`,
      ),
    read: async (parts) => ((await server.sql(selectParts(parts, nameOf))) as unknown[][]).map(toRow),
    // On the table that Trino changed itself, too: see trino-promotion.interop.test.ts.
    failsToFilter: { step: 'change-column-type', message: 'Error processing metadata for table' },
    stop: server.stop,
  }
}

/** Both tables have the same columns. */
function selectParts(parts: readonly Part[], nameOf: (table: string) => string): string {
  return parts
    .map(({ table, isFiltered }, i) => `SELECT ${i}, id, * FROM ${nameOf(table)}${isFiltered ? ' WHERE id = 1' : ''}`)
    .join(' UNION ALL ')
}

function toRow([part, id, ...values]: readonly unknown[]): Row {
  const text = JSON.stringify(values, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
  return { part: Number(part), id: Number(id), values: text }
}

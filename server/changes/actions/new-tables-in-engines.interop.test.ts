import { isFound } from '@/server/catalog/is-found'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { trinoTableName } from '@/lib/sql/trino-table-name'
import { declarationToText } from '@/lib/changes/declaration/declaration-text'
import type { ColumnDeclaration, TableDeclaration } from '@/lib/changes/declaration/table-declaration'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { StatementEngine } from '@/lib/changes/statements/intent-statement'
import type { Json } from '@/lib/iceberg/json/json'
import { currentSchema, defaultSortOrder, defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { draftOfDeclaration } from '@/lib/changes/new-table/new-table-draft'
import { createStatements } from '@/lib/changes/new-table/new-table-statements'
import { partitionSpecToJson, sortOrderToJson } from '@/lib/iceberg/partitioning/partition-spec-json'
import { schemaToJson } from '@/lib/iceberg/schema/schema-json'
import { type RestListener, startRestListener } from '@/testing/catalogs/rest-listener'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { HARD_TEXT } from '@/testing/iceberg/intent-walk'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import { installPyspark } from '@/testing/peers/install-pyspark'
import { installTrino } from '@/testing/peers/install-trino'
import { SPARK_RUNTIME } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { openPyiceberg, openSpark, openTrino, trinoRestCatalog } from '@/testing/peers/shared/open-peer'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { createTable } from '@/testing/lifecycle/actions'

/**
 * Tables with every type, transform and order that an engine has. Lakeshore creates one, and the engine its twin by the
 * statements that the review shows: both must have the same columns, layout and description, and the engine writes and
 * reads both.
 */

type Engine = {
  run: (statement: string) => Promise<unknown>
  rows: (table: string) => Promise<string>
  stop: () => Promise<void>
}

const [OURS, THEIRS] = ['ours', 'theirs'] as const
const home = createTestHome()
const identifierOf = (table: string): TableIdentifier => ({ catalog: 'local', namespace: ['made'], table })

const python = installPyiceberg()
const spark = installPyspark()
const jar = await installOrSkip('Iceberg for Spark', async () => (await fetchJars([SPARK_RUNTIME]))[0])
const trino = await installOrSkip('Trino', installTrino)

const ALL_ENGINES: readonly ColumnDeclaration[] = [
  { name: 'id', type: 'long', required: true, doc: HARD_TEXT.replace('${x}', '') },
  { name: 'yes', type: 'boolean' },
  { name: 'n', type: 'int' },
  { name: 'f', type: 'float' },
  { name: 'd', type: 'double' },
  { name: 'price', type: 'decimal(9, 2)' },
  { name: 'day', type: 'date' },
  { name: 'local_at', type: 'timestamp' },
  { name: 'at', type: 'timestamptz' },
  { name: 'city', type: 'string' },
  { name: 'bytes', type: 'binary' },
  {
    name: 'note',
    type: {
      struct: [
        { name: 'by', type: 'string' },
        { name: 'tags', type: { list: 'string' } },
      ],
    },
  },
  { name: 'seen', type: { map: { key: 'string', value: { struct: [{ name: 'count', type: 'int' }] } } } },
]

const PARTITIONS: TableDeclaration['partition-fields'] = [
  { name: 'day_year', column: 'day', transform: 'year' },
  { name: 'local_at_month', column: 'local_at', transform: 'month' },
  { name: 'at_hour', column: 'at', transform: 'hour' },
  { name: 'id_bucket', column: 'id', transform: 'bucket[4]' },
  { name: 'city_trunc', column: 'city', transform: 'truncate[2]' },
  { name: 'n', column: 'n', transform: 'identity' },
]

const order = (column: string, transform: string, direction: 'asc' | 'desc', nulls: 'first' | 'last') =>
  ({ column, transform, direction, 'null-order': `nulls-${nulls}` }) as const

const BY_COLUMNS = [order('city', 'identity', 'desc', 'last'), order('id', 'identity', 'asc', 'last')]
const BY_TRANSFORMS = [
  order('note.by', 'identity', 'desc', 'first'),
  order('id', 'bucket[8]', 'asc', 'last'),
  order('at', 'day', 'asc', 'first'),
]

const PROPERTIES = { comment: "it's here", 'write.parquet.compression-codec': 'snappy', team: 'a b' }

const SPARK_TABLE: TableDeclaration = {
  columns: [
    ...ALL_ENGINES,
    {
      name: 'strict',
      required: true,
      type: { struct: [{ name: 'part', type: 'string', required: true, doc: 'inner' }] },
    },
  ],
  'identifier-fields': ['id', 'strict.part'],
  'partition-fields': PARTITIONS,
  'sort-fields': BY_TRANSFORMS,
  properties: PROPERTIES,
}
const TRINO_TABLE: TableDeclaration = {
  columns: [...ALL_ENGINES, { name: 'u', type: 'uuid' }, { name: 'clock', type: 'time' }],
  'partition-fields': PARTITIONS,
  'sort-fields': BY_COLUMNS,
  // Trino takes the codec from its configuration.
  properties: { comment: PROPERTIES.comment, team: PROPERTIES.team },
}
const PYICEBERG_TABLE: TableDeclaration = {
  columns: [
    ...(SPARK_TABLE.columns ?? []),
    { name: 'u', type: 'uuid' },
    { name: 'clock', type: 'time' },
    { name: 'code', type: 'fixed[4]' },
    { name: 'all', type: { list: 'long', required: true } },
    { name: 'each', type: { map: { key: 'int', value: 'string' }, required: true } },
  ],
  'identifier-fields': ['id'],
  'partition-fields': PARTITIONS,
  'sort-fields': BY_TRANSFORMS,
  properties: PROPERTIES,
}

describe.skipIf(python === null)('New tables in PyIceberg (skipped when it is unavailable)', () => {
  compare('pyiceberg', startPyiceberg, PYICEBERG_TABLE)
})
describe.skipIf(spark === null || jar === null)('New tables in Spark (skipped when it is unavailable)', () => {
  compare('spark', startSpark, SPARK_TABLE)
})
describe.skipIf(trino === null)('New tables in Trino (skipped when it is unavailable)', () => {
  compare('trino', startInTrino, TRINO_TABLE)
})

function compare(
  name: StatementEngine,
  start: (listener: RestListener, token: string) => Promise<Engine>,
  declaration: TableDeclaration,
): void {
  let catalog: CatalogClient
  let listener: RestListener
  let engine: Engine

  beforeAll(async () => {
    catalog = await openTestCatalog(home.services)
    listener = await startRestListener(home.services)
    if (!(await isFound(() => catalog.loadNamespace(['made']))))
      await catalog.write({ kind: 'create-namespace', namespace: ['made'], properties: {} })
    engine = await start(listener, await createRestTokenAs(home.services, 'admin'))
  })
  afterAll(async () => {
    await engine?.stop()
    await listener?.stop()
    for (const table of [OURS, THEIRS])
      await isFound(() => catalog.write({ kind: 'drop-table', table: identifierOf(table) }))
  })

  test('are the same as those that its own statements create, and are written and read', async () => {
    await createTable(
      home.services,
      identifierOf(OURS),
      { declaration: declarationToText(declaration) },
      {
        actor: TEST_ACTOR,
        requestId: null,
        signal: new AbortController().signal,
        idempotencyKey: `interop-${name}-0000000`,
      },
    )
    const draft = draftOfDeclaration(declaration)
    const { statements, missing } = createStatements(identifierOf(THEIRS), { draft, location: null })[name]
    expect(missing).toEqual([])
    for (const statement of statements) await engine.run(statement)
    const [ours, theirs] = await Promise.all(
      [OURS, THEIRS].map(async (table) => (await catalog.loadTable(identifierOf(table))).metadata),
    )
    const keys = Object.keys(declaration.properties ?? {})
    expect(comparable(theirs!, keys), statements.join('\n')).toEqual(comparable(ours!, keys))
    const [first, second] = [await engine.rows(OURS), await engine.rows(THEIRS)]
    expect(first).toBe(second)
    expect(first).toContain('ABQ')
  })
}

/** Engines add properties of their own, and number specs and orders. */
function comparable(metadata: TableMetadata, keys: readonly string[]): Json {
  const { 'schema-id': _schema, ...schema } = schemaToJson(currentSchema(metadata))
  return {
    formatVersion: metadata.formatVersion,
    schema,
    lastColumnId: metadata.lastColumnId,
    spec: partitionSpecToJson({ ...defaultSpec(metadata), specId: 0 }),
    order: sortOrderToJson({ ...defaultSortOrder(metadata), orderId: 1 }),
    properties: Object.fromEntries(keys.map((key) => [key, metadata.properties[key] ?? null])),
  }
}

async function startPyiceberg(listener: RestListener, token: string): Promise<Engine> {
  const session = openPyiceberg({ uri: listener.uri, token, warehouse: 'local' })
  const py = <Answer>(code: string) => session.request<Answer>({ code })
  return {
    run: py,
    rows: (table) =>
      py(`
import datetime, uuid, decimal
t = catalog.load_table(('made', '${table}'))
row = {'id': 7, 'yes': True, 'n': 1, 'f': 1.5, 'd': 2.5, 'price': decimal.Decimal('9.99'), 'day': datetime.date(2026, 1, 2),
  'local_at': datetime.datetime(2026, 1, 2, 3), 'at': datetime.datetime(2026, 1, 2, 3, tzinfo=datetime.timezone.utc),
  'city': 'ABQ', 'bytes': b'x', 'note': {'by': 'bo', 'tags': ['a']}, 'seen': [('k', {'count': 1})],
  'strict': {'part': 'p'}, 'u': uuid.UUID(int=5).bytes, 'clock': datetime.time(1, 2), 'code': b'abcd',
  'all': [1, 2], 'each': [(1, 'one')]}
t.append(pa.Table.from_pylist([row], schema=t.schema().as_arrow()))
answer = str(catalog.load_table(('made', '${table}')).scan('id = 7').to_arrow().to_pylist())`),
    stop: session.stop,
  }
}

async function startSpark(listener: RestListener, token: string): Promise<Engine> {
  const session = openSpark({ uri: listener.uri, token, warehouse: 'local' })
  const sql = (statement: string) => session.request<(string | null)[][]>({ sql: statement })
  return {
    // The session names the catalog `peer`.
    run: (statement) => sql(statement.replaceAll('`local`', '`peer`')),
    rows: async (table) => {
      await sql(
        `INSERT INTO made.${table} VALUES (7, true, 1, 1.5, 2.5, 9.99, DATE '2026-01-02', TIMESTAMP_NTZ '2026-01-02 03:00:00', TIMESTAMP '2026-01-02 03:00:00', 'ABQ', X'78', named_struct('by', 'bo', 'tags', array('a')), map('k', named_struct('count', 1)), named_struct('part', 'p'))`,
      )
      return JSON.stringify(await sql(`SELECT * FROM made.${table} WHERE id = 7`))
    },
    stop: session.stop,
  }
}

async function startInTrino(listener: RestListener, token: string): Promise<Engine> {
  // Without it, Trino sets no properties of Iceberg.
  const more = { 'iceberg.allowed-extra-properties': '*' }
  const server = await openTrino({ local: { ...trinoRestCatalog(listener.uri, token), ...more } })
  return {
    run: server.sql,
    rows: async (table) => {
      const name = String(trinoTableName(identifierOf(table)))
      await server.sql(
        `INSERT INTO ${name} VALUES (7, true, 1, REAL '1.5', 2.5, 9.99, DATE '2026-01-02', TIMESTAMP '2026-01-02 03:00:00', TIMESTAMP '2026-01-02 03:00:00 UTC', 'ABQ', X'78', ROW('bo', ARRAY['a']), MAP(ARRAY['k'], ARRAY[ROW(1)]), UUID '00000000-0000-0000-0000-000000000005', TIME '01:02:00')`,
      )
      return JSON.stringify(await server.sql(`SELECT * FROM ${name} WHERE id = 7`), (_, value: unknown) =>
        typeof value === 'bigint' ? String(value) : value,
      )
    },
    stop: server.stop,
  }
}

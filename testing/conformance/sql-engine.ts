import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { RecordBatchReader } from 'apache-arrow'
import { beforeAll, describe, expect, test } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { ResultColumn } from '@/lib/query/engine'
import type { PlanOperator } from '@/lib/query/query-plan'
import { toResultBatch } from '@/lib/query/session/result-rows'
import type { RowValue } from '@/lib/scan/read/row-values'
import type { Actor } from '@/server/auth/actor'
import type { Config } from '@/server/config/config'
import { createReadFetch } from '@/server/endpoints/query-reads'
import type { SqlEngine, SqlEvent, SqlOptions, SqlRun, SqlStatement, SqlSummary } from '@/server/engines/sql-engine'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import { loadCsv, loadText } from '@/testing/ingest/load-table'
import { queryDuckdb } from '@/testing/ingest/test-staging'

const NAMESPACE = ['sql']
const MAX_RESULT_BYTES = 64 * 1024 * 1024

const micros = (ms: number, rest: bigint) => BigInt(ms) * 1000n + rest
const days = (text: string) => Date.parse(text) / 86_400_000

/** A column of a table, the texts that were loaded, and the exact values of a result. */
type Sample = { type: string; texts: [string, string]; values: [RowValue, RowValue] }

const SAMPLES: Record<string, Sample> = {
  id: { type: 'int', texts: ['1', '-2147483648'], values: [1, -2147483648] },
  big: {
    type: 'long',
    texts: ['9223372036854775807', '-9223372036854775808'],
    values: [2n ** 63n - 1n, -(2n ** 63n)],
  },
  amount: {
    type: 'decimal(38, 10)',
    texts: ['9999999999999999999999999999.9999999999', '-0.0000000001'],
    values: [10n ** 38n - 1n, -1n],
  },
  ratio: { type: 'double', texts: ['NaN', '-0.0'], values: [Number.NaN, -0] },
  share: { type: 'float', texts: ['Infinity', '0.1'], values: [Number.POSITIVE_INFINITY, Math.fround(0.1)] },
  flag: { type: 'boolean', texts: ['true', 'false'], values: [true, false] },
  day: { type: 'date', texts: ['1500-02-28', '0001-01-01'], values: [days('1500-02-28'), days('0001-01-01')] },
  clock: { type: 'time', texts: ['00:00:00', '23:59:59.999999'], values: [0n, 86_399_999_999n] },
  local: {
    type: 'timestamp',
    texts: ['1500-02-28 23:59:59.999999', '9999-12-31 23:59:59.123456'],
    values: [
      micros(Date.parse('1500-02-28T23:59:59.999Z'), 999n),
      micros(Date.parse('9999-12-31T23:59:59.123Z'), 456n),
    ],
  },
  instant: {
    type: 'timestamptz',
    texts: ['1969-12-31 23:59:59.999999+00:00', '2023-05-15 16:30:45.123456+02:00'],
    values: [-1n, micros(Date.parse('2023-05-15T14:30:45.123Z'), 456n)],
  },
  local_ns: {
    type: 'timestamp_ns',
    texts: ['1677-09-23 00:00:00.000000001', '2262-04-10 23:59:59.999999999'],
    values: [
      BigInt(Date.parse('1677-09-23T00:00:00Z')) * 1_000_000n + 1n,
      BigInt(Date.parse('2262-04-10T23:59:59.999Z')) * 1_000_000n + 999_999n,
    ],
  },
  key: {
    type: 'uuid',
    texts: ['f79c3e09-677c-4bbd-a479-3f349cb785e7', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
    values: ['f79c3e09-677c-4bbd-a479-3f349cb785e7', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  },
  bytes: { type: 'binary', texts: ['00ff10', '80'], values: [Uint8Array.of(0, 255, 16), Uint8Array.of(128)] },
  text: { type: 'string', texts: ['größe 数据 🙂', ' a '], values: ['größe 数据 🙂', ' a '] },
}
const NAMES = Object.keys(SAMPLES)
const ROWS = [0, 1].map((row) => NAMES.map((name) => SAMPLES[name]?.values[row] ?? null))

/** An instant of nine digits, which some engines return as text. */
const INSTANT_NS = '2023-05-15T14:30:45.123456789+00:00'
const INSTANT_NS_VALUES: readonly RowValue[] = [
  INSTANT_NS,
  BigInt(Date.parse('2023-05-15T14:30:45Z')) * 1_000_000n + 123_456_789n,
]

const NESTED = [
  { type: { type: 'list', 'element-id': 11, element: 'long', 'element-required': false }, name: 'longs' },
  {
    type: {
      type: 'struct',
      fields: [
        { id: 12, name: 'amount', required: false, type: 'decimal(38, 10)' },
        {
          id: 13,
          name: 'words',
          required: false,
          type: { type: 'list', 'element-id': 14, element: 'string', 'element-required': false },
        },
      ],
    },
    name: 'item',
  },
]
const NESTED_TEXT = [
  '{"id":1,"longs":[9223372036854775807,null],"item":{"amount":"1.0000000001","words":["a",null]}}',
  '{"id":2,"longs":[],"item":{"amount":null,"words":null}}',
  '{"id":3,"longs":null,"item":null}',
].join('\n')
const NESTED_ROWS: readonly (readonly (RowValue | null)[])[] = [
  [1, [2n ** 63n - 1n, null], [10_000_000_001n, ['a', null]]],
  [2, [], [null, null]],
  [3, null, null],
]

/**
 * The contract that callers of every engine behind the port rely on.
 *
 * @param settings of the home that the engine is created for
 */
export function describeSqlEngine(
  kind: string,
  settings: Record<string, string>,
  createEngine: (config: Config) => SqlEngine | null,
): void {
  describe(`${kind} is an engine that`, () => {
    const home = createTestHome(settings)
    let engine: SqlEngine
    let savedFolder: string

    const table = (name: string): TableIdentifier => ({ catalog: 'local', namespace: NAMESPACE, table: name })

    beforeAll(async () => {
      const created = createEngine(home.config)
      if (!created) throw new Error('the settings of the test choose no engine')
      engine = created
      savedFolder = mkdtempSync(path.join(home.config.homeDir, 'saved-'))
      await (await openTestCatalog(home.services)).write({
        kind: 'create-namespace',
        namespace: NAMESPACE,
        properties: {},
      })
      const lines = [0, 1].map((row) => NAMES.map((name) => `"${SAMPLES[name]?.texts[row]}"`).join(','))
      await loadCsv(home.services, table('samples'), `${NAMES.join(',')}\n${lines.join('\n')}\n`, {
        schema: schemaOf(NAMES.map((name) => ({ name, type: SAMPLES[name]?.type }))),
        properties: { 'format-version': '3' },
      })
      await loadCsv(home.services, table('instants'), `id,seen\n1,${INSTANT_NS}\n`, {
        schema: schemaOf([
          { name: 'id', type: 'int' },
          { name: 'seen', type: 'timestamptz_ns' },
        ]),
        properties: { 'format-version': '3' },
      })
      await loadText(
        home.services,
        table('nested'),
        { format: 'ndjson', text: NESTED_TEXT },
        { schema: schemaOf([{ name: 'id', type: 'int' }, ...NESTED]) },
      )
      const numbers = Array.from({ length: 100 }, (_, i) => i).join('\n')
      await loadCsv(home.services, table('numbers'), `n\n${numbers}\n`, {
        schema: schemaOf([{ name: 'n', type: 'int' }]),
      })
    })

    const statement = (sql: string, more: Partial<SqlStatement> = {}): SqlStatement => ({
      sql,
      cursor: 0,
      connection: 'local',
      connections: ['local'],
      maxRows: 1_000,
      ...more,
    })
    const options = ({
      actor = TEST_ACTOR,
      onEntryRead,
      ...more
    }: Partial<SqlOptions> & { actor?: Actor; onEntryRead?: (entry: TableIdentifier) => void } = {}): SqlOptions => {
      const readFetch = createReadFetch(home.services)
      return {
        signal: new AbortController().signal,
        limits: { resultBytes: MAX_RESULT_BYTES },
        access: {
          read: (request, signal) => readFetch(actor, request, signal),
          ...(onEntryRead && { onEntryRead }),
        },
        ...more,
      }
    }
    const readAll = async (sql: string, more: Partial<SqlStatement> = {}, runOptions = options()) =>
      collect(engine.run(statement(sql, more), runOptions))

    const save = async (sql: string, more: Partial<SqlStatement> = {}, runOptions = options()) => {
      const file = path.join(savedFolder, 'saved.parquet')
      const summary = await engine.save(statement(sql, more), { ...runOptions, file })
      const described = await queryDuckdb(`select column_name, column_type from (describe from '${file}')`)
      const names = described.map(([name]) => textOf(name))
      const rows = await queryDuckdb(`select columns(*)::varchar from read_parquet('${file}')`)
      rmSync(file)
      return {
        summary,
        types: Object.fromEntries(described.map(([, type], i) => [names[i], type])),
        rows: rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]]))),
      }
    }

    test('returns every type exactly', async () => {
      const { rows, summary } = await readAll('select * from sql.samples order by id desc')
      expect(rows).toEqual(ROWS)
      expect(summary.columns.map(({ name }) => name)).toEqual(NAMES)
      expect(summary.tablesRead).toMatchObject([{ identifier: table('samples') }])
    })

    test('returns nulls of nested values, and nested values exactly', async () => {
      expect((await readAll('select * from sql.nested order by id')).rows).toEqual(NESTED_ROWS)
    })

    test('keeps all nine digits of an instant', async () => {
      const { rows } = await readAll('select seen from sql.instants')
      expect(INSTANT_NS_VALUES).toContainEqual(rows[0]?.[0])
    })

    test('returns columns of the same name, and the types of a result without rows', async () => {
      const duplicate = await readAll('select id, id from sql.samples where id = 1')
      expect(duplicate.summary.columns.map(({ name }) => name)).toEqual(['id', 'id'])
      expect(duplicate.rows).toEqual([[1, 1]])
      const empty = await readAll('select * from sql.samples where id = 0')
      expect([empty.rows, empty.summary.rowCount]).toEqual([[], 0])
      expect(typesOf(empty.summary.columns)).toEqual(
        typesOf((await readAll('select * from sql.samples')).summary.columns),
      )
    })

    test('cuts a result at its rows, and refuses one that takes too much memory', async () => {
      const { rows, summary } = await readAll('select n from sql.numbers order by n', { maxRows: 10 })
      expect([rows.length, rows.at(-1), summary.rowCount, summary.isTruncated]).toEqual([10, [9], 10, true])
      const limits = { resultBytes: 16 }
      await expect(readAll('select n from sql.numbers', {}, options({ limits }))).rejects.toMatchObject({
        code: 'too-large',
      })
    })

    test('says where a statement is wrong, when it is run, explained or described', async () => {
      const wrong = statement('select 1; select nope from sql.numbers', { cursor: 12 })
      const expected = { code: 'query-failed', facts: { start: 17, end: 21 } }
      await expect(collect(engine.run(wrong, options()))).rejects.toMatchObject(expected)
      await expect(engine.explain(wrong, options())).rejects.toMatchObject(expected)
      await expect(engine.describe(wrong, options())).rejects.toMatchObject(expected)
    })

    test('hides tables that the user may not read, and changes nothing', async () => {
      const nobody = options({ actor: { ...TEST_ACTOR, grants: [] } })
      const missing = { code: 'not-found' }
      await expect(readAll('select * from sql.none')).rejects.toMatchObject(missing)
      await expect(readAll('select * from sql.numbers', {}, nobody)).rejects.toMatchObject(missing)
      await expect(engine.describe(statement('select * from sql.numbers'), nobody)).rejects.toMatchObject(missing)
      await expect(readAll('delete from sql.numbers')).rejects.toMatchObject({ code: 'query-failed' })
    })

    test('shows, describes and summarizes what the user may see', async () => {
      const { rows } = await readAll('show tables from sql')
      expect(rows).toContainEqual(['sql', 'numbers', 'table'])
      expect((await readAll('show namespaces')).rows).toEqual([['lakeshore'], ['sql']])
      const nobody = options({ actor: { ...TEST_ACTOR, grants: [] } })
      // A catalog in which the user may see nothing appears not to exist.
      await expect(readAll('show tables', {}, nobody)).rejects.toMatchObject({ code: 'not-found' })
      expect((await readAll('describe sql.numbers')).rows[0]?.slice(0, 3)).toEqual(['n', 'INTEGER', 'YES'])
      expect((await readAll('summarize sql.numbers')).rows[0]?.slice(0, 3)).toEqual(['n', 'INTEGER', '0'])
    })

    test('saves every row of a result with its exact values, and the types of one without rows', async () => {
      const saved = await save('select *, big::hugeint * 2 as twice from sql.samples order by id desc', { maxRows: 1 })
      expect(saved.summary).toMatchObject({ rowCount: 2, tablesRead: [{ identifier: table('samples') }] })
      expect(saved.summary.columns.map(({ name }) => name)).toEqual([...NAMES, 'twice'])
      expect(Object.keys(saved.types)).toEqual([...NAMES, 'twice'])
      expect(saved.types).toMatchObject({
        big: 'BIGINT',
        amount: 'DECIMAL(38,10)',
        local_ns: 'TIMESTAMP_NS',
        key: 'VARCHAR',
      })
      expect(saved.rows[0]).toMatchObject({
        big: '9223372036854775807',
        amount: '9999999999999999999999999999.9999999999',
        ratio: 'nan',
        twice: '18446744073709551614',
      })
      expect(saved.rows[1]).toMatchObject({ ratio: '-0.0', local_ns: '2262-04-10 23:59:59.999999999' })
      const empty = await save('select big, amount from sql.samples where false')
      expect([empty.summary.rowCount, empty.types]).toEqual([0, { big: 'BIGINT', amount: 'DECIMAL(38,10)' }])
    })

    test('saves no result that is too large or has no names, and leaves no file of a failed statement', async () => {
      const limits = { resultBytes: 16 }
      const nobody = options({ actor: { ...TEST_ACTOR, grants: [] } })
      for (const [sql, saveOptions, code] of [
        ['select n from sql.numbers', options({ limits }), 'too-large'],
        ['select id, id from sql.samples', options(), 'query-failed'],
        ['select id, big as ID from sql.samples', options(), 'query-failed'],
        ['explain select 1', options(), 'query-failed'],
        ['select cast(text as int) as n from sql.samples', options(), 'query-failed'],
        ['select n from sql.numbers', nobody, 'not-found'],
        [ENDLESS, options({ limits: { resultBytes: MAX_RESULT_BYTES, seconds: 1 } }), 'too-large'],
      ] as const)
        await expect(save(sql, {}, saveOptions), sql).rejects.toMatchObject({ code })
      expect(readdirSync(savedFolder)).toEqual([])
    })

    test('reports the tables that a statement reads, also of one that fails', async () => {
      const entries: TableIdentifier[] = []
      const failing = `select cast(text as int) from sql.samples where id in (select n from sql.numbers)`
      const onEntryRead = (entry: TableIdentifier) => void entries.push(entry)
      await expect(readAll(failing, {}, options({ onEntryRead }))).rejects.toMatchObject({ code: 'query-failed' })
      expect(entries).toContainEqual(table('samples'))
      expect(entries).toContainEqual(table('numbers'))
    })

    test('describes a statement without running it, as its result says', async () => {
      for (const sql of ['select * from sql.samples', 'select * from sql.nested', 'select id, id from sql.samples'])
        expect(await engine.describe(statement(sql), options())).toEqual((await readAll(sql)).summary.columns)
      // Running it takes longer than the test may.
      expect(await engine.describe(statement(ENDLESS), options())).toMatchObject([{ name: 'total', type: 'long' }])
    })

    test('describes a view that is only a draft', async () => {
      const draftView = {
        identifier: table('draft'),
        dialect: engine.capabilities.dialect,
        sql: 'select n + 1 as next from numbers',
        defaultCatalog: null,
        defaultNamespace: NAMESPACE,
      }
      const described = engine.describe(statement('select * from sql.draft'), { ...options(), draftView })
      expect(await described).toMatchObject([{ name: 'next', type: 'int' }])
    })

    test('explains a statement without running it, with the tables that it reads', async () => {
      const plan = await engine.explain(statement(ENDLESS), options())
      expect(scannedTables(plan ?? [])).toContain('sql.numbers')
      await expect(engine.explain(statement('explain select 1'), options())).rejects.toMatchObject({
        code: 'query-failed',
      })
    })

    test('runs nothing that was cancelled before', async () => {
      const stopped = options({ signal: AbortSignal.abort() })
      await expect(readAll('select 1', {}, stopped)).rejects.toMatchObject({ code: 'cancelled' })
      const run = engine.run(statement('select 1'), options())
      await run.cancel()
      expect(await run[Symbol.asyncIterator]().next()).toEqual({ done: true, value: undefined })
    })

    test.each(['its signal', 'cancel'] as const)('ends a statement that %s stops', async (how) => {
      const stop = new AbortController()
      const run = engine.run(statement(ENDLESS), options({ signal: stop.signal }))
      const events = run[Symbol.asyncIterator]()
      for (;;) {
        const { value } = await events.next()
        if (value?.kind === 'progress' && value.progress.step === 'running') break
      }
      const failure = failureOf(events)
      if (how === 'its signal') stop.abort()
      else await run.cancel()
      expect(await failure).toMatchObject({ code: 'cancelled' })
    })

    test('may be cancelled after the end', async () => {
      const run = engine.run(statement('select n from sql.numbers where n = 7'), options())
      expect((await collect(run)).rows).toEqual([[7]])
      await run.cancel()
      await run.cancel()
    })

    test('ends a statement that takes longer than the caller allows', async () => {
      const limits = { resultBytes: MAX_RESULT_BYTES, seconds: 1 }
      await expect(readAll(ENDLESS, {}, options({ limits }))).rejects.toMatchObject({ code: 'too-large' })
    })

    test('states its dialect and its limits', () => {
      const { dialect, maxLoadBytes, maxSeconds } = engine.capabilities
      expect(dialect).toMatch(/^[a-z]+$/)
      expect([maxLoadBytes > 0, maxSeconds > 0]).toEqual([true, true])
    })
  })
}

/** 100^9 rows that have to be looked at one by one. */
const ENDLESS = `select count(*) as total from ${Array.from('abcdefghi', (name) => `sql.numbers ${name}`).join(', ')}
  where a.n + b.n + c.n + d.n + e.n + f.n + g.n + h.n + i.n < 0`

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('a name is text')
  return value
}

function schemaOf(fields: readonly { name: string; type: unknown }[]): object {
  return { type: 'struct', fields: fields.map((field, i) => ({ id: i + 1, required: false, ...field })) }
}

function typesOf(columns: readonly ResultColumn[]) {
  return columns.map(({ type, sqlType }) => [type, sqlType])
}

/** The rows that count, in order, and the end of the run. */
async function collect(run: SqlRun): Promise<{ rows: (RowValue | null)[][]; summary: SqlSummary }> {
  let rows: (RowValue | null)[][] = []
  for await (const event of run) {
    if (event.kind === 'restart') rows = []
    if (event.kind === 'done') return { rows, summary: event.summary }
    if (event.kind !== 'rows') continue
    const [batch] = RecordBatchReader.from(event.arrow)
    if (!batch) throw new Error('a run sent no batch')
    const { value } = toResultBatch(batch, event.rowCount)
    for (let row = 0; row < event.rowCount; row += 1) rows.push(batch.data.children.map((_, i) => value(row, i)))
  }
  throw new Error('a run ended without its summary')
}

/** Reads on until the run fails; null when it ends instead. */
async function failureOf(events: AsyncIterator<SqlEvent>): Promise<unknown> {
  try {
    for (;;) if ((await events.next()).done === true) return null
  } catch (error) {
    return error
  }
}

function scannedTables(plan: readonly PlanOperator[]): string[] {
  return plan.flatMap(({ scan, children }) => [...(scan ? [scan.label] : []), ...scannedTables(children)])
}

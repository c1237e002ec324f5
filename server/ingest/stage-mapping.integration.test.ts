import { describe, expect, it } from 'vitest'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import type { ColumnSource } from '@/lib/ingest/load-mapping'
import { column, createTestStaging, queryDuckdb } from '@/testing/ingest/test-staging'
import { readFileSync } from 'node:fs'
import { Int32, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow'
import { buildAvroBytes } from '@/testing/iceberg/avro-bytes'

const { stage, rejects, rejectTexts, rejectedRecords, rows, preview, file } = createTestStaging()

const TEXT_MAP = {
  type: 'map',
  keyId: 90,
  key: 'string',
  valueId: 91,
  value: 'string',
  valueRequired: false,
} as const

/** The same rows in each format: `id`, `a`, `b` (null in the second row). */
async function inputOf(format: InputFormat): Promise<string | Uint8Array> {
  switch (format) {
    case 'csv':
      return 'id,a,b\n1,x,u\n2,y,\n'
    case 'ndjson':
      return '{"id":1,"a":"x","b":"u"}\n{"id":2,"a":"y","b":null}\n'
    case 'json':
      return '[{"id":1,"a":"x","b":"u"},\n{"id":2,"a":"y","b":null}]'
    case 'parquet': {
      const path = file('mapped.parquet')
      await queryDuckdb(`COPY (SELECT * FROM (VALUES (1, 'x', 'u'), (2, 'y', NULL)) AS r(id, a, b)) TO '${path}'`)
      return readFileSync(path)
    }
    case 'arrow':
      return tableToIPC(
        new Table({
          id: vectorFromArray([1, 2], new Int32()),
          a: vectorFromArray(['x', 'y'], new Utf8()),
          b: vectorFromArray(['u', null], new Utf8()),
        }),
        'stream',
      )
    case 'avro':
      return buildAvroBytes(
        {
          type: 'record',
          name: 'row',
          fields: [
            { name: 'id', type: 'int' },
            { name: 'a', type: 'string' },
            { name: 'b', type: ['null', 'string'] },
          ],
        },
        [
          [
            { id: 1, a: 'x', b: 'u' },
            { id: 2, a: 'y', b: null },
          ],
        ],
      )
  }
}

const mapped = (columns: Record<string, ColumnSource>, ignoredFields: string[] = []) => ({
  mapping: { columns, ignoredFields },
})

describe.each<InputFormat>(['csv', 'ndjson', 'json', 'parquet', 'avro', 'arrow'])('A mapping of %s', (format) => {
  it('fills a column from a field with another name', async () => {
    const staged = await stage(
      format,
      await inputOf(format),
      [column(1, 'n', 'long'), column(2, 'a', 'string'), column(3, 'c', 'string')],
      mapped({ n: { field: 'id' }, c: { field: 'a' } }, ['b']),
    )
    expect(await rows(staged)).toEqual([
      ['1', 'x', 'x'],
      ['2', 'y', 'y'],
    ])
  })

  it('fills columns with constants, facts, and nulls', async () => {
    const fields = [
      column(1, 'id', 'int'),
      column(2, 'source', 'string'),
      column(3, 'day', 'date'),
      column(4, 'none', 'int'),
      column(5, 'name', 'string'),
      column(6, 'line', 'long'),
      column(7, 'at', 'timestamptz'),
      column(8, 'local', 'timestamp'),
      column(9, 'loaded', 'date'),
      column(10, 'tags', { type: 'list', elementId: 11, element: 'int', elementRequired: false }),
    ]
    const staged = await stage(format, await inputOf(format), fields, {
      name: "o'rders.csv",
      loadedAtMs: Date.UTC(2024, 1, 29, 12, 30, 15, 250),
      ...mapped(
        {
          source: { value: "it's" },
          day: { value: '2024-02-29' },
          none: { value: null },
          name: { fact: 'file-name' },
          line: { fact: 'line' },
          at: { fact: 'loaded-at' },
          local: { fact: 'loaded-at' },
          loaded: { fact: 'loaded-at' },
          tags: { value: '[1, 2]' },
        },
        ['a', 'b'],
      ),
    })
    const first = { csv: '2', ndjson: '1', json: '1', parquet: '1', avro: '1', arrow: '1' }[format]
    const read = await rows(
      staged,
      'id, source, day::VARCHAR, none, name, line, "at"::VARCHAR, "local"::VARCHAR, loaded::VARCHAR, tags::VARCHAR',
    )
    expect(read[0]).toEqual([
      1,
      "it's",
      '2024-02-29',
      null,
      "o'rders.csv",
      first,
      '2024-02-29 12:30:15.25+00',
      '2024-02-29 12:30:15.25',
      '2024-02-29',
      '[1, 2]',
    ])
    expect(read[1]?.[5]).toBe(String(Number(first) + 1))
  })

  it('fills columns with the values of folders, which have to fit', async () => {
    const input = await inputOf(format)
    const fields = [column(1, 'id', 'int'), column(2, 'day', 'date'), column(3, 'n', 'long'), column(4, 'c', 'string')]
    const columns = { day: { pathValue: 'day' }, n: { pathValue: 'n' }, c: { pathValue: 'c' } }
    const location = 's3://lake/day=2024-02-29/n=9007199254740993/c=it%27s/x'
    // Values of paths do not have the formats of those in the file.
    const csv = { dateFormat: '%d.%m.%Y', decimalSeparator: ',', groupSeparator: '.' } as const
    const options = { ...mapped(columns, ['a', 'b']), csv: format === 'csv' ? { ...csv, delimiter: ',' } : {} }
    const staged = await stage(format, input, fields, { ...options, location })
    expect((await rows(staged, 'day::VARCHAR, n, c'))[0]).toEqual(['2024-02-29', '9007199254740993', "it's"])
    await expect(stage(format, input, fields, { ...options, location: location.replace('29', '30') })).rejects.toThrow(
      /"2024-02-30" in the path of the file is not a day of the calendar/,
    )
    const shown = await preview(format, input, fields, { ...options, location: 'day=2024-02-29/n=1/x' })
    expect(shown.columnProblems).toMatchObject([{ column: 'c', detail: expect.stringContaining('no folder c=') }])
  })

  it('computes columns with expressions over the fields', async () => {
    const staged = await stage(
      format,
      await inputOf(format),
      [column(1, 'id', 'int'), column(2, 'c', 'string'), column(3, 'n', 'int'), column(4, 'd', 'date')],
      mapped({
        c: { sql: `upper("a" || coalesce(b, '-')) -- a comment` },
        n: { sql: 'id::INT * 10' },
        d: { sql: "strptime('2024-02-' || lpad(id::VARCHAR, 2, '0'), '%Y-%m-%d')::DATE" },
      }),
    )
    expect(await rows(staged, 'id, c, n, d::VARCHAR')).toEqual([
      [1, 'XU', 10, '2024-02-01'],
      [2, 'Y-', 20, '2024-02-02'],
    ])
  })

  it('rejects only the rows for which an expression fails or does not fit', async () => {
    const staged = await stage(
      format,
      await inputOf(format),
      [column(1, 'id', 'int'), column(2, 'n', 'int'), column(3, 'm', 'int', true)],
      {
        ...mapped({ n: { sql: 'CASE WHEN id::INT = 1 THEN a::INT ELSE 7 END' }, m: { sql: 'length(b)' } }),
        maxRejectedRows: 2,
      },
    )
    expect(staged).toMatchObject({ rowsRejected: 2, files: [] })
    const reasons = rejects().map(({ column: name, value, reason }) => [name, value, reason])
    expect(reasons).toEqual([
      [
        'n',
        JSON.stringify({ id: '1', a: 'x' }),
        expect.stringMatching(/^cannot be computed: Could not convert string 'x' to INT32/),
      ],
      ['m', null, 'is null, and the table requires a value'],
    ])
  })

  it('rescues the other fields into a map, or into JSON', async () => {
    const input = await inputOf(format)
    const map = await stage(format, input, [column(1, 'id', 'int'), column(2, 'rest', TEXT_MAP)], {
      ...mapped({ rest: { rest: true } }),
    })
    expect(await rows(map, 'id, rest::VARCHAR')).toEqual([
      [1, '{a=x, b=u}'],
      [2, '{a=y}'],
    ])
    const json = await stage(format, input, [column(1, 'id', 'int'), column(2, 'rest', 'string')], {
      ...mapped({ rest: { rest: true } }, ['a']),
    })
    expect(await rows(json)).toEqual([
      [1, '{"b":"u"}'],
      [2, '{}'],
    ])
  })

  it('is refused for what it names wrongly', async () => {
    const input = await inputOf(format)
    const load = (columns: Record<string, ColumnSource>, ignored: string[] = ['a', 'b']) =>
      stage(format, input, [column(1, 'id', 'int'), column(2, 'c', 'string')], mapped(columns, ignored))
    await expect(load({ d: { value: 'x' }, e: { value: 'y' } })).rejects.toThrow(/"d", "e"/)
    await expect(load({ c: { field: 'q' } })).rejects.toThrow(/does not have: "q"/)
    await expect(load({}, ['a', 'b', 'q'])).rejects.toThrow(/does not have: "q"/)
    await expect(load({ c: { field: 'a' } })).rejects.toThrow(/which is ignored/)
    await expect(load({ id: { value: 'one' } })).rejects.toMatchObject({
      code: 'invalid-request',
      facts: { column: 'id' },
    })
    await expect(load({ id: { value: '' } })).rejects.toThrow(/constant "" is not a whole number/)
    await expect(load({ id: { fact: 'file-name' } })).rejects.toThrow(/file-name fits columns of string/)
    await expect(load({ c: { fact: 'line' } })).rejects.toThrow(/line fits/)
    await expect(load({ id: { rest: true } })).rejects.toThrow(/map<string, string>/)
    await expect(load({ id: { rest: true }, c: { rest: true } })).rejects.toThrow(/rest/)
  })

  it('is refused for expressions that are wrong, with their position', async () => {
    const input = await inputOf(format)
    const load = (sql: string, type: 'int' | 'string' = 'string') =>
      stage(format, input, [column(1, 'id', 'int'), column(2, 'c', type)], mapped({ c: { sql } }, ['a', 'b']))
    await expect(load('q || a')).rejects.toMatchObject({ facts: { column: 'c', position: 1 } })
    await expect(load("'ü' || DATE '2000-01-01' + a + DATE '2000-01-01'")).rejects.toMatchObject({
      code: 'invalid-request',
      facts: { column: 'c' },
    })
    await expect(load('upper(')).rejects.toThrow(/syntax error/i)
    await expect(load("DATE '2000-01-01'", 'int')).rejects.toThrow(/int in the table, but DATE in the expression/)
  })

  it('is previewed with the same values', async () => {
    const shown = await preview(
      format,
      await inputOf(format),
      [column(1, 'id', 'int'), column(2, 'c', 'string'), column(3, 'q', 'string', true), column(4, 'e', 'int')],
      mapped({ c: { sql: "a || '!'" }, e: { sql: 'nonsense(' }, z: { value: 'x' } }),
    )
    expect(shown.fields).toEqual([
      { name: 'id', samples: ['1', '2'] },
      { name: 'a', samples: ['x', 'y'] },
      { name: 'b', samples: ['u'] },
    ])
    expect(shown).toMatchObject({
      rowsRead: 2,
      rowsRejected: 0,
      unmappedFields: ['b'],
      missingColumns: ['q'],
      unknownColumns: ['z'],
      columnProblems: [{ column: 'e', detail: expect.stringMatching(/syntax error/i) }],
    })
    expect(shown.rows.map(({ values }) => values)).toEqual([
      ['1', 'x!', null, null],
      ['2', 'y!', null, null],
    ])
  })
})

describe('An expression', () => {
  const load = (sql: string) =>
    stage('csv', 'a,b\n1,/etc/passwd\n', [column(1, 'c', 'string')], mapped({ c: { sql } }, ['a', 'b']))

  it.each([
    "read_text('/etc/passwd')",
    "(SELECT content FROM read_text('/etc/passwd'))",
    "(FROM read_csv('/etc/passwd'))",
    "a IN (SELECT '1')",
    'EXISTS (SELECT 1)',
    'ARRAY(SELECT 1)::VARCHAR',
    "query('SELECT 1')",
    "getenv('HOME')",
    "current_setting('memory_limit')",
    "getvariable('x')",
    'random()::VARCHAR',
    'uuid()::VARCHAR',
    'gen_random_uuid()::VARCHAR',
    'now()::VARCHAR',
    'current_date::VARCHAR',
    'current_timestamp::VARCHAR',
    'get_current_timestamp()::VARCHAR',
    'current_localtimestamp()::VARCHAR',
    'today()::VARCHAR',
    "age(TIMESTAMP '2000-01-01')::VARCHAR",
    'ago(INTERVAL 1 DAY)::VARCHAR',
    "nextval('s')::VARCHAR",
    'version()',
    'txid_current()::VARCHAR',
    'current_schema()',
    'sum(a::INT)::VARCHAR',
    'count(*)::VARCHAR',
    "string_agg(a, ',')",
    'wavg(a::INT, b::INT)::VARCHAR',
    'row_number() OVER ()',
    'sum(1) OVER ()',
    'unnest([a, b])',
    'generate_subscripts([1], 1)::VARCHAR',
    '*',
    'COLUMNS(*)',
    '#1',
    '?',
    '$a',
    'a, b',
    '1), (2',
    '1) + (2',
    'a) FROM (SELECT 1 AS a',
    'a; SELECT 2',
    'DEFAULT',
    "json_serialize_plan('SELECT 1')",
    "json_execute_serialized_sql('x')",
    'get_block_size(a)::VARCHAR',
    'pg_sleep(1)',
    'sleep_ms(1)',
    "error('x')",
    'f0',
    'line',
    'p_line',
    'rowid::VARCHAR',
    '',
    '-- nothing',
  ])('is refused if it does more than compute from a row: %s', async (sql) => {
    await expect(load(sql)).rejects.toMatchObject({ code: 'invalid-request', facts: { column: 'c' } })
  })

  it.each([
    ["nullif(a, '2')", '1'],
    ["split_part(b, '/', 2)", 'etc'],
    ["list_transform(string_split(b, '/'), lambda x: x || a)::VARCHAR", '[1, etc1, passwd1]'],
    ['[x || a FOR x IN [b]][1]', '/etc/passwd1'],
    ['list_sum([a::INT, 2])::VARCHAR', '3'],
    ["CASE WHEN a BETWEEN '0' AND '2' AND b LIKE '/%' THEN 'yes' END", 'yes'],
    ["(TIMESTAMP '2024-07-01 12:00' AT TIME ZONE 'Europe/Berlin')::VARCHAR", '2024-07-01 10:00:00+00'],
    ["strftime(DATE '2024-01-31' + INTERVAL 1 MONTH, '%d.%m.%Y')", '29.02.2024'],
    ["age(TIMESTAMP '2000-01-02', TIMESTAMP '2000-01-01')::VARCHAR", '1 day'],
    ["('{\"k\": [1, 2]}'::JSON -> '$.k[1]')::VARCHAR", '2'],
    ['\'{"k": "v"}\' ->> \'$.k\'', 'v'],
    ["{'x': a}.x", '1'],
    ["map {'k': a}['k']", '1'],
    ["regexp_extract(b, '([a-z]+)$', 1)", 'passwd'],
    ['TRY_CAST(b AS INT)::VARCHAR', null],
  ])('computes %s', async (sql, result) => {
    expect(await rows(await load(sql))).toEqual([[result]])
  })

  it('reads no file even if its check missed a function', async () => {
    // The session is the second lock.
    await expect(
      stage('csv', 'a\n/etc/passwd\n', [column(1, 'a', 'string')]).then(async () => {
        const { openDuckdbSession } = await import('@/server/data-files/duckdb/duckdb-session')
        const session = await openDuckdbSession(
          { inputPath: file('none.csv'), stagingDir: file('none') },
          { memoryMiB: 64, threads: 1, tempMiB: 1 },
        )
        try {
          await session.rows("SELECT * FROM read_text('/etc/passwd')")
        } finally {
          session.close()
        }
      }),
    ).rejects.toThrow(/Permission Error/)
  })

  it('is refused where a name could be two fields', async () => {
    const fields = [column(1, 'c', 'string')]
    const options = mapped({ c: { sql: 'A' } }, ['a'])
    await expect(stage('csv', 'a,A\n1,2\n', fields, options)).rejects.toThrow(/may be any of the fields a, A/)
  })

  it('finds fields of a header in any case', async () => {
    const staged = await stage('csv', 'Id,B\n1,x\n', [column(1, 'c', 'string')], mapped({ c: { sql: 'ID || "b"' } }))
    expect(await rows(staged)).toEqual([['1x']])
  })

  it('sees the fields of JSON as texts, and nested ones as JSON', async () => {
    const input = '{"n":1.50,"t":true,"s":"x","o":{"k":[1, 2]},"z":null}'
    const sql = "concat_ws('|', n, t, s, o, z)"
    const ignored = ['n', 't', 's', 'o', 'z']
    expect(
      await rows(await stage('ndjson', input, [column(1, 'c', 'string')], mapped({ c: { sql } }, ignored))),
    ).toEqual([['1.50|true|x|{"k":[1,2]}']])
  })

  it('may use fields with the names of our own columns', async () => {
    const staged = await stage(
      'csv',
      'line,f0,p_line,e0\na,b,c,d\n',
      [column(1, 'x', 'string'), column(2, 'n', 'int')],
      mapped({ x: { sql: 'line || f0 || p_line || e0' }, n: { fact: 'line' } }),
    )
    expect(await rows(staged)).toEqual([['abcd', 2]])
  })
})

describe('Fields without a column', () => {
  it('stop the load with all their names', async () => {
    await expect(stage('csv', 'id,x,y\n1,2,3\n', [column(1, 'id', 'int')])).rejects.toThrow(/"x", "y"/)
  })

  it('of nested JSON are rescued as they were written', async () => {
    const staged = await stage(
      'ndjson',
      '{"id":1,"n":1.50,"o":{"k":"\\u00e9"},"z":null,"t":false}',
      [column(1, 'id', 'int'), column(2, 'rest', 'string')],
      mapped({ rest: { rest: true } }),
    )
    expect(await rows(staged)).toEqual([[1, '{"n":1.50,"o":{"k":"é"},"t":false}']])
  })
})

describe('Rejected records', () => {
  it('of CSV can be loaded again with the same options', async () => {
    const csv = { skippedLines: 1, delimiter: ';', decimalSeparator: ',' } as const
    const fields = [column(1, 'id', 'int'), column(2, 'x', 'decimal(5, 2)')]
    const input = 'a comment\r\nid;x\r\n1;1,5\r\n2;1.5\r\n3;"9\r\n9"\r\n4;1234,5\r\n5\r\n6;0,1'
    const staged = await stage('csv', input, fields, { csv, maxRejectedRows: 10 })
    expect(staged).toMatchObject({ rowsRead: 6, rowsRejected: 4, savedRecords: { recordCount: 4 } })
    expect(rejects()).toEqual([
      { line: 4, column: 'x', value: '1.5', reason: 'is not a number such as 1234,56' },
      { line: 5, column: 'x', value: '9\r\n9', reason: 'is not a number such as 1234,56' },
      { line: 7, column: 'x', value: '1234,5', reason: 'has more than 3 digits before the point' },
      { line: 8, column: null, value: '5', reason: 'has 1 field but the header has 2' },
    ])
    expect(rejectTexts()).toEqual(['2;1.5', '3;"9\r\n9"', '4;1234,5', '5'])
    const records = rejectedRecords().toString('utf8')
    expect(records).toBe('\nid;x\r\n2;1.5\r\n3;"9\r\n9"\r\n4;1234,5\r\n5\r\n')
    const corrected = records
      .replace('1.5', '1,5')
      .replace('9\r\n9', '9')
      .replace('1234', '234')
      .replace('\r\n5\r', '\r\n5;5\r')
    expect(await rows(await stage('csv', corrected, fields, { csv }))).toEqual([
      [2, '1.50'],
      [3, '9.00'],
      [4, '234.50'],
      [5, '5.00'],
    ])
  })

  it('of JSON are saved as NDJSON', async () => {
    const input = '[{"id":1},\n{"id":\n"x"}, 7,\n{"id":2}]'
    const staged = await stage('json', input, [column(1, 'id', 'int')], { maxRejectedRows: 10 })
    expect(staged).toMatchObject({ rowsRead: 4, rowsRejected: 2, savedRecords: { recordCount: 2 } })
    expect(rejects()).toEqual([
      { line: 2, column: 'id', value: 'x', reason: 'is not a whole number such as 1204' },
      { line: 3, column: null, value: '7', reason: 'is not a JSON object' },
    ])
    expect(rejectTexts()).toEqual(['{"id": "x"}', '7'])
    expect(rejectedRecords().toString('utf8')).toBe('{"id": "x"}\n7\n')
  })

  it('have the whole record, shortened', async () => {
    const text = 'y'.repeat(5000)
    await stage('csv', `id,x\nq,${text}\n`, [column(1, 'id', 'int'), column(2, 'x', 'string')], { maxRejectedRows: 1 })
    expect(rejectTexts()).toEqual([`q,${'y'.repeat(1998)}…`])
    expect(rejectedRecords().toString('utf8')).toBe(`id,x\nq,${text}\n`)
  })

  it('are named when they stop the load', async () => {
    await expect(stage('csv', 'id\nq\nr\n', [column(1, 'id', 'int')])).rejects.toMatchObject({
      code: 'rows-rejected',
      facts: { rowsRejected: 2 },
    })
    expect(rejectedRecords().toString('utf8')).toBe('id\nq\nr\n')
  })
})

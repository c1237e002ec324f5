import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { isoDate, isoTime, isoTimestamp } from '@/lib/iceberg/schema/calendar'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { column, createTestStaging, queryDuckdb } from '@/testing/ingest/test-staging'
import { createRandom } from '@/testing/seeded-random'

const { stage, preview, rejects, rejectTexts, rejectedRecords, rows, file } = createTestStaging()

const ID = column(1, 'id', 'int')
const ANY = { maxRejectedRows: 1_000 }
const BY_ID = { specId: 0, fields: [{ sourceId: 1, fieldId: 1000, name: 'id', transform: 'bucket[3]' }] } as const

describe('A row that breaks a rule', () => {
  const fields = [ID, column(2, 'code', 'string'), column(3, 'fare', 'decimal(9, 2)'), column(4, 'day', 'date')]
  const rules = {
    'fare-given': { column: 'fare', notNull: true },
    'fare-range': { column: 'fare', min: '0', max: '500.00' },
    'first-day': { column: 'day', min: '2026-01-01' },
    'known-code': { column: 'code', values: ['BER', 'OSL', "O'H", 'ber'] },
    'short-code': { column: 'code', pattern: '^[A-Z]{3}$' },
  }
  const csv = [
    'id,code,fare,day',
    '1,BER,0,2026-01-01',
    '2,ber,-0.01,2025-12-31',
    '3,OSL,,',
    '4,OSLO,500.01,2026-01-01',
    '5,OSL,x,2026-01-01',
    '6,OSL,500.00,2026-01-01',
    '7,,1,',
  ].join('\n')
  const broken = [
    {
      line: 3,
      column: 'code',
      value: 'ber',
      reason: 'breaks the rule short-code: does not match ^[A-Z]{3}$',
    },
    { line: 3, column: 'fare', value: '-0.01', reason: 'breaks the rule fare-range: is not at least 0' },
    { line: 3, column: 'day', value: '2025-12-31', reason: 'breaks the rule first-day: is not at least 2026-01-01' },
    { line: 4, column: 'fare', value: null, reason: 'breaks the rule fare-given: is null' },
    {
      line: 5,
      column: 'code',
      value: 'OSLO',
      reason: "breaks the rule known-code: is none of BER, OSL, O'H, ber",
    },
    { line: 5, column: 'code', value: 'OSLO', reason: 'breaks the rule short-code: does not match ^[A-Z]{3}$' },
    { line: 5, column: 'fare', value: '500.01', reason: 'breaks the rule fare-range: is not at most 500.00' },
    { line: 6, column: 'fare', value: 'x', reason: 'is not a number such as 1204.5' },
  ]

  it('is rejected with its line, column, value and the rule, and its record is saved', async () => {
    const staged = await stage('csv', csv, fields, { ...ANY, rules })
    expect(staged).toMatchObject({ rowsRead: 7, rowsRejected: 4 })
    expect(rejects()).toEqual(broken)
    expect(rejectTexts()[0]).toBe('2,ber,-0.01,2025-12-31')
    expect(rejectedRecords().toString()).toContain('\n3,OSL,,\n')
    expect((await rows(staged, 'id')).flat()).toEqual([1, 6, 7])
  })

  it('stops the load if no row may be rejected', async () => {
    await expect(stage('csv', csv, fields, { rules })).rejects.toMatchObject({ code: 'rows-rejected' })
  })

  it('is rejected in every partition', async () => {
    const staged = await stage('csv', csv, fields, { ...ANY, rules, spec: BY_ID })
    expect(rejects()).toEqual(broken)
    expect(new Set((await rows(staged, 'id')).flat())).toEqual(new Set([1, 6, 7]))
  })

  it('of NDJSON is rejected with its value', async () => {
    const json = '{"id": 1, "fare": "1"}\n{"id": 2, "fare": "-1"}\n{"id": 3}\n'
    const staged = await stage('ndjson', json, fields, { ...ANY, rules })
    expect(rejects()).toEqual([
      { line: 2, column: 'fare', value: '-1', reason: 'breaks the rule fare-range: is not at least 0' },
      { line: 3, column: 'fare', value: null, reason: 'breaks the rule fare-given: is null' },
    ])
    expect((await rows(staged, 'id')).flat()).toEqual([1])
  })

  it('of Parquet is rejected with the number of the row', async () => {
    const made = file('rules.parquet')
    await queryDuckdb(
      `COPY (SELECT i::INTEGER AS id, i::DECIMAL(9, 2) AS fare FROM range(498, 503) t(i)) TO '${made}' (FORMAT parquet)`,
    )
    const staged = await stage('parquet', readFileSync(made), fields, { ...ANY, rules })
    expect(rejects()).toEqual([
      { line: 4, column: 'fare', value: '501.00', reason: 'breaks the rule fare-range: is not at most 500.00' },
      { line: 5, column: 'fare', value: '502.00', reason: 'breaks the rule fare-range: is not at most 500.00' },
    ])
    expect((await rows(staged, 'id')).flat()).toEqual([498, 499, 500])
  })

  it('is rejected for the result of an expression, a constant, and a column that the file does not have', async () => {
    const mapping = { columns: { code: { sql: 'lower(c)' }, day: { value: '2025-01-01' } } }
    const staged = await stage('csv', 'id,c\n1,BER\n', fields, { ...ANY, rules, mapping })
    expect(staged.rowsRejected).toBe(1)
    expect(rejects().map(({ column: name, value, reason }) => [name, value, reason])).toEqual([
      ['code', 'ber', 'breaks the rule short-code: does not match ^[A-Z]{3}$'],
      ['fare', null, 'breaks the rule fare-given: is null'],
      ['day', '2025-01-01', 'breaks the rule first-day: is not at least 2026-01-01'],
    ])
  })

  it('is shown in a preview, but not for a column that the mapping cannot fill', async () => {
    const shown = await preview('csv', csv, fields, { rules })
    expect(shown.rejects.map(({ text: _text, part: _part, ...reject }) => reject)).toEqual(broken)
    expect(shown).toMatchObject({
      rowsRejected: 4,
      rejectCounts: expect.arrayContaining([{ column: 'fare', count: 4 }]),
    })
    expect(shown.rows.map(({ line }) => line)).toEqual([2, 7, 8])
    const unmapped = await preview('csv', 'id\n1\n', fields, { rules, mapping: { columns: { fare: { sql: 'x' } } } })
    expect(unmapped).toMatchObject({ rowsRejected: 0, columnProblems: [{ column: 'fare' }] })
  })
})

it('A pattern matches anywhere in a text, the ends of lines are not those of the text, and null matches', async () => {
  const rules = { found: { column: 'x', pattern: 'a.c' }, whole: { column: 'y', pattern: '^b$' } }
  const texts = ['x,y', 'zabcz,b', ',', '"a\nc",b', 'abc,"b\n"', 'abc,"a\nb"', 'ABC,b']
  await stage('csv', `${texts.join('\n')}\n`, [column(1, 'x', 'string'), column(2, 'y', 'string')], { ...ANY, rules })
  expect(rejects().map(({ line, column: name }) => [line, name])).toEqual([
    [4, 'x'],
    [6, 'y'],
    [8, 'y'],
    [10, 'x'],
  ])
})

it.each(['[[:nope:]]', '(?i)(a', 'a{1001}'])(
  'A pattern that RE2 refuses stops a load and a preview: %s',
  async (pattern) => {
    const rules = { code: { column: 'id', pattern } }
    const error = {
      code: 'invalid-request',
      message: expect.stringMatching(/^lakeshore[.]rule[.]code has a pattern that is not a regular expression: /),
    }
    const fields = [column(1, 'id', 'string')]
    await expect(stage('csv', 'id\n1\n', fields, { rules })).rejects.toMatchObject(error)
    await expect(preview('csv', 'id\n1\n', fields, { rules })).rejects.toMatchObject(error)
  },
)

describe('A list of values', () => {
  it.each([
    ['boolean', ['true'], ['true', 'false', '']],
    ['int', ['-1', '2147483647'], ['-1', '+2147483647', '0', '']],
    ['long', ['9007199254740993'], ['9007199254740993', '9007199254740992', '']],
    ['decimal(38, 2)', ['9007199254740993.01'], ['9007199254740993.01', '9007199254740993.02', '']],
    ['double', ['0.1', '0'], ['0.1', '0.10000000000000002', 'NaN', '-0.0', '']],
    ['float', ['0.1'], ['0.1', '0.2', '']],
    ['date', ['2024-02-29'], ['2024-02-29', '2024-03-01', '']],
    ['time', ['00:00:00.000001'], ['00:00:00.000001', '00:00:00', '']],
    ['timestamp', ['2024-02-29T00:00:00.000001'], ['2024-02-29 00:00:00.000001', '2024-02-29 00:00:00', '']],
    ['timestamptz', ['2024-02-29T00:00:00Z'], ['2024-02-29T01:00:00+01:00', '2024-02-29T00:00:00+01:00', '']],
    ['timestamp_ns', ['2024-02-29T00:00:00.000000001'], ['2024-02-29T00:00:00.000000001', '2024-02-29T00:00:00', '']],
    [
      'uuid',
      ['F47AC10B-58CC-4372-A567-0E02B2C3D479'],
      ['f47ac10b-58cc-4372-a567-0e02b2c3d479', '00000000-0000-0000-0000-000000000000', ''],
    ],
    ['binary', ['00FF'], ['00ff', 'ff', '']],
    ['string', ['', 'ä'], ['"",', 'ä', 'Ä', '']],
  ] as const)('of type %s accepts equal values and nulls alone', async (type, values, texts) => {
    const lines = texts.map((text) => (text === '"",' ? '"",' : `${text},`))
    const staged = await stage('csv', `x,id\n${lines.join('\n')}\n`, [column(2, 'x', type), ID], {
      ...ANY,
      rules: { known: { column: 'x', values } },
    })
    const others = texts.length - 1 - (type === 'double' ? 2 : values.length === 2 && type !== 'boolean' ? 2 : 1)
    expect(staged.rowsRejected).toBe(others)
  })

  it('may be long, and the rows stay in their order', async () => {
    const values = Array.from({ length: 1_000 }, (_, i) => String(i * 2))
    const csv = `id\n${Array.from({ length: 5_000 }, (_, i) => 1_998 - (i % 1_000) * 2).join('\n')}\n`
    const staged = await stage('csv', csv, [ID], { rules: { even: { column: 'id', values } } })
    const ids = (await rows(staged, 'id')).flat()
    expect(ids.slice(0, 3)).toEqual([1998, 1996, 1994])
    expect(ids).toHaveLength(5_000)
    await stage('csv', `id\n7\n`, [ID], { ...ANY, rules: { even: { column: 'id', values } } })
    expect(rejects()[0]?.reason).toBe(
      'breaks the rule even: is none of 0, 2, 4, 6, 8, 10, 12, 14, 16, 18 and 990 others',
    )
  })
})

/** Texts of a type around some values, each with a number that has the order of the values; null for NaN. */
type Sample = { text: string; order: bigint | number | null }

const inUnits =
  (bases: readonly bigint[], toText: (units: bigint) => string) => (random: (limit: number) => number) => {
    const units = (bases[random(bases.length)] ?? 0n) + BigInt(random(7) - 3)
    return { text: toText(units), order: units }
  }

const withScale = (scale: number) => (unscaled: bigint) => {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

const DAY_US = 86_400_000_000n
const NS_BASES = [0n, 1_700_000_000_123_456_789n, -9_223_199_999_999_999_990n, 9_223_200_000_000_000_000n]

const SAMPLES: readonly (readonly [PrimitiveType, (random: (limit: number) => number) => Sample])[] = [
  ['int', inUnits([0n, 2n ** 31n - 4n, -(2n ** 31n) + 3n], String)],
  ['long', inUnits([0n, 2n ** 53n, 2n ** 63n - 4n, -(2n ** 63n) + 3n], String)],
  ['decimal(9, 2)', inUnits([0n, 999_999_990n], withScale(2))],
  ['decimal(38, 8)', inUnits([0n, 10n ** 37n, -(10n ** 37n), 2n ** 53n], withScale(8))],
  ['date', inUnits([0n, -719_100n, 2_932_800n], (days) => isoDate(Number(days)))],
  ['time', inUnits([10n, DAY_US - 10n], (us) => isoTime(us, 1_000_000n))],
  ['timestamp', inUnits([0n, 2n ** 53n, -60_000_000_000_000_000n], (us) => isoTimestamp(us, 1_000_000n))],
  [
    'timestamptz',
    (random) => {
      const { order } = inUnits([0n, 2n ** 53n], String)(random)
      const hours = BigInt(random(5))
      return { text: `${isoTimestamp(order + hours * 3_600_000_000n, 1_000_000n)}+0${hours}:00`, order }
    },
  ],
  ['timestamp_ns', inUnits(NS_BASES, (ns) => isoTimestamp(ns, 1_000_000_000n))],
  ['timestamptz_ns', inUnits(NS_BASES, (ns) => `${isoTimestamp(ns, 1_000_000_000n)}Z`)],
  [
    'double',
    (random) => {
      const value = [0.1, -0.5, 1e300, 5e-324, 9007199254740994, 0.30000000000000004][random(6)] ?? 0
      return { text: String(value), order: value }
    },
  ],
  [
    'float',
    (random) => {
      const value = Math.fround([0.1, -0.5, 1e30, 16777216, 0.3][random(5)] ?? 0)
      return { text: String(value), order: value }
    },
  ],
]

/** Texts of floating-point columns that a bound cannot be. */
const SPECIAL: readonly Sample[] = [
  { text: 'NaN', order: null },
  { text: 'inf', order: Infinity },
  { text: '-inf', order: -Infinity },
  { text: '-0.0', order: 0 },
]

describe('Random values of type', () => {
  it.each(SAMPLES)('%s are rejected exactly when they are out of the range', async (type, sample) => {
    const random = createRandom(type.length * 7919)
    for (let round = 0; round < 6; round += 1) {
      const [first, second] = [sample(random), sample(random)]
      const [low, high] = (first.order ?? 0) <= (second.order ?? 0) ? [first, second] : [second, first]
      const bounds = [{ min: low.text, max: high.text }, { min: low.text }, { max: high.text }][round % 3] ?? {}
      const isFloating = type === 'double' || type === 'float'
      const samples = Array.from({ length: 60 }, () =>
        isFloating && random(4) === 0 ? (SPECIAL[random(SPECIAL.length)] ?? first) : sample(random),
      )
      const breaks = ({ order }: Sample) =>
        order === null ||
        ('min' in bounds && order < (low.order ?? 0)) ||
        ('max' in bounds && order > (high.order ?? 0))
      const expected = samples.flatMap((one, i) => (breaks(one) ? [i] : []))
      const csv = ['id,x', ...samples.map(({ text }, i) => `${i},${text}`), `${samples.length},`].join('\n')
      const staged = await stage('csv', csv, [ID, column(2, 'x', type)], {
        ...ANY,
        rules: { range: { column: 'x', ...bounds } },
        ...(round > 2 && { spec: BY_ID }),
      })
      const context = JSON.stringify({ bounds, samples: samples.map(({ text }) => text) })
      const loaded = new Set((await rows(staged, 'id')).flat())
      expect(
        [...samples.keys(), samples.length].filter((i) => !loaded.has(i)),
        context,
      ).toEqual(expected)
      expect(staged.rowsRejected, context).toBe(expected.length)
    }
  })
})

describe('A unique rule', () => {
  const fields = [ID, column(2, 'day', 'date'), column(3, 'name', 'string')]
  const byKey = { once: { columns: ['id', 'day'], unique: true } }

  it('keeps the first row of a key, and rejects the later ones', async () => {
    const csv = 'id,day,name\n1,2026-01-01,a\n1,2026-01-02,b\n1,2026-01-01,c\n+1,2026-01-01,d\n1,,e\n1,,f\n'
    const staged = await stage('csv', csv, fields, { ...ANY, rules: byKey })
    const value = '{"id":"1","day":"2026-01-01"}'
    const reason = 'breaks the rule once: has the same id and day as line 2'
    expect(rejects()).toEqual([
      { line: 4, column: null, value, reason },
      { line: 5, column: null, value, reason },
    ])
    expect(rejectTexts()).toEqual(['1,2026-01-01,c', '+1,2026-01-01,d'])
    expect(rejectedRecords().toString()).toBe('id,day,name\n1,2026-01-01,c\n+1,2026-01-01,d\n')
    expect((await rows(staged, 'name')).flat()).toEqual(['a', 'b', 'e', 'f'])
    expect(staged).toMatchObject({ rowsRead: 6, rowsRejected: 2 })
  })

  it('accepts rows without a repeated key, also in partitions', async () => {
    const csv = 'id,day,name\n1,2026-01-01,a\n2,2026-01-01,b\n'
    for (const options of [{}, { spec: BY_ID }]) {
      const staged = await stage('csv', csv, fields, { rules: byKey, ...options })
      expect(new Set((await rows(staged, 'name')).flat())).toEqual(new Set(['a', 'b']))
    }
  })

  it.each(['csv', 'ndjson', 'parquet'] as const)('of one column names it, and the first row, in %s', async (format) => {
    const made = file('unique.parquet')
    await queryDuckdb(`COPY (SELECT unnest(['a', 'b', 'a']) AS name) TO '${made}' (FORMAT parquet)`)
    const input = {
      csv: 'id,name\n1,a\n2,b\n3,a\n',
      ndjson: '{"name":"a"}\n{"name":"b"}\n{"name":"a"}\n',
      parquet: readFileSync(made),
    }[format]
    await stage(format, input, fields, { ...ANY, rules: { name: { columns: ['name'], unique: true } } })
    const first = { csv: 'line 2', ndjson: 'line 1', parquet: 'row 1' }[format]
    expect(rejects()).toEqual([
      {
        line: format === 'csv' ? 4 : 3,
        column: 'name',
        value: 'a',
        reason: `breaks the rule name: has the same name as ${first}`,
      },
    ])
  })

  it('counts no row that does not fit or breaks another rule as the first', async () => {
    const rules = { ...byKey, named: { column: 'name', notNull: true } }
    const csv = 'id,day,name\n1,2026-01-01,\nx,2026-01-01,a\n1,2026-01-01,b\n'
    const staged = await stage('csv', csv, fields, { ...ANY, rules })
    expect(rejects().map(({ line }) => line)).toEqual([2, 3])
    expect((await rows(staged, 'name')).flat()).toEqual(['b'])
  })

  it('looks at the same rows as other unique rules', async () => {
    const rules = { a: { columns: ['id'], unique: true }, b: { columns: ['name'], unique: true } }
    const staged = await stage('csv', 'id,name\n1,x\n1,y\n2,y\n3,z\n', fields, { ...ANY, rules })
    expect(rejects().map(({ line, reason }) => [line, reason])).toEqual([
      [3, 'breaks the rule a: has the same id as line 2'],
      [4, 'breaks the rule b: has the same name as line 3'],
    ])
    expect((await rows(staged, 'name')).flat()).toEqual(['x', 'z'])
  })

  it('is checked in a preview', async () => {
    const shown = await preview('csv', 'id,day,name\n1,2026-01-01,a\n1,2026-01-01,b\n2,2026-01-01,c\n', fields, {
      rules: byKey,
    })
    expect(shown).toMatchObject({ rowsRejected: 1, rejects: [{ line: 3, text: '1,2026-01-01,b' }] })
    expect(shown.rows.map(({ line }) => line)).toEqual([2, 4])
  })

  it('leaves the rows in their order, with every value, when it rejects some of very many', async () => {
    const count = 100_000
    const lines = Array.from({ length: count }, (_, i) => `${i % (count - 10)},${i},"${'é'.repeat(20)}${i}"`)
    const wide = [ID, column(2, 'n', 'long'), column(3, 'name', 'string')]
    const staged = await stage('csv', `id,n,name\n${lines.join('\n')}\n`, wide, {
      ...ANY,
      rules: { id: { columns: ['id'], unique: true } },
    })
    expect(staged.rowsRejected).toBe(10)
    const loaded = await rows(staged, 'n, name')
    expect(loaded).toHaveLength(count - 10)
    expect(loaded.findIndex(([n, name], i) => n !== String(i) || name !== `${'é'.repeat(20)}${i}`)).toBe(-1)
  })

  it.each([
    ['boolean', ['true', 'TRUE']],
    ['long', ['9007199254740993', '9007199254740992']],
    ['decimal(38, 2)', ['9007199254740993.01', '9007199254740993.010']],
    ['time', ['00:00:00.000001', '00:00:00.0000010']],
    ['timestamptz', ['2024-02-29T00:00:00Z', '2024-02-29T01:00:00+01:00']],
    ['timestamp_ns', ['2024-02-29T00:00:00.000000001', '2024-02-29T00:00:00.000000002']],
    ['uuid', ['F47AC10B-58CC-4372-A567-0E02B2C3D479', 'f47ac10b-58cc-4372-a567-0e02b2c3d479']],
    ['binary', ['00FF', '00ff']],
    ['string', ['é', 'e\u0301']],
  ] as const)('compares values of type %s exactly', async (type, [first, second]) => {
    const isSame = !['long', 'timestamp_ns', 'string'].includes(type)
    const rules = { x: { columns: ['x'], unique: true } }
    const staged = await stage('csv', `id,x\n1,${first}\n2,${second}\n`, [ID, column(2, 'x', type)], { ...ANY, rules })
    expect(staged.rowsRejected).toBe(isSame ? 1 : 0)
  })

  it('rejects the same rows in random files as in one', async () => {
    const random = createRandom(20_261_128)
    const rules = { once: { columns: ['id', 'name'], unique: true } }
    for (let round = 0; round < 4; round += 1) {
      const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-keys-'))
      const seen = new Map<string, string>()
      const names: string[] = []
      for (let fileIndex = 0; fileIndex < 4; fileIndex += 1) {
        const name = `f${fileIndex}.csv`
        const keys = Array.from({ length: 8 }, () => [random(6), ['', 'a', 'b'][random(3)] ?? ''] as const)
        const expected: { line: number; reason: string }[] = []
        const inFile = new Map<string, string>()
        for (const [i, [id, text]] of keys.entries()) {
          if (text === '') continue
          const key = `${id} ${text}`
          const earlier = seen.get(key) ?? inFile.get(key)
          if (earlier === undefined) inFile.set(key, `line ${i + 2}`)
          else expected.push({ line: i + 2, reason: `breaks the rule once: has the same id and name as ${earlier}` })
        }
        const csv = `id,name\n${keys.map(([id, text]) => `${id},${text}`).join('\n')}\n`
        const staged = await stage('csv', csv, [ID, column(2, 'name', 'string')], {
          ...ANY,
          rules,
          keyFiles: { folder, earlierNames: [...names] },
        })
        expect(staged.rowsRejected).toBe(expected.length)
        const found = staged.rowsRejected === 0 ? [] : rejects().map(({ line, reason }) => ({ line, reason }))
        expect(found).toEqual(expected)
        for (const key of inFile.keys()) if (!seen.has(key)) seen.set(key, `a row of ${name}`)
        names.push(name)
      }
    }
  })
})

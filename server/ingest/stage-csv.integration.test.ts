import { describe, expect, it } from 'vitest'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { column, createTestStaging } from '@/testing/ingest/test-staging'
import { misfitReason } from '@/lib/ingest/text-value'

const { stage, rejects, rejectedRecords, rows } = createTestStaging()

/** Texts that a type accepts, and DuckDB's readings of them. */
const TAKEN: readonly (readonly [PrimitiveType, readonly (readonly [string, unknown])[]])[] = [
  [
    'boolean',
    [
      ['true', true],
      ['FALSE', false],
    ],
  ],
  [
    'int',
    [
      ['-2147483648', -2147483648],
      ['+2147483647', 2147483647],
      ['007', 7],
    ],
  ],
  [
    'long',
    [
      ['9223372036854775807', '9223372036854775807'],
      ['-9223372036854775808', '-9223372036854775808'],
      ['9007199254740993', '9007199254740993'],
    ],
  ],
  [
    'float',
    [
      ['1.5', 1.5],
      ['NaN', 'NaN'],
      ['-Infinity', '-Infinity'],
      ['16777216', 16777216],
      ['16777217.0', 16777216],
      ['0.000e-50', 0],
    ],
  ],
  [
    'double',
    [
      ['0.1', 0.1],
      ['1e308', 1e308],
      ['-1.5E-3', -0.0015],
      ['inf', 'Infinity'],
      ['.5', 0.5],
      ['5.', 5],
      ['3', 3],
    ],
  ],
  [
    'decimal(4, 2)',
    [
      ['99.99', '99.99'],
      ['-1.5', '-1.50'],
      ['1.230000', '1.23'],
      ['.5', '0.50'],
      ['+7', '7.00'],
    ],
  ],
  [
    'decimal(38, 8)',
    [
      ['123456789012345678901234567890.12345678', '123456789012345678901234567890.12345678'],
      ['-0.00000001', '-0.00000001'],
    ],
  ],
  [
    'decimal(38, 0)',
    [
      ['99999999999999999999999999999999999999', '99999999999999999999999999999999999999'],
      ['1.000', '1'],
    ],
  ],
  [
    'date',
    [
      ['0001-01-01', '0001-01-01'],
      ['9999-12-31', '9999-12-31'],
      ['2024-02-29', '2024-02-29'],
    ],
  ],
  [
    'time',
    [
      ['00:00', '00:00:00'],
      ['23:59:59.999999', '23:59:59.999999'],
      ['10:00:00.5000000', '10:00:00.5'],
    ],
  ],
  [
    'timestamp',
    [
      ['2001-02-03 04:05:06', '2001-02-03 04:05:06'],
      ['2001-02-03T04:05', '2001-02-03 04:05:00'],
      ['1969-12-31 23:59:59.999999000', '1969-12-31 23:59:59.999999'],
    ],
  ],
  [
    'timestamptz',
    [
      ['2001-02-03T04:05:06Z', '2001-02-03 04:05:06+00'],
      ['2001-02-03 04:05:06.5+02:30', '2001-02-03 01:35:06.5+00'],
      ['2001-02-03 04:05:00-0130', '2001-02-03 05:35:00+00'],
      ['2001-02-03 04:05:00+02', '2001-02-03 02:05:00+00'],
    ],
  ],
  [
    'string',
    [
      ['plain', 'plain'],
      [' spaces ', ' spaces '],
      ['😀é', '😀é'],
      ['a,b', 'a,b'],
      ['line\nend', 'line\nend'],
      ['"x"', '"x"'],
    ],
  ],
  ['uuid', [['F47AC10B-58CC-4372-A567-0E02B2C3D479', 'f47ac10b-58cc-4372-a567-0e02b2c3d479']]],
  [
    'binary',
    [
      ['00ff', '\\x00\\xFF'],
      ['DEADbeef', '\\xDE\\xAD\\xBE\\xEF'],
    ],
  ],
]

const REJECTED: readonly (readonly [PrimitiveType, readonly string[]])[] = [
  ['boolean', ['1', 't', 'yes', ' true']],
  ['int', ['2147483648', '-2147483649', '1.0', '1e3', '1_000', ' 1', '1 ', 'x', '--1', '0x1']],
  ['long', ['9223372036854775808', '1204.5', '0x10']],
  ['float', ['1e39', '-1e39', '16777217', '-16777217', '1e-50', 'abc', '1_0.5', '1,5', ' 1.5']],
  [
    'double',
    [
      '1e400',
      '9007199254740993',
      '1e-400',
      '-0.4e-400',
      '1234567890123456789012345678901234567890',
      'Infinit',
      '1.2.3',
      'e5',
      '.',
      '1.5 ',
      '+-1',
    ],
  ],
  ['decimal(4, 2)', ['1.239', '100', '1e1', '99.995', '-99.999', 'NaN', '1_0']],
  ['decimal(38, 8)', ['1234567890123456789012345678901', '0.123456789']],
  [
    'date',
    ['2023-02-29', '2001-1-1', '2001-01-01 00:00', 'infinity', '10000-01-01', '0000-01-01', '2001-13-01', 'epoch'],
  ],
  ['time', ['24:00:00', '10:60', '10:00:60', '10:00:00.0000001', '10']],
  [
    'timestamp',
    [
      '2001-02-03',
      '2001-02-03 04:05:06Z',
      '2001-02-03 04:05:06.0000001',
      '2001-02-30 00:00',
      'epoch',
      '0000-01-01 00:00',
    ],
  ],
  [
    'timestamptz',
    [
      '2001-02-03 04:05:06',
      '2001-02-03 04:05:06.1234567Z',
      '2001-02-03 04:05:06 UTC',
      '2001-02-03 04:05:00+25',
      '2001-02-03 04:05Z',
    ],
  ],
  ['uuid', ['f47ac10b58cc4372a5670e02b2c3d479', 'x47ac10b-58cc-4372-a567-0e02b2c3d479']],
  ['binary', ['0', 'zz', '0x00']],
]

describe('Each type of a CSV column', () => {
  it.each(TAKEN)('%s accepts values that it can hold exactly', async (type, texts) => {
    const csv = ['id,x', ...texts.map(([text], i) => `${i},${quoted(text)}`), `${texts.length},`].join('\n')
    const staged = await stage('csv', csv, [column(1, 'id', 'int'), column(2, 'x', type)])
    expect(staged).toMatchObject({ rowsRead: texts.length + 1, rowsRejected: 0 })
    expect((await rows(staged, 'x')).flat()).toEqual([...texts.map(([, value]) => value), null])
    for (const [text] of texts) expect(misfitReason(type, text)).toBeNull()
  })

  it.each(REJECTED)('%s rejects values that it cannot hold exactly', async (type, texts) => {
    const csv = ['id,x', '0,', ...texts.map((text, i) => `${i + 1},${quoted(text)}`)].join('\n')
    const staged = await stage('csv', csv, [column(1, 'id', 'int'), column(2, 'x', type)], { maxRejectedRows: 1000 })
    expect(rejects()).toEqual(
      texts.map((value, i) => ({ line: i + 3, column: 'x', value, reason: misfitReason(type, value) })),
    )
    expect(staged).toMatchObject({ rowsRead: texts.length + 1, rowsRejected: texts.length })
    expect(await rows(staged, 'id')).toEqual([[0]])
  })

  it('fails by default, and names the file and the counts', async () => {
    const staged = stage('csv', 'id\n1\nx\n3\n', [column(1, 'id', 'long')])
    await expect(staged).rejects.toMatchObject({
      code: 'rows-rejected',
      facts: { rowsRejected: 1, rowsRead: 3, rejectsFile: expect.stringContaining('rejects') },
    })
    expect(rejects()).toEqual([{ line: 3, column: 'id', value: 'x', reason: 'is not a whole number such as 1204' }])
  })

  it('counts a row with several misfits once and lists each', async () => {
    const fields = [column(1, 'a', 'int'), column(2, 'b', 'date')]
    const staged = await stage('csv', 'a,b\nx,y\n1,2001-01-01\n', fields, { maxRejectedRows: 1 })
    expect(staged.rowsRejected).toBe(1)
    expect(rejects().map(({ column: name }) => name)).toEqual(['a', 'b'])
  })

  it('fails when more rows do not fit than may be rejected', async () => {
    const staged = stage('csv', 'a\nx\ny\n1\n', [column(1, 'a', 'int')], { maxRejectedRows: 1 })
    await expect(staged).rejects.toMatchObject({
      code: 'rows-rejected',
      message: expect.stringContaining('more than the 1 allowed'),
    })
  })

  it('preserves the sign of a negative zero', async () => {
    const staged = await stage('csv', 'a\n-0.0\n', [column(1, 'a', 'double')])
    expect(await rows(staged, "a::VARCHAR = '-0.0'")).toEqual([[true]])
  })
})

describe('The form of a CSV input', () => {
  const two = [column(1, 'a', 'string'), column(2, 'b', 'string')]

  it('reads an empty field as null and "" as the empty string', async () => {
    const staged = await stage('csv', 'a,b\n,""\n"",\n', two)
    expect(await rows(staged)).toEqual([
      [null, ''],
      ['', null],
    ])
  })

  it.each([
    ['a byte order mark and CRLF', '\uFEFFa,b\r\n1,2\r\n"x\r\ny",z\r\n'],
    ['no line end at the end', 'a,b\n1,2\n"x\r\ny",z'],
    ['lone carriage returns', 'a,b\r1,2\r"x\r\ny",z\r'],
    ['line ends of several kinds', 'a,b\r\n1,2\n"x\r\ny",z\r\n'],
    ['empty lines between', 'a,b\n\n1,2\n\n\n"x\r\ny",z\n\n'],
    ['quotes around everything', '"a","b"\n"1","2"\n"x\r\ny","z"\n'],
    ['columns in another order', 'b,a\n2,1\nz,"x\r\ny"\n'],
  ])('may have %s', async (_what, csv) => {
    expect(await rows(await stage('csv', csv, two))).toEqual([
      ['1', '2'],
      ['x\r\ny', 'z'],
    ])
  })

  it.each(['\r\n', '\r', '\n'])(
    'may have the line end %j in quotes in the first row, which is rewritten',
    async (lineEnd) => {
      const csv = `a;b\n"x${lineEnd}y";1\n2;"z${lineEnd}"\n`
      expect(await rows(await stage('csv', csv, two, { csv: { delimiter: ';' } }))).toEqual([
        [`x${lineEnd}y`, '1'],
        ['2', `z${lineEnd}`],
      ])
    },
  )

  it('reads an empty line as null if the table has one column', async () => {
    const staged = await stage('csv', 'a\n1\n\n2\n', [column(1, 'a', 'int')])
    expect(await rows(staged)).toEqual([[1], [null], [2]])
    const exact = await stage('csv', 'a\n1\n\nx\n', [column(1, 'a', 'int')], { maxRejectedRows: 1 })
    expect(await rows(exact)).toEqual([[1], [null]])
    expect(rejects()[0]).toMatchObject({ line: 4, value: 'x' })
  })

  it('reports the line on which a row begins, even if fields before it contain line ends', async () => {
    const csv = 'a,b\n"1\n2\n3",x\n"4\r\n5",y\r\n6\n7,8,9\n"un"closed,z\n"never ended,1'
    const staged = await stage('csv', csv, two, { maxRejectedRows: 10 })
    expect(await rows(staged)).toEqual([
      ['1\n2\n3', 'x'],
      ['4\r\n5', 'y'],
    ])
    expect(rejects()).toEqual([
      { line: 7, column: null, value: '6', reason: 'has 1 field but the header has 2' },
      { line: 8, column: null, value: '7,8,9', reason: 'has 3 fields but the header has 2' },
      { line: 9, column: null, value: '"un"closed,z', reason: 'has text after a closing quote' },
      { line: 10, column: null, value: '"never ended,1', reason: 'has a quote that is not closed' },
    ])
    expect(staged).toMatchObject({ rowsRead: 6, rowsRejected: 4 })
  })

  it('rejects a row that is not UTF-8', async () => {
    const csv = Buffer.concat([Buffer.from('a,b\n1,2\n3,'), Buffer.from([0xff]), Buffer.from('\n5,6\n')])
    const staged = await stage('csv', csv, two, { maxRejectedRows: 1 })
    expect(await rows(staged)).toEqual([
      ['1', '2'],
      ['5', '6'],
    ])
    expect(rejects()).toMatchObject([{ line: 3, column: null, reason: 'is not UTF-8' }])
  })

  it('accepts fields of megabytes, and refuses a record beyond 16 MiB', async () => {
    const long = 'é'.repeat(700_000)
    const staged = await stage('csv', `a,b\n1,"${long}\n${long}"\n`, two)
    expect(await rows(staged, 'length(b)')).toEqual([['1400001']])
    const endless = stage('csv', `a,b\n1,"${'x'.repeat(17 * 1024 * 1024)}`, two)
    await expect(endless).rejects.toMatchObject({ code: 'too-large', facts: { line: 2 } })
  })

  it.each([
    [
      'an unknown column',
      'a,b,c,d\n',
      'The input has columns the table does not have (--ignore-extra skips them): "c", "d".',
    ],
    ['a column twice', 'a,b,a\n', 'The input names columns twice: "a".'],
    [
      'a column without a name',
      'a,\n',
      'The input has columns the table does not have (--ignore-extra skips them): "column2".',
    ],
    ['nothing', '', 'The input is empty: a CSV file begins with the names of its columns.'],
    ['a broken header', '"a"x,b\n', 'The header has text after a closing quote.'],
    ['other capitals', 'A,b\n', 'The input has columns the table does not have (--ignore-extra skips them): "A".'],
  ])('is refused with %s', async (_what, csv, message) => {
    await expect(stage('csv', csv, two)).rejects.toMatchObject({ code: 'invalid-request', message })
  })

  it('is refused without a required column, and an absent optional one is null', async () => {
    const fields = [column(1, 'a', 'int'), column(2, 'b', 'date'), column(3, 'c', 'string', true)]
    await expect(stage('csv', 'a\n1\n', fields)).rejects.toThrow('The input lacks columns the table requires: "c".')
    expect(await rows(await stage('csv', 'a,c\n1,x\n', fields))).toEqual([[1, null, 'x']])
    const exact = await stage('csv', 'a,c\n1,x\nx,y\n', fields, { maxRejectedRows: 1 })
    expect(await rows(exact)).toEqual([[1, null, 'x']])
  })

  it('names fields by their positions where the header has no name', async () => {
    const numbers = [column(1, 'a', 'int'), column(2, 'b', 'int')]
    const csv = ',b,a,""\n0,2,1,\n1,x,1,\n'
    const ignoring = { mapping: { ignoredFields: ['column1', 'column4'] }, maxRejectedRows: 1 }
    for (const options of [ignoring, { ignoreExtra: true, maxRejectedRows: 1 }]) {
      const staged = await stage('csv', csv, numbers, options)
      expect(await rows(staged)).toEqual([[1, 2]])
      expect(staged.fieldUse.skippedFields).toEqual(['column1', 'column4'])
      expect(rejectedRecords().toString()).toBe(',b,a,""\n1,x,1,\n')
    }
    const mapping = { columns: { a: { field: 'column1' } }, ignoredFields: ['a', 'column4'] }
    expect(await rows(await stage('csv', ',b,a,\n0,2,1,\n', numbers, { mapping }))).toEqual([[0, 2]])
    await expect(stage('csv', ',column1\n0,1\n', two)).rejects.toThrow('The input names columns twice: "column1".')
  })

  it('skips columns that the table lacks, with ignoreExtra', async () => {
    expect(await rows(await stage('csv', 'z,b,a\n9,2,1\n', two, { ignoreExtra: true }))).toEqual([['1', '2']])
    const exact = await stage('csv', 'z,b,a\n9,2,1\n9\n', two, { ignoreExtra: true, maxRejectedRows: 1 })
    expect(await rows(exact)).toEqual([['1', '2']])
  })

  it('rejects null in a required column', async () => {
    const staged = await stage('csv', 'a,b\n,x\n1,y\n', [column(1, 'a', 'int', true), column(2, 'b', 'string', true)], {
      maxRejectedRows: 5,
    })
    expect(await rows(staged)).toEqual([[1, 'y']])
    expect(rejects()).toEqual([
      { line: 2, column: 'a', value: null, reason: 'is null, and the table requires a value' },
    ])
  })

  it('is read by RFC 4180 even where DuckDB is more lenient', async () => {
    const text = [column(1, 'a', 'string'), column(2, 'b', 'string')]
    await expect(stage('csv', 'a,b\n1,2,\n3,4\n', text)).rejects.toMatchObject({ code: 'rows-rejected' })
    expect(rejects()).toEqual([{ line: 2, column: null, value: '1,2,', reason: 'has 3 fields but the header has 2' }])
    expect(await rows(await stage('csv', 'a,b\n "x" ,y\n', text))).toEqual([[' "x" ', 'y']])
    await expect(stage('csv', 'a,b\n"x" ,y\n', text)).rejects.toMatchObject({ code: 'rows-rejected' })
  })

  it.each([';', '\t', '|'])('may have %j between its fields if its header does', async (delimiter) => {
    const text = ['a,b', '1,"x, y"', '2,"p;\t|""q"', ',""', '3,'].join('\n')
    const staged = await stage('csv', text.replaceAll(/,(?! )/g, delimiter), two)
    expect(await rows(staged)).toEqual([
      ['1', 'x, y'],
      ['2', 'p;\t|"q'],
      [null, ''],
      ['3', null],
    ])
    const extra = await stage('csv', `z${delimiter}b${delimiter}a\n9${delimiter}2${delimiter}1\n`, two, {
      ignoreExtra: true,
    })
    expect(await rows(extra)).toEqual([['1', '2']])
  })

  it('has the delimiter with the most fields if none makes its header match the table', async () => {
    await expect(stage('csv', 'a;c\n1;2\n', two)).rejects.toMatchObject({ facts: { columns: '"c"' } })
    await expect(stage('csv', 'q,r;c\n1;2\n', two)).rejects.toMatchObject({ facts: { columns: '"q", "r;c"' } })
    const named = [column(1, 'a;b', 'int'), column(2, 'a', 'int'), column(3, 'b', 'int')]
    expect(await rows(await stage('csv', 'a;b\n1\n', named))).toEqual([[1, null, null]])
    await stage('csv', 'a;b\n1;2;3\n4;5\n', named.slice(1), { maxRejectedRows: 1 })
    expect(rejects()).toEqual([{ line: 2, column: null, value: '1;2;3', reason: 'has 3 fields but the header has 2' }])
  })

  it('without rows creates no file', async () => {
    expect(await stage('csv', 'a,b\n', two)).toEqual({
      files: [],
      fieldUse: { absentColumns: [], skippedFields: [] },
      rowsRead: 0,
      rowsRejected: 0,
      savedRecords: { recordCount: 0, headBytes: 0 },
      way: 'streamed',
    })
  })

  it('cannot fill nested columns', async () => {
    const list = { type: 'list', elementId: 3, element: 'int', elementRequired: false } as const
    const nested = [column(1, 'a', 'int'), column(2, 'b', list)]
    await expect(stage('csv', 'a,b\n1,2\n', nested)).rejects.toThrow('Column b is nested, which CSV cannot hold')
    expect(await rows(await stage('csv', 'a\n1\n', nested))).toEqual([[1, null]])
  })

  it('refuses a type that cannot be written', async () => {
    for (const type of ['fixed[1]', 'variant', 'geometry', 'geography'] as const) {
      const inside = column(1, 'a', { type: 'struct', fields: [column(2, 'b', type)] })
      const refused = stage('csv', 'c\n1\n', [inside, column(3, 'c', 'int')])
      await expect(refused).rejects.toMatchObject({ code: 'not-supported', facts: { column: 'a.b', type } })
    }
  })

  it('reports its progress', async () => {
    const phases = new Set<string>()
    let bytesRead = 0
    const csv = `a\n${'1\n'.repeat(70_000)}x\n`
    await stage('csv', csv, [column(1, 'a', 'int')], {
      maxRejectedRows: 1,
      onProgress: (progress) => {
        phases.add(progress.phase)
        bytesRead = progress.bytesRead
      },
    })
    for (const phase of ['reading', 'checking', 'writing']) expect(phases).toContain(phase)
    expect(bytesRead).toBe(csv.length)
  })
})

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { CsvOptions } from '@/lib/ingest/csv-options'
import { encodeText } from '@/lib/ingest/text-encoding'
import { column, createTestStaging } from '@/testing/ingest/test-staging'

const { stage, rejects, rejectTexts, rejectedRecords, rows, preview } = createTestStaging()

const TWO = [column(1, 'a', 'int'), column(2, 'b', 'string')]

describe('CSV of another form', () => {
  const read = async (input: string | Uint8Array, csv: Partial<CsvOptions>, fields = TWO) =>
    rows(await stage('csv', input, fields, { csv }))

  it.each([';', '\t', '|', ' ', '§', '\u3000', '.', '^', 'x'])('has the delimiter %o', async (delimiter) => {
    const text = 'a,b\n1,"q,""q"\n2,\n'.replaceAll(',', delimiter)
    expect(await read(text, { delimiter })).toEqual([
      [1, `q${delimiter}"q`],
      [2, null],
    ])
  })

  it('has a comma between its fields only if it is the delimiter', async () => {
    expect(await read('a;b\n1;x,y\n', { delimiter: ';' })).toEqual([[1, 'x,y']])
    await expect(read('a,b\n1,x\n', { delimiter: ';' })).rejects.toThrow(/"a,b"/)
  })

  it('has another quote, or none', async () => {
    expect(await read("a,b\n1,'x,''y\n\"'\n", { quote: "'" })).toEqual([[1, 'x,\'y\n"']])
    expect(await read('a,b\n1,"x\n2,y"\n', { quote: null })).toEqual([
      [1, '"x'],
      [2, 'y"'],
    ])
  })

  it('has lines before its header, whatever they hold', async () => {
    const text = 'unclosed " quote\r\n\r\n\u00ff\ra,b\r\n1,x\r\n'
    expect(await read(Buffer.from(text, 'latin1'), { skippedLines: 3 })).toEqual([[1, 'x']])
    await expect(read('1\n2', { skippedLines: 2 })).rejects.toThrow('nothing after its first 2 lines')
    await expect(read('1\n2', { skippedLines: 20 })).rejects.toThrow('nothing after its first 20 lines')
    await stage('csv', 'x\nx\na,b\nq,x\n', TWO, { csv: { skippedLines: 2 }, maxRejectedRows: 1 })
    expect(rejects()).toMatchObject([{ line: 4, value: 'q' }])
  })

  it('has no header', async () => {
    const fields = [column(1, 'column1', 'int'), column(2, 'column2', 'string')]
    expect(await read('1,x\n2,y', { hasHeader: false }, fields)).toEqual([
      [1, 'x'],
      [2, 'y'],
    ])
    expect(await read('1;x,z\n', { hasHeader: false, delimiter: ';' }, fields)).toEqual([[1, 'x,z']])
    expect(await read('1\t2\t3\n', { hasHeader: false }, [...fields, column(3, 'column3', 'int')])).toEqual([
      [1, '2', 3],
    ])
    await stage('csv', '1,x\n2\n', fields, { csv: { hasHeader: false }, maxRejectedRows: 1 })
    expect(rejects()).toMatchObject([{ line: 2, reason: 'has 1 field but the first row has 2' }])
    expect(rejectedRecords().toString()).toBe('2\n')
  })

  it('has a text for null', async () => {
    expect(await read('a,b\nNA,NA\n2,"NA"\n3,\n4,""\n', { nullText: 'NA' })).toEqual([
      [null, null],
      [2, 'NA'],
      [3, null],
      [4, ''],
    ])
  })

  it.each(['utf-16le', 'utf-16be'] as const)('is %s', async (encoding) => {
    const text = 'a;b\r\n1;ü€😀"\r\n2;"x;\ny"\r\n'
    for (const mark of ['', '\ufeff'])
      expect(await read(encodeText(mark + text, encoding), { encoding, delimiter: ';' })).toEqual([
        [1, 'ü€😀"'],
        [2, 'x;\ny'],
      ])
    const long = `a,b\n${'1,😀ü€\n'.repeat(400_000)}`
    expect(
      await rows(
        await stage('csv', encodeText(long, encoding), TWO, { csv: { encoding } }),
        'count(*), min(b), max(b)',
      ),
    ).toEqual([['400000', '😀ü€', '😀ü€']])
  })

  it.each([
    ['windows-1252', 'ü€–', [0xfc, 0x80, 0x96]],
    ['windows-1250', 'řłő', [0xf8, 0xb3, 0xf5]],
    ['iso-8859-2', 'řłő', [0xf8, 0xb3, 0xf5]],
  ] as const)('is %s', async (encoding, text, bytes) => {
    const input = Buffer.concat([Buffer.from('a,b\n1,'), Buffer.from(bytes), Buffer.from('\nq,'), Buffer.from(bytes)])
    const staged = await stage('csv', input, TWO, { csv: { encoding }, maxRejectedRows: 1 })
    expect(await rows(staged)).toEqual([[1, text]])
    expect(rejectTexts()).toEqual([`q,${text}`])
    expect([...rejectedRecords()]).toEqual([...Buffer.from('a,b\nq,'), ...bytes, 0x0a])
  })

  it('has dates, times and numbers in a format, which are rejected one by one', async () => {
    const fields = [
      column(1, 'd', 'date'),
      column(2, 't', 'timestamp'),
      column(3, 'n', 'decimal(9, 2)'),
      column(4, 'z', 'timestamptz'),
    ]
    const csv = {
      delimiter: ';',
      dateFormat: '%d.%m.%Y',
      timestampFormat: '%d.%m.%Y %H:%M',
      decimalSeparator: ',',
      groupSeparator: '.',
      assumesUtc: true,
    } as const
    const input = [
      'd;t;n;z',
      '29.02.2024;01.02.2003 23:59;1.234,50;01.02.2003 04:05',
      ';;;',
      '31.04.2024;01.02.2003 24:00;1.23,4;2003-02-01T04:05:06Z',
      '2024-02-29;01.02.2003 23:59;9.999.999,99;01.02.2003 04:05',
    ].join('\n')
    const staged = await stage('csv', input, fields, { csv, maxRejectedRows: 2 })
    expect(await rows(staged, 'd::VARCHAR, t::VARCHAR, n::VARCHAR, z::VARCHAR')).toEqual([
      ['2024-02-29', '2003-02-01 23:59:00', '1234.50', '2003-02-01 04:05:00+00'],
      [null, null, null, null],
    ])
    expect(rejects().map(({ line, column: name, value, reason }) => [line, name, value, reason])).toEqual([
      [4, 'd', '31.04.2024', 'is not a day of the calendar, in the format %d.%m.%Y'],
      [4, 't', '01.02.2003 24:00', 'is not a time of day, in the format %d.%m.%Y %H:%M'],
      [4, 'n', '1.23,4', 'is not a number such as 1.234,56'],
      [4, 'z', '2003-02-01T04:05:06Z', 'does not match the format %d.%m.%Y %H:%M'],
      [5, 'd', '2024-02-29', 'does not match the format %d.%m.%Y'],
    ])
  })

  it('reads a constant in the same formats', async () => {
    const mapping = { columns: { d: { value: '31.12.2025' }, n: { value: '1,5' } }, ignoredFields: [] }
    const fields = [column(1, 'a', 'int'), column(2, 'd', 'date'), column(3, 'n', 'decimal(3, 1)')]
    const csv = { dateFormat: '%d.%m.%Y', decimalSeparator: ',' } as const
    expect(await rows(await stage('csv', 'a\n1\n', fields, { csv, mapping }), 'd::VARCHAR, n::VARCHAR')).toEqual([
      ['2025-12-31', '1.5'],
    ])
  })

  it('is refused for options that contradict themselves, before it is read', async () => {
    await expect(read('a,b\n', { delimiter: '"' })).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(read('a,b\n', { dateFormat: '%d' })).rejects.toThrow(/no year/)
    await expect(read('a,a,b\n', {})).rejects.toThrow('The input names columns twice: "a"')
    await expect(read(encodeText('\ufeffa,b\n', 'utf-16be'), { encoding: 'utf-16le' })).rejects.toMatchObject({
      message: expect.stringContaining('other byte order'),
      facts: { encoding: 'utf-16be' },
    })
    await expect(read(encodeText('ä,b\n', 'windows-1252'), {})).rejects.toMatchObject({
      message: 'The header is not UTF-8.',
      facts: { encoding: 'windows-1252' },
    })
  })

  it('is read with the same result by DuckDB and by the exact reader', async () => {
    const input = `a,b\n${Array.from({ length: 5000 }, (_, i) => `${i},"${'x'.repeat(i % 7)}${i % 5 === 0 ? '""' : ''}"`).join('\n')}\n`
    const fast = await rows(await stage('csv', input, TWO))
    // A quote that no field has needs the exact reader.
    const exact = await rows(await stage('csv', `skipped\n${input}`, TWO, { csv: { skippedLines: 1 } }))
    expect(exact).toEqual(fast)
  })
})

describe('A JSON array', () => {
  const ID = [column(1, 'id', 'int')]

  it.each([
    ['[]', []],
    [' \n[ ]\n', []],
    ['[{"id":1}]', [[1]]],
    ['\ufeff[\n  {"id": 1},\n\n  {"id": 2}\n]\n', [[1], [2]]],
    ['[{"id":1,"x":"],[{\\"\\\\"},{"id":2,"x":[[1],{"y":"}"}]}]', [[1], [2]]],
  ])('is read: %s', async (input, expected) => {
    expect(await rows(await stage('json', input, ID, { ignoreExtra: true }))).toEqual(expected)
  })

  it.each([
    ['', /empty/],
    ['   ', /empty/],
    ['{"id":1}', /load it as NDJSON/],
    ['1', /not an array/],
    ['"[1]"', /not an array/],
    ['[{"id":1}', /not closed/],
    ['[{"id":1},', /not closed/],
    ['[{"id":1}] []', /more after the end/],
    ['[{"id":1}]\n[{"id":2}]', /more after the end of its array, on line 2/],
    ['[{"id":1}],', /more after the end/],
  ])('is refused: %s', async (input, reason) => {
    await expect(stage('json', input, ID)).rejects.toMatchObject({
      code: 'file-damaged',
      message: expect.stringMatching(reason),
    })
  })

  it.each([
    ['[{"id":1},]', /ends before/],
    ['[,{"id":1}]', /ends before/],
    ['[{"id":1]},{"id":1}]', /not JSON/],
    ['[{"id":1} {"id":2},{"id":1}]', /more after the end/],
    ['[[{"id":1}],{"id":1}]', /not a JSON object/],
    [`[${'['.repeat(300)}${']'.repeat(300)},{"id":1}]`, /nested more than 200 deep/],
  ])('rejects an item: %s', async (input, reason) => {
    const staged = await stage('json', input, ID, { maxRejectedRows: 1 })
    expect(await rows(staged)).toEqual([[1]])
    expect(rejects()).toMatchObject([{ column: null, reason: expect.stringMatching(reason) }])
  })

  it('is read across chunks, with the lines of its items', async () => {
    const items = Array.from(
      { length: 40_000 },
      (_, i) => `{"id":${i === 39_999 ? '"x"' : i},\n"b":"${'y'.repeat(60)}"}`,
    )
    const staged = await stage('json', `[${items.join(',')}]`, ID, { ignoreExtra: true, maxRejectedRows: 1 })
    expect(await rows(staged, 'count(*), sum(id)')).toEqual([['39999', String((39_998 * 39_999) / 2)]])
    expect(rejects()).toMatchObject([{ line: 40_000, value: 'x' }])
  })
})

describe('A compressed file', () => {
  const text = `a,b\n${'1,x\n'.repeat(200_000)}`

  it.each([
    ['gzip', (part: string) => gzipSync(part)],
    ['zstd', (part: string) => zstdCompressSync(part)],
  ])('of %s is read to its end, also in several parts', async (_name, compress) => {
    const [first, second] = [text.slice(0, 400_001), text.slice(400_001)]
    const progress: number[] = []
    const whole = await stage('csv', compress(text), TWO, { onProgress: ({ bytesRead }) => progress.push(bytesRead) })
    expect(await rows(whole, 'count(*)')).toEqual([['200000']])
    expect(Math.max(...progress)).toBe(compress(text).length)
    const parts = await stage('csv', Buffer.concat([compress(first), compress(''), compress(second)]), TWO)
    expect(await rows(parts, 'count(*), sum(a)')).toEqual([['200000', '200000']])
    const lines = await stage('ndjson', compress('{"a":1}\n{"a":2}'), TWO)
    expect(await rows(lines, 'a')).toEqual([[1], [2]])
    const damaged = (bytes: Uint8Array) =>
      expect(stage('csv', bytes, TWO)).rejects.toMatchObject({ code: 'file-damaged' })
    await damaged(compress(text).subarray(0, -3))
    await damaged(Buffer.concat([compress(text), Buffer.from('a,b\n')]))
    await damaged(Buffer.concat([compress(text), compress(text).subarray(0, 9)]))
    const broken = Buffer.from(compress(text))
    broken.fill(0xff, 40, 60)
    await damaged(broken)
  })

  it('of zstd may have frames that are skipped, and one of gzip zeros at its end', async () => {
    const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2])
    const framed = Buffer.concat([zstdCompressSync('a,b\n1,x\n'), skipped, zstdCompressSync('2,y\n')])
    expect(await rows(await stage('csv', framed, TWO))).toEqual([
      [1, 'x'],
      [2, 'y'],
    ])
    const padded = Buffer.concat([gzipSync('a,b\n1,x\n'), Buffer.alloc(1000)])
    expect(await rows(await stage('csv', padded, TWO))).toEqual([[1, 'x']])
    const hidden = Buffer.concat([padded, gzipSync('2,y\n')])
    expect(await rows(await stage('csv', hidden, TWO))).toEqual([
      [1, 'x'],
      [2, 'y'],
    ])
  })

  it('lists and saves its rejected records decompressed', async () => {
    await stage('csv', gzipSync('a,b\nq,x\n'), TWO, { maxRejectedRows: 1 })
    expect(rejectTexts()).toEqual(['q,x'])
    expect(rejectedRecords().toString()).toBe('a,b\nq,x\n')
  })

  it('is previewed from its beginning', async () => {
    const noise = Array.from({ length: 20_000 }, (_, i) => `${i},${Math.sin(i)}`).join('\n')
    const bytes = gzipSync(`a,b\n${noise}`)
    const shown = await preview('csv', bytes.subarray(0, bytes.length / 2), TWO, { isTruncated: true })
    expect(shown).toMatchObject({ rowsRead: 1000, rowsRejected: 0 })
  })
})

describe('A preview', () => {
  it('shows nested values as JSON, with all digits', async () => {
    const [n, price, tags] = [
      column(11, 'n', 'long'),
      column(12, 'price', 'decimal(20, 2)'),
      column(13, 'zip', 'string'),
    ]
    const map = { type: 'map', keyId: 15, key: 'string', valueId: 16, value: 'int', valueRequired: false } as const
    const list = { type: 'list', elementId: 17, element: 'boolean', elementRequired: false } as const
    const fields = [
      column(1, 's', { type: 'struct', fields: [n, price, tags, column(14, 'm', map), column(18, 'l', list)] }),
    ]
    const value =
      '{"n":9007199254740993,"price":12345678901234567.10,"zip":"00\\"4","m":{"a b":1,"c":null},"l":[true,null]}'
    const ndjson = `{"s": ${value}}\n{"s": {"n": null, "price": null, "zip": null, "m": {}, "l": []}}\n{"s": null}\n`
    expect((await preview('ndjson', ndjson, fields)).rows.map(({ values }) => values)).toEqual([
      [value],
      ['{"n":null,"price":null,"zip":null,"m":{},"l":[]}'],
      [null],
    ])
  })

  it('leaves out the incomplete end of a beginning', async () => {
    const truncated = { isTruncated: true }
    expect(await preview('csv', 'a,b\n1,x\n2,"y\n', TWO, truncated)).toMatchObject({ rowsRead: 1, rowsRejected: 0 })
    expect(await preview('csv', 'a,b\n1,x\n2', TWO, truncated)).toMatchObject({ rowsRead: 1, rowsRejected: 0 })
    expect(await preview('csv', 'a,b\n1,x\n2', TWO)).toMatchObject({ rowsRead: 2, rowsRejected: 1 })
    const utf16 = encodeText('a,b\n1,x\n2,😀', 'utf-16le').subarray(0, -1)
    expect(await preview('csv', utf16, TWO, { ...truncated, csv: { encoding: 'utf-16le' } })).toMatchObject({
      rowsRead: 1,
    })
    expect(await preview('ndjson', '{"a":1}\n{"a', TWO, truncated)).toMatchObject({ rowsRead: 1, rowsRejected: 0 })
    expect(await preview('json', '[{"a":1},{"a":2},{"a', TWO, truncated)).toMatchObject({
      rowsRead: 2,
      rowsRejected: 0,
    })
  })

  it('shows values as a grid does, rejects, and counts of them', async () => {
    const fields = [
      column(1, 'n', 'long'),
      column(2, 'd', 'decimal(38, 4)'),
      column(3, 't', 'timestamptz'),
      column(4, 'b', 'binary'),
      column(5, 'f', 'double'),
      column(6, 'u', 'date'),
    ]
    const input = [
      'n;d;t;b;f;u',
      '9223372036854775807;1234567890123456789012345678.9;2001-02-03T04:05:06.123456+02:00;00ff;0.1;2024-02-29',
      'x;y;2001-02-03T04:05:06Z;;1e400;',
      ';z;;;;',
      '1',
    ].join('\n')
    const shown = await preview('csv', input, fields)
    expect(shown.delimiter).toBe(';')
    expect(shown.rows).toEqual([
      {
        line: 2,
        values: [
          '9223372036854775807',
          '1234567890123456789012345678.9000',
          '2001-02-03 02:05:06.123456+00:00',
          '0x00ff',
          '0.1',
          '2024-02-29',
        ],
      },
    ])
    expect(shown).toMatchObject({ rowsRead: 4, rowsRejected: 3 })
    expect(Object.fromEntries(shown.rejectCounts.map(({ column: name, count }) => [String(name), count]))).toEqual({
      n: 1,
      d: 2,
      f: 1,
      null: 1,
    })
    expect(shown.rejects[0]).toEqual({
      line: 3,
      column: 'n',
      value: 'x',
      reason: 'is not a whole number such as 1204',
      text: 'x;y;2001-02-03T04:05:06Z;;1e400;',
      part: { start: 0, end: 1 },
    })
  })

  it('reads no more rows than it may', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `${i},x`).join('\n')
    const shown = await preview('csv', `a,b\n${lines}`, TWO, { maxRows: 250 })
    expect(shown.rowsRead).toBe(250)
    expect(shown.rows).toHaveLength(100)
  })

  it('finds the delimiter of fields that the table does not have', async () => {
    const shown = await preview('csv', 'q|r|s\n1|2|3\n', TWO)
    expect(shown).toMatchObject({ delimiter: '|', unmappedFields: ['q', 'r', 's'], rowsRejected: 0 })
    expect(shown.fields.map(({ name }) => name)).toEqual(['q', 'r', 's'])
  })

  it('lists the fields of JSON that no column has, and rejects no row for them', async () => {
    const shown = await preview('ndjson', '{"a":1,"q":{"x":[1.50]}}\n{"r":"s"}', TWO)
    expect(shown).toMatchObject({ unmappedFields: ['q', 'r'], rowsRejected: 0, rowsRead: 2 })
    expect(shown.fields).toEqual([
      { name: 'a', samples: ['1'] },
      { name: 'q', samples: ['{"x":[1.50]}'] },
      { name: 'r', samples: ['s'] },
    ])
  })

  it('lists every problem of a mapping at once', async () => {
    const fields = [...TWO, column(3, 'c', 'int'), column(4, 'd', 'int', true), column(5, 'e', 'date')]
    const columns = {
      b: { sql: 'random()' },
      c: { value: 'x' },
      e: { fact: 'line' },
      q: { value: 'y' },
    } as const
    const shown = await preview('csv', 'a,x\n1,2\n', fields, { mapping: { columns, ignoredFields: ['y'] } })
    expect(shown).toMatchObject({
      unknownColumns: ['q'],
      unmappedFields: ['x'],
      missingFields: ['y'],
      missingColumns: ['d'],
      rowsRejected: 0,
      columnProblems: [
        { column: 'b', position: 1 },
        { column: 'c', position: null },
        { column: 'e', position: null },
      ],
    })
    expect(shown.rows).toEqual([{ line: 2, values: ['1', null, null, null, null] }])
  })
})

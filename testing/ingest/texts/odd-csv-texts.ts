import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { CsvOptions } from '@/lib/ingest/csv-options'
import type { LoadMapping } from '@/lib/ingest/load-mapping'
import { encodeText } from '@/lib/ingest/text-encoding'
import { joinParts, type OddText, optionalColumns, TWO } from './odd-text'

const GERMAN: Partial<CsvOptions> = {
  delimiter: ';',
  decimalSeparator: ',',
  groupSeparator: '.',
  dateFormat: '%d.%m.%Y',
  timestampFormat: '%d.%m.%Y %H:%M',
  assumesUtc: true,
}
const GERMAN_TEXT = [
  'Nr;Betrag;Kurs;Tag;Zeit;Name',
  '1;1.234,56;0,5;31.12.2026;31.12.2026 23:59;Köln',
  '1.000;-1.234.567,89;1.000,25;29.02.2024;01.01.0001 00:00;"a;b"',
  '2;1.23,4;1.5;31.04.2026;31.12.2026 24:00;x',
  '3;1,234;0.123;2026-12-31;31.12.2026;x',
  '4;1234,5;,5;1.1.2026;31.12.2026 12:60;x',
  ';;;;;',
  '5;12.345.678,90;NaN;31.12.10000;31.12.2026 12:30;',
].join('\r\n')
const GERMAN_FIELDS = optionalColumns({
  Nr: 'int',
  Betrag: 'decimal(9, 2)',
  Kurs: 'double',
  Tag: 'date',
  Zeit: 'timestamptz',
  Name: 'string',
})

const QUOTES = ['a,b', '1,"x ""y"" z"', '2,""""', '3,""', '4,"', '5,x"y"', '6," x"', '7,"x" ', '8,"x"y', '9,"z"'].join(
  '\n',
)
const BAD_BYTES = joinParts('a,b\n1,x\n2,', [0xff, 0xfe], '\n3,', [0xc3], '\n4,', [0xed, 0xa0, 0x80], '\nq,é\n5,y')

const WIDE_NAMES = Array.from({ length: 2_000 }, (_, i) => `c${i}`)
const WIDE_FIELDS = optionalColumns(Object.fromEntries(WIDE_NAMES.map((name) => [name, 'int'])))
/** DuckDB takes some MiB for every column. */
const WIDE_LIMITS = { limits: { memoryMiB: 2_048, threads: 1, tempMiB: 1_024 } }
const wideRow = (cell: (i: number) => string) => WIDE_NAMES.map((_name, i) => cell(i)).join(',')

const MAPPED_FIELDS = optionalColumns({
  id: 'int',
  source: 'string',
  total: 'int',
  at_line: 'long',
  rest: {
    type: 'map',
    keyId: 90,
    key: 'string',
    valueId: 91,
    value: 'string',
    valueRequired: false,
  },
})
const MAPPED: Partial<LoadMapping> = {
  columns: {
    id: { field: 'Order No.' },
    source: { value: "it's" },
    total: { sql: 'price::INT * quantity::INT' },
    at_line: { fact: 'line' },
    rest: { rest: true },
  },
  ignoredFields: ['note'],
}
const MAPPED_TEXT = [
  'Order No.,price,quantity,note,colour,"size, in cm"',
  '1,2,3,n,red,"10',
  '20"',
  '2,x,3,n,,',
  '3,999999999,999,n,blue,',
  'q,1,1,,"say ""hi""",5',
  '4,,1,,,',
  '5,1',
].join('\n')

const TEXTS = optionalColumns({ a: 'string', b: 'string' })
const REQUIRED = TWO.map((field) => ({ ...field, required: true }))

const csv = (
  name: string,
  input: string | Uint8Array,
  options: NonNullable<OddText['options']> = {},
  fields: OddText['fields'] = TWO,
): OddText => ({ name, format: 'csv', input, fields, options })

/** CSV that people and programs bring: other dialects and encodings, damage, and mistakes. */
export const ODD_CSV_TEXTS: readonly OddText[] = [
  csv('German numbers and dates', GERMAN_TEXT, { csv: GERMAN }, GERMAN_FIELDS),
  csv('German numbers and dates without options', GERMAN_TEXT, {}, GERMAN_FIELDS),
  csv(
    'German numbers in Windows-1252',
    encodeText(GERMAN_TEXT, 'windows-1252'),
    { csv: { ...GERMAN, encoding: 'windows-1252' } },
    GERMAN_FIELDS,
  ),
  csv('German numbers in Windows-1252, read as UTF-8', encodeText(GERMAN_TEXT, 'windows-1252'), {}, GERMAN_FIELDS),
  csv('German numbers, gzip', gzipSync(GERMAN_TEXT), { csv: GERMAN }, GERMAN_FIELDS),
  ...(['utf-16le', 'utf-16be'] as const).flatMap((encoding) => [
    csv(`${encoding} with a mark`, encodeText('\ufeffa;b\r\n1;é😀\r\nq;"x\r\ny"\r\n', encoding), { csv: { encoding } }),
    csv(`${encoding} without a mark`, encodeText('a,b\n1,x\nq,y', encoding), { csv: { encoding } }),
    csv(`${encoding} that is not named`, encodeText('\ufeffa;b\n1;x\n', encoding)),
    csv(`${encoding} with half a character`, encodeText('a;b\n1;\ud800x\n', encoding), { csv: { encoding } }),
    csv(`${encoding} with an odd number of bytes`, encodeText('a;b\n1;x\n', encoding).subarray(0, -1), {
      csv: { encoding },
    }),
  ]),
  csv('a UTF-8 mark', '\ufeffa,b\n1,x\n2,\ufeffy\n'),
  csv('a UTF-8 mark before a quoted name', '\ufeff"a","b"\n1,x\n'),
  csv('a UTF-8 mark only', '\ufeff'),
  csv('a UTF-8 mark twice', '\ufeff\ufeffa,b\n1,x\n'),
  csv('mixed line ends', 'a,b\n1,x\r\n2,y\r3,z\n\r4,"u\rv"\r\n5,"u\r\nv"\n\n\r\n6,w'),
  csv('mixed line ends and a misfit', 'a,b\r1,x\r\nq,y\n3,z\r\r\n4,u'),
  csv('carriage returns only', 'a,b\r1,x\rq,y\r3,"u\rv"\r4,z'),
  csv('carriage returns only, without misfits', 'a,b\r1,x\r3,"u\rv"\r4,z\r'),
  csv('no line end at the end', 'a,b\n1,x\n2,'),
  csv('empty lines', '\n\na,b\n\n1,x\n\n\n2,y\n\n'),
  csv('lines of spaces', 'a,b\n1,x\n   \n2,y\n'),
  csv('quotes in quotes, and next to them', QUOTES),
  csv('quotes in quotes', 'a,b\n1,"x ""y"" z"\n2,""""\n3,""\n4,"a,b"\n5,""","""\n'),
  csv('quoted line ends', 'a,b\n1,"x\ny"\n2,"\r\n"\nq,"u\n\nv"\n4,"z"\n'),
  csv('text after a closing quote', 'a,b\n1,"x"y\n2,"x" \n3, "x"\n4,"x","y"\n5,z\n'),
  csv('a quote that is not closed', 'a,b\n1,x\n2,"y\n3,z\n'),
  csv('a header with a quote that is not closed', 'a,"b\n1,x\n2,y\n'),
  csv('other quotes', "a,b\n1,'x,y'\n2,'it''s'\n3,\"\n", { csv: { quote: "'" } }),
  csv('no quotes', 'a,b\n1,"x"\n2,"\nq,"\n', { csv: { quote: null } }),
  csv('too few and too many fields', 'a,b\n1\n2,x,y\n3,z\n,\n4,x,\n5,x,,\n'),
  csv('an extra empty field', 'a,b\n1,x,\n2,y,\n'),
  csv('a name twice', 'a,b,a\n1,x,2\n'),
  csv('a name twice, ignored', 'a,b,c,c\n1,x,2,3\n', { ignoreExtra: true }),
  csv('a field without a name', 'a,b,\n1,x,2\n'),
  csv('a field without a name, ignored', 'a,b,,""\n1,x,2,3\n', { ignoreExtra: true }),
  csv('a field without a name, mapped', 'a,\n1,x\nq,y\n', { mapping: { columns: { b: { field: 'column2' } } } }),
  csv('names in other case and with spaces', 'A, b\n1,x\n'),
  csv('names in other order', 'b,a\nx,1\ny,q\n'),
  csv('no bytes', ''),
  csv('line ends only', '\n\r\n\n'),
  csv('a header only', 'a,b\n'),
  csv('a header only, without a line end', 'a,b'),
  csv('a header only of one column', 'a\n', {}, TWO.slice(0, 1)),
  csv('no header', '1,x\nq,y\n3\n', {
    csv: { hasHeader: false },
    mapping: { columns: { a: { field: 'column1' }, b: { field: 'column2' } } },
  }),
  csv('skipped lines', 'Report "of\nMay\na;b\n1;x\nq;y\n', { csv: { skippedLines: 2 } }),
  csv('more skipped lines than there are', 'a;b\n1;x\n', { csv: { skippedLines: 9 } }),
  csv('one column with empty lines', 'a\n1\n\nq\n""\n2\n', {}, TWO.slice(0, 1)),
  csv('one column of texts with empty lines', '\nb\n\nx\n\r\n""\n" "\n\n', {}, TWO.slice(1)),
  csv('2,000 columns', [WIDE_NAMES.join(','), wideRow(String), wideRow(() => '')].join('\n'), WIDE_LIMITS, WIDE_FIELDS),
  csv(
    '2,000 columns with misfits',
    [WIDE_NAMES.join(','), wideRow(String), wideRow((i) => (i % 500 === 3 ? 'q' : '1')), '1,2'].join('\n'),
    WIDE_LIMITS,
    WIDE_FIELDS,
  ),
  csv('bytes that are not UTF-8', BAD_BYTES),
  csv('bytes that are not UTF-8, zstd', zstdCompressSync(BAD_BYTES)),
  csv('a header that is not UTF-8', joinParts('a,b', [0xff], '\n1,x\n')),
  csv('zero bytes', 'a,b\n1,x\0y\n\0,z\n2,\0\n'),
  csv('zero bytes in texts only', 'a,b\n1,x\0y\n2,\0\n3,"\0"\n'),
  csv('a zero byte in the header', 'a,b\0\n1,x\n'),
  csv('control characters and separators of lines', 'a,b\n1,\u0001\u001f\u007f\n2,\u0085\u2028\u2029\n3,\t\v\f\n'),
  csv('half of a surrogate pair as an escape', 'a,b\n1,\\ud800\n2,\\N\n3,\\"\n'),
  csv('null texts', 'a,b\nNA,NA\n1,"NA"\n"NA",x\n,\n"",""\nna,y\n', { csv: { nullText: 'NA' } }),
  csv('null texts without the option', 'a,b\nNULL,NULL\n1,null\n\\N,\\N\n'),
  csv('spaces around values', 'a,b\n 1, x \n2 ,y\n\t3,z\n4, \n'),
  csv('a tab as the delimiter', 'a\tb\n1\tx\nq\t"y\tz"\n'),
  csv('a bar as the delimiter, and commas', 'a|b\n1|x,y\nq|z;\n'),
  csv('a delimiter of several bytes', 'a§b\n1§x\nq§"y§z"\n', { csv: { delimiter: '§' } }),
  csv('the wrong delimiter', 'a;b\n1;x\n', { csv: { delimiter: '|' } }),
  csv('contradicting options', 'a;b\n1;x\n', { csv: { delimiter: ';', quote: ';' } }),
  csv('a format that is not known', 'a;b\n1;x\n', { csv: { dateFormat: '%Q' } }),
  csv('a damaged gzip', gzipSync(GERMAN_TEXT).subarray(0, 60), { csv: GERMAN }, GERMAN_FIELDS),
  csv('an empty gzip', gzipSync('')),
  csv('two members of gzip', Buffer.concat([gzipSync('a,b\n1,x'), gzipSync('y\nq,z\n')])),
  csv('two frames of zstd', Buffer.concat([zstdCompressSync('a,b\n1,x'), zstdCompressSync('y\n2,z\n')])),
  csv('a zip archive', joinParts('PK', [3, 4, 20, 0, 0, 0, 8, 0], 'a.csv')),
  csv('constants, an expression, the line and the rest', MAPPED_TEXT, { mapping: MAPPED }, MAPPED_FIELDS),
  csv(
    'constants, an expression, the line and the rest, zstd',
    zstdCompressSync(MAPPED_TEXT.replaceAll('\n', '\r\n')),
    { mapping: MAPPED },
    MAPPED_FIELDS,
  ),
  csv('a constant that does not fit', 'b\nx\n', { mapping: { columns: { a: { value: '1.5' } } } }),
  csv('an expression that cannot be parsed', 'b\nx\n', { mapping: { columns: { a: { sql: 'length(b' } } } }),
  csv('an expression over a field that is missing', 'b\nx\n', { mapping: { columns: { a: { sql: 'length(c)' } } } }),
  csv('an expression of another type', 'b\n2024-01-01\n', { mapping: { columns: { a: { sql: 'b::DATE' } } } }),
  csv('an expression that fails for some rows', 'b\n1\nx\n\n99999999999\n""\n1.5\n', {
    mapping: { columns: { a: { sql: 'b::INT' } } },
  }),
  csv('a mapping that names other fields and columns', 'a,b\n1,x\n', {
    mapping: { columns: { c: { field: 'a' }, b: { field: 'q' } }, ignoredFields: ['a', 'r'] },
  }),
  csv('fields that no column has', 'a,b,c,d\n1,x,2,3\n'),
  csv('fields that no column has, ignored', 'a,b,c,d\n1,x,2,3\nq,y,,\n1,2\n', { ignoreExtra: true }),
  csv('a column without a field', 'b\nx\n'),
  csv('required columns', 'a,b\n1,x\n,y\n3,\nq,\n4,""\n', {}, REQUIRED),
  csv('required columns without a field', 'c\n1\n', { ignoreExtra: true }, REQUIRED),
  csv('a required column with a constant', 'b\nx\n\n', { mapping: { columns: { a: { value: '7' } } } }, REQUIRED),
  csv('rules', 'a,b\n1,x\n2,y\n9,x\n1,x\nq,z\n,\n1,x\n', {
    rules: {
      low: { column: 'a', max: '5' },
      letters: { column: 'b', pattern: '^[xy]$' },
      given: { column: 'b', notNull: true },
      once: { columns: ['a', 'b'], unique: true },
    },
  }),
  csv('long values', `a,b\n1,${'x'.repeat(5_000)}\nq,${'é'.repeat(3_000)}\n${'9'.repeat(2_000)},y\n`),
  csv('a first line for Excel', 'sep=,\na,b\n1,x\n'),
  csv('the end of a file of DOS', 'a,b\n1,x\n\u001a'),
  csv('a line of a comment', '# of May\na,b\n1,x\n#2,y\n'),
  ...['\n', '\r\n', '\r'].flatMap((end) => [
    csv(
      `an empty line before the header of texts, ${JSON.stringify(end)}`,
      ['', 'a,b', '1,x', '2,y', ''].join(end),
      {},
      TEXTS,
    ),
    csv(
      `an empty line before the header of texts after a mark, ${JSON.stringify(end)}`,
      ['\ufeff', 'a,b', '1,x', ''].join(end),
      {},
      TEXTS,
    ),
    csv(`a line of spaces before the header, ${JSON.stringify(end)}`, [' ', 'a,b', '1,x', ''].join(end), {}, TEXTS),
    ...['\n', '\r\n', '\r'].map((inner) =>
      csv(
        `a name with ${JSON.stringify(inner)} in lines with ${JSON.stringify(end)}`,
        ['a,"b', 'c"', '1,x', '2,y', '3,z', ''].join(end).replace(`b${end}c`, `b${inner}c`),
        { mapping: { columns: { b: { field: `b${inner}c` } } } },
      ),
    ),
  ]),
  csv('spaces next to quoted names', 'a, "b"\n1,x\n'),
  csv('a header with more fields than the rows', 'a,b,\n1,x\n2,y\n', { ignoreExtra: true }),
  csv('a quote at the end of the file', 'a,b\n1,x\n2,"'),
  csv('a quoted value at the end of the file', 'a,b\n1,x\n2,"y"'),
  csv('a carriage return at the end of the file', 'a,b\r\n1,x\r\n2,y\r'),
  csv('a carriage return in a value', 'a,b\n1,x\ry\n2,z\n'),
  csv('delimiters only', 'a,b\n,\n,\n'),
  csv('quoted empty values only', 'a,b\n"",""\n'),
  csv(
    'partitions',
    'at,n\n2024-01-01T00:00,999.99\n,\n294247-01-10T00:00,1\n2024-01-01T01:00,-999.99\nq,1\n',
    {
      spec: {
        specId: 1,
        fields: [
          { sourceId: 1, fieldId: 1000, name: 'hour', transform: 'hour' },
          { sourceId: 2, fieldId: 1001, name: 'cut', transform: 'truncate[1000]' },
        ],
      },
    },
    optionalColumns({ at: 'timestamp', n: 'decimal(5, 2)' }),
  ),
  csv('a partition and a constant', 'b\nx\ny\n\nx\n', {
    mapping: { columns: { a: { value: '7' } } },
    spec: { specId: 1, fields: [{ sourceId: 2, fieldId: 1000, name: 'b', transform: 'identity' }] },
  }),
  csv(
    'a nested column',
    'a,b\n1,x\n',
    {},
    optionalColumns({ a: 'int', b: { type: 'list', elementId: 3, element: 'int', elementRequired: false } }),
  ),
]

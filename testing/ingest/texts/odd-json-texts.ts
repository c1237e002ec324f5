import { gzipSync, zstdCompressSync } from 'node:zlib'
import type { Type } from '@/lib/iceberg/schema/types'
import type { LoadMapping } from '@/lib/ingest/load-mapping'
import { joinParts, type OddText, optionalColumns, TWO } from './odd-text'

const LIST: Type = { type: 'list', elementId: 20, element: 'int', elementRequired: false }
const STRUCT: Type = {
  type: 'struct',
  fields: [
    { id: 21, name: 'city', required: true, type: 'string' },
    { id: 22, name: 'zip', required: false, type: 'int' },
  ],
}
const MAP: Type = { type: 'map', keyId: 23, key: 'string', valueId: 24, value: 'long', valueRequired: true }
const NESTED = optionalColumns({ id: 'int', l: LIST, s: STRUCT, m: MAP })

const NESTED_RECORDS = [
  '{"id":1,"l":[1,2,null],"s":{"city":"Köln","zip":50667},"m":{"a":9007199254740993}}',
  '{"id":2,"l":[],"s":{"city":""},"m":{}}',
  '{"id":3,"l":null,"s":null,"m":null}',
  '{"id":4,"l":[1,"x"]}',
  '{"id":5,"l":{"a":1}}',
  '{"id":6,"s":{"zip":1}}',
  '{"id":7,"s":{"city":"x","zip":"12"}}',
  '{"id":8,"s":{"city":"x","zip":1.5}}',
  '{"id":9,"s":["x"]}',
  '{"id":10,"m":{"a":null}}',
  '{"id":11,"m":{"a":1,"a":2}}',
  '{"id":12,"m":[1]}',
  '{"id":13,"l":"[1]","s":"{}"}',
  '{"id":[14]}',
  '{"id":{"a":15}}',
]

const RECORDS = [
  '{"a":1,"b":"x"}',
  '{"b":"y"}',
  '{}',
  '{"a":null,"b":null}',
  '{"a":"2","b":3}',
  '{"a":3.0,"b":true}',
  '{"a":3.5,"b":1.50}',
  '{"a":1e2,"b":1e2}',
  '{"a":99999999999,"b":[1,{"q":1}]}',
  '{"a":true,"b":{"q":1}}',
  '{"a":"x","b":"\\ud83d\\ude00\\u00e9\\n\\t\\"\\\\\\/"}',
  '{"a":4,"b":"\\ud800"}',
  '{"a":5,"b":"\\u0000"}',
  '{ "b" : "z" , "a" : -0 }',
  '{"b":"","a":""}',
  '{"a":" 1","b":" "}',
]
const BROKEN = [
  '{"a":1,"b":"x"}',
  '{"a":1',
  '{"a":2,}',
  '{a:3}',
  "{'a':3}",
  '{"a":01}',
  '{"a":+1}',
  '{"a":.5}',
  '{"a":NaN}',
  '{"a":4} {"a":5}',
  '{"a":6}}',
  '[{"a":7}]',
  '[1,2]',
  '8',
  '"x"',
  'null',
  'true',
  '{"a":9 /* note */}',
  '{"b":"a\tb"}',
  '{"b":"\\x"}',
  '{"b":"open}',
  'a,b',
  '{"a":10,"b":"y"}',
]

const MAPPED: Partial<LoadMapping> = {
  columns: {
    source: { value: 'Web' },
    total: { sql: 'price::INT * quantity::INT' },
    at_line: { fact: 'line' },
    rest: { rest: true },
  },
  ignoredFields: ['note'],
}
const MAPPED_FIELDS = optionalColumns({ id: 'int', source: 'string', total: 'int', at_line: 'long', rest: 'string' })
const MAPPED_RECORDS = [
  '{"id":1,"price":2,"quantity":"3","note":"n","colour":"red","size":{"w":1.50}}',
  '{"id":2,"price":"x","quantity":1}',
  '{"id":3,"quantity":1,"colour":null}',
  '{"id":"q","price":1,"quantity":1,"colour":"blue"}',
  '{"id":4,"price":999999999,"quantity":999}',
  '{"price":1,"quantity":1,"Price":2}',
]

const REQUIRED = TWO.map((field) => ({ ...field, required: true }))

const odd =
  (format: 'ndjson' | 'json') =>
  (
    name: string,
    input: string | Uint8Array,
    options: NonNullable<OddText['options']> = {},
    fields: OddText['fields'] = TWO,
  ): OddText => ({ name: `${format} ${name}`, format, input, fields, options })
/** Values of JSON that fit a text. */
const TEXT_TOKENS = [
  '1',
  '-0',
  '2.50',
  '1e400',
  '1E5',
  '12345678901234567890123',
  'true',
  'null',
  '[1, {"q" : 1.0}]',
  '{}',
  '{"é":"\\u00e9\\/", "q":null}',
  '"\\ud83d\\ude00\\n\\u0000"',
  '""',
  '"é\u2028"',
]

const ndjson = odd('ndjson')
const json = odd('json')
const toLines = (records: readonly string[]) => records.join('\n')
const toArray = (records: readonly string[]) => `[${records.join(',')}]`
const toPrettyArray = (records: readonly string[]) =>
  JSON.stringify(
    records.map((record) => JSON.parse(record)),
    null,
    2,
  )

/** JSON lines and JSON arrays: other keys, other types, damage, and mistakes. */
export const ODD_JSON_TEXTS: readonly OddText[] = [
  ndjson('with misfits', toLines(RECORDS)),
  ndjson('with misfits, gzip', gzipSync(toLines(RECORDS))),
  ndjson('with misfits, zstd', zstdCompressSync(toLines(RECORDS))),
  ndjson('with carriage returns and empty lines', `\r\n${RECORDS.slice(0, 6).join('\r\n\n \r\n')}\r\n`),
  ndjson('with carriage returns only', '{"a":1}\r{"a":2}\r'),
  ndjson('with a UTF-8 mark', '\ufeff{"a":1,"b":"x"}\n{"a":2}\n'),
  ndjson('with numbers as texts', '{"a":"1","b":"x"}\n{"a":"-7","b":"1"}\n'),
  ndjson('with texts of numbers', '{"a":1,"b":2}\n{"a":2,"b":2.50}\n{"a":3,"b":1e400}\n'),
  ndjson('with keys that are missing', '{"a":1,"b":"x"}\n{"a":2}\n{"b":"y"}\n{}\n'),
  ndjson('with keys in another order', '{"a":1,"b":"x"}\n{"b":"y","a":2}\n'),
  ndjson('with keys twice', '{"a":1,"b":"x"}\n{"a":2,"a":3,"b":"y"}\n{"a":4,"\\u0061":5}\n'),
  ndjson('with keys twice in every record', '{"a":1,"a":2,"b":"x"}\n{"a":3,"a":4,"b":"y"}\n'),
  ndjson('with keys of other case', '{"a":1,"A":2,"b":"x"}\n{"A":3,"b":"y"}\n', { ignoreExtra: true }),
  ndjson('with extra keys, ignored', '{"a":1,"b":"x","c":{"d":[1]}}\n{"a":"q","e":"","b":"y"}\n', {
    ignoreExtra: true,
  }),
  ndjson('with extra keys twice, ignored', '{"a":1,"c":1,"c":2}\n{"a":2,"b":"y"}\n', { ignoreExtra: true }),
  ndjson('with an empty key, ignored', '{"a":1,"":2}\n{"a":2,"b":"y"}\n', { ignoreExtra: true }),
  ndjson('with a column without any key', '{"b":"x"}\n{"b":"y"}\n'),
  ndjson('with broken lines', toLines(BROKEN)),
  ndjson('with records over several lines', '{\n"a":1,\n"b":"x"\n}\n{"a":2,"b":"y"}\n'),
  ndjson('cut in a record', '{"a":1,"b":"x"}\n{"a":2,"b":"y'),
  ndjson(
    'with bytes that are not UTF-8',
    joinParts('{"a":1,"b":"x"}\n{"a":2,"b":"', [0xff], '"}\n{"a":3,"b":"', [0xc3], '"}\n{"a":4}\n'),
  ),
  ndjson('with zero bytes', '{"a":1,"b":"x\0y"}\n\0\n{"a":2,"b":"z"}\n'),
  ndjson('with 300 levels', `{"a":1,"b":${'['.repeat(300)}${']'.repeat(300)}}\n{"a":2,"b":"y"}\n`),
  ndjson('of no bytes', ''),
  ndjson('of line ends only', '\n \n\r\n'),
  ndjson('that is an array', '[\n{"a":1,"b":"x"},\n{"a":2,"b":"y"}\n]'),
  ndjson('nested', toLines(NESTED_RECORDS), {}, NESTED),
  ndjson('nested, without misfits', toLines(NESTED_RECORDS.slice(0, 3)), {}, NESTED),
  ndjson(
    'nested with extra keys',
    '{"id":1,"s":{"city":"x","q":1}}\n{"id":2,"s":{"city":"y"}}\n',
    {},
    NESTED.slice(0, 3),
  ),
  ndjson(
    'nested with extra keys, ignored',
    '{"id":1,"s":{"city":"x","q":1}}\n{"id":2,"s":{"city":"y"}}\n',
    { ignoreExtra: true },
    NESTED,
  ),
  ndjson(
    'with constants, an expression, the line and the rest',
    toLines(MAPPED_RECORDS),
    { mapping: MAPPED },
    MAPPED_FIELDS,
  ),
  ndjson('with a mapping that names fields that are missing', '{"a":1,"b":"x"}\n', {
    mapping: { columns: { b: { field: 'q' } }, ignoredFields: ['b', 'r'] },
  }),
  ndjson('with an expression that fails for some rows', '{"b":"1"}\n{"b":"x"}\n{"b":2}\n{"b":null}\n{}\n{"b":[1]}\n', {
    mapping: { columns: { a: { sql: 'b::INT' } } },
  }),
  ndjson('with an expression over a field that is missing', '{"b":"1"}\n', {
    mapping: { columns: { a: { sql: 'length(c)' } } },
  }),
  ndjson('with required columns', '{"a":1,"b":"x"}\n{"a":null,"b":"y"}\n{"a":2}\n{}\n{"b":"","a":3}\n', {}, REQUIRED),
  ndjson('with rules', '{"a":1,"b":"x"}\n{"a":9,"b":"x"}\n{"a":1,"b":"y"}\n{"a":1}\n{"a":"q","b":"z"}\n', {
    rules: {
      low: { column: 'a', max: '5' },
      letters: { column: 'b', pattern: '^x' },
      once: { columns: ['a'], unique: true },
    },
  }),
  ...TEXT_TOKENS.map((token) => ndjson(`with ${token} for a text`, `{"a":1,"b":${token}}\n{"a":2,"b":${token}}\n`)),
  ndjson('with an escaped key', '{"\\u0061":1,"b":"x"}\n{"\\u0061":2,"b":"y"}\n'),
  ndjson('with white space between members', '{ "a" :\t1 , "b" : "x" }\r\n{ "a" : 2,"b":"y" } \n'),
  ndjson('with partitions', '{"a":1,"b":"x"}\n{"a":"q","b":"x"}\n{"b":"y"}\n{"a":3,"b":"x"}\n', {
    spec: { specId: 1, fields: [{ sourceId: 2, fieldId: 1000, name: 'b', transform: 'identity' }] },
  }),
  ndjson('with long values', `{"a":1,"b":"${'x'.repeat(5_000)}"}\n{"a":"${'9'.repeat(3_000)}"}\n`),
  json('minified', toArray(RECORDS)),
  json('pretty', toPrettyArray(RECORDS)),
  json('minified, gzip', gzipSync(toArray(RECORDS))),
  json('pretty, zstd', zstdCompressSync(toPrettyArray(RECORDS))),
  json('nested, minified', toArray(NESTED_RECORDS), {}, NESTED),
  json('nested, pretty', toPrettyArray(NESTED_RECORDS), {}, NESTED),
  json('with a UTF-8 mark', '\ufeff[{"a":1}]'),
  json('with items that are no objects', '[{"a":1},2,"x",null,[{"a":3}],{"a":4,},{"a":5}]'),
  json('with a comma at the end', '[{"a":1},\n{"a":2},\n]'),
  json('with a comma twice', '[{"a":1},,{"a":2}]'),
  json('with bytes that are not UTF-8', joinParts('[{"a":1},{"b":"', [0xff], '"},{"a":3}]')),
  json('that does not end', '[{"a":1},{"a":2}'),
  json('with more after its end', '[{"a":1}] {"a":2}'),
  json('that is an object', '{"a":1}'),
  json('of an object with an array', '{"rows":[{"a":1}]}'),
  json('without items', '[]'),
  json('of no bytes', ''),
  json(
    'with constants, an expression, the line and the rest',
    toArray(MAPPED_RECORDS),
    { mapping: MAPPED },
    MAPPED_FIELDS,
  ),
  json('with required columns', '[{"a":1,"b":"x"},{"a":null,"b":"y"},\n{"a":2},{},{"b":"","a":3}]', {}, REQUIRED),
  json('with rules', '[{"a":1,"b":"x"},{"a":9},{"a":1,"b":"y"}]', {
    rules: { low: { column: 'a', max: '5' }, once: { columns: ['a'], unique: true } },
  }),
]

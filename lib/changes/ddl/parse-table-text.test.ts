import { describe, expect, it } from 'vitest'
import { DdlError } from './ddl-error'
import { guessFormat, parseTableText, type TextFormat } from './parse-table-text'

const parse = (text: string, format: TextFormat) =>
  parseTableText(text, format, () => ({ value: null, lineOf: () => null }))
const failure = (text: string, format: TextFormat): string => {
  try {
    parse(text, format)
  } catch (error) {
    return (error as Error).message
  }
  return 'was read'
}

const SPARK = `-- the legs
CREATE TABLE IF NOT EXISTS lake.demo.legs (
  id BIGINT NOT NULL COMMENT 'of the leg',
  \`at\` timestamp,
  \`where\` STRUCT<code: STRING NOT NULL, gates: ARRAY<MAP<STRING, DECIMAL(9,2)>>> /* nested */
)
USING iceberg
PARTITIONED BY (days(at), bucket(16, id), truncate(3, where.code))
LOCATION 's3://lake/legs'
COMMENT 'legs of flights'
TBLPROPERTIES ('format-version' = '3', 'write.parquet.compression-codec' = 'snappy');
ALTER TABLE lake.demo.legs SET IDENTIFIER FIELDS id;
ALTER TABLE lake.demo.legs WRITE LOCALLY ORDERED BY where.code DESC, bucket(4, id) ASC NULLS LAST`

describe('Spark SQL', () => {
  it('declares a table with layout, properties and the statements after it', () => {
    expect(parse(SPARK, 'Spark SQL')).toEqual({
      name: ['lake', 'demo', 'legs'],
      location: 's3://lake/legs',
      declaration: {
        'format-version': 3,
        columns: [
          { name: 'id', type: 'long', required: true, doc: 'of the leg' },
          { name: 'at', type: 'timestamptz' },
          {
            name: 'where',
            type: {
              struct: [
                { name: 'code', type: 'string', required: true },
                { name: 'gates', type: { list: { map: { key: 'string', value: 'decimal(9, 2)' } } } },
              ],
            },
          },
        ],
        'identifier-fields': ['id'],
        'partition-fields': [
          { name: 'at_day', column: 'at', transform: 'day' },
          { name: 'id_bucket', column: 'id', transform: 'bucket[16]' },
          { name: 'where.code_trunc', column: 'where.code', transform: 'truncate[3]' },
        ],
        'sort-fields': [
          { column: 'where.code', transform: 'identity', direction: 'desc', 'null-order': 'nulls-last' },
          { column: 'id', transform: 'bucket[4]', direction: 'asc', 'null-order': 'nulls-last' },
        ],
        properties: { comment: 'legs of flights', 'write.parquet.compression-codec': 'snappy' },
      },
      notes: [],
    })
  })

  it.each([
    ['CREATE VIEW a AS SELECT 1', 'Line 1, column 8: TABLE was expected, not “VIEW”.'],
    ['CREATE TABLE a\n(id\n  LONGINT)', 'Line 3, column 3: LONGINT is not a type that an Iceberg table has.'],
    ['CREATE TABLE a (id INT', 'Line 1, column 23: “,” or “)” was expected, not the end.'],
    ['CREATE TABLE a (id INT) USING parquet', 'Line 1, column 25: USING iceberg was expected, not parquet.'],
    ['CREATE TABLE a (id INT) CLUSTERED BY (id)', 'Line 1, column 25: CLUSTERED is not understood here'],
    ['CREATE TABLE a (id INT) USING iceberg USING iceberg', 'Line 1, column 39: USING is there twice.'],
    ['CREATE TABLE a (id INT) USING iceberg AS SELECT 1', 'leave AS SELECT out'],
    ['CREATE OR REPLACE TABLE a (id INT)', 'leave OR REPLACE out'],
    ['CREATE TABLE a (id INT DEFAULT 1)', 'Line 1, column 24: Defaults of columns cannot be read from SQL.'],
    ['CREATE TABLE a (id DECIMAL(39, 2))', 'Line 1, column 28: the precision is at most 38, not 39.'],
    ['CREATE TABLE a (id INT) PARTITIONED BY (zorder(id))', 'Iceberg has no transform zorder'],
    ['CREATE TABLE a (id INT) PARTITIONED BY (bucket(0, id))', 'The number is at least 1.'],
    ["CREATE TABLE a (id INT) TBLPROPERTIES ('a' = '1', 'a' = '2')", 'The property a is there twice.'],
    ["CREATE TABLE a (id INT) TBLPROPERTIES ('format-version' = '9')", '9 is not a format version.'],
    ['CREATE TABLE a (id INT); DROP TABLE a', 'Line 1, column 26: ALTER was expected, not “DROP”.'],
    ['CREATE TABLE a (id INT); ALTER TABLE b WRITE UNORDERED', 'This changes b, another table.'],
    ['CREATE TABLE a (id INT); ALTER TABLE a WRITE ORDERED BY id', 'without LOCALLY Spark sets a property, too'],
    ["CREATE TABLE a (id INT) COMMENT 'x", 'Line 1, column 33: The text has no closing quote.'],
    ['CREATE TABLE `a (id INT)', 'Line 1, column 14: The name has no closing quote.'],
    ['CREATE TABLE a (id INT) /* x', 'The comment has no end.'],
    ['CREATE TABLE a (id INT) §', '§ is not expected here.'],
    [`CREATE TABLE a (id ${'ARRAY<'.repeat(200)}INT${'>'.repeat(200)})`, 'The type is nested more than 100 deep.'],
    ['x'.repeat(1_000_001), 'longer than 1000000 characters'],
  ])('refuses %#: what it does not understand, with the position', (text, message) => {
    expect(failure(text, 'Spark SQL')).toContain(message)
  })
})

describe('Spark SQL that Iceberg keeps in another way', () => {
  it('has texts of any length, and says so', () => {
    const { declaration, notes } = parse('CREATE TABLE a (id VARCHAR(10), c CHAR(3), d VARCHAR(10))', 'Spark SQL')
    expect(declaration.columns?.map(({ type }) => type)).toEqual(['string', 'string', 'string'])
    expect(notes).toEqual([
      'The length of VARCHAR(10) is not kept: texts in Iceberg have no limit.',
      'The length of CHAR(3) is not kept: texts in Iceberg have no limit.',
    ])
  })

  it('has the columns of its partitions after the others, as Hive writes them', () => {
    const text = "CREATE TABLE a (id INT) USING iceberg PARTITIONED BY (day DATE COMMENT 'of the load', `at` STRING)"
    expect(parse(text, 'Spark SQL').declaration).toMatchObject({
      columns: [
        { name: 'id', type: 'int' },
        { name: 'day', type: 'date', doc: 'of the load' },
        { name: 'at', type: 'string' },
      ],
      'partition-fields': [
        { name: 'day', column: 'day', transform: 'identity' },
        { name: 'at', column: 'at', transform: 'identity' },
      ],
    })
    expect(failure('CREATE TABLE a (id INT) PARTITIONED BY (day DATE, days(id))', 'Spark SQL')).toContain(
      'Line 1, column 55: a type was expected, not “(”.',
    )
  })
})

describe('Trino SQL', () => {
  it('declares a table with its properties', () => {
    const text = `CREATE TABLE "lake"."demo"."legs" (
      id bigint NOT NULL COMMENT 'it''s', "at" timestamp(6) with time zone, n row(Code varchar, x array(row(y uuid))),
      ns timestamp(9)
    ) COMMENT 'legs'
    WITH (format = 'ORC', format_version = 3, location = 's3://lake/legs',
      partitioning = ARRAY['month("at")', 'bucket(id, 8)', '"n.code"'], sorted_by = ARRAY['id DESC NULLS LAST', 'at'],
      max_commit_retry = 9, extra_properties = MAP(ARRAY['a'], ARRAY['b']))`
    expect(parse(text, 'Trino SQL')).toEqual({
      name: ['lake', 'demo', 'legs'],
      location: 's3://lake/legs',
      declaration: {
        'format-version': 3,
        columns: [
          { name: 'id', type: 'long', required: true, doc: "it's" },
          { name: 'at', type: 'timestamptz' },
          {
            name: 'n',
            type: {
              struct: [
                { name: 'Code', type: 'string' },
                { name: 'x', type: { list: { struct: [{ name: 'y', type: 'uuid' }] } } },
              ],
            },
          },
          { name: 'ns', type: 'timestamp_ns' },
        ],
        'partition-fields': [
          { name: 'at_month', column: 'at', transform: 'month' },
          { name: 'id_bucket', column: 'id', transform: 'bucket[8]' },
          { name: 'n.Code', column: 'n.Code', transform: 'identity' },
        ],
        'sort-fields': [
          { column: 'id', transform: 'identity', direction: 'desc', 'null-order': 'nulls-last' },
          { column: 'at', transform: 'identity', direction: 'asc', 'null-order': 'nulls-first' },
        ],
        properties: { comment: 'legs', 'write.format.default': 'orc', 'commit.retry.num-retries': '9', a: 'b' },
      },
      notes: [],
    })
  })

  it.each([
    ["format = 'ORC', compression_codec = 'SNAPPY'", { 'write.orc.compression-codec': 'snappy' }],
    ["compression_codec = 'GZIP', format = 'ORC'", { 'write.orc.compression-codec': 'zlib' }],
    ["compression_codec = 'NONE', format = 'ORC'", { 'write.orc.compression-codec': 'none' }],
    ["compression_codec = 'NONE', format = 'AVRO'", { 'write.avro.compression-codec': 'uncompressed' }],
    ["compression_codec = 'NONE'", { 'write.parquet.compression-codec': 'uncompressed' }],
  ])('sets the codec of the format with %s', (settings, property) => {
    const { 'write.format.default': _, ...properties } =
      parse(`CREATE TABLE a (id int) WITH (${settings})`, 'Trino SQL').declaration.properties ?? {}
    expect(properties).toEqual(property)
  })

  it('has texts of any length', () => {
    const { declaration, notes } = parse('CREATE TABLE a (id varchar(10))', 'Trino SQL')
    expect([declaration.columns, notes.length]).toEqual([[{ name: 'id', type: 'string' }], 1])
  })

  it.each([
    [
      "CREATE TABLE a (id int) WITH (orc_bloom_filter_columns = ARRAY['id'])",
      'The property orc_bloom_filter_columns of Trino',
    ],
    [
      "CREATE TABLE a (id int) WITH (partitioning = ARRAY['zorder(id)'])",
      "In 'zorder(id)': Iceberg has no transform zorder.",
    ],
    ["CREATE TABLE a (id int) WITH (sorted_by = ARRAY['year(id)'])", 'Trino sorts by columns, not by transforms.'],
    ['CREATE TABLE a (id timestamp(3))', 'Iceberg’s timestamps have 6 or 9 digits of a second.'],
    ['CREATE TABLE a (id time(9))', 'Iceberg’s time has 6 digits of a second.'],
    ['CREATE TABLE `a` (id int)', 'Trino quotes names with ".'],
    ['CREATE TABLE a (LIKE b)', 'Begin with “Like another table”'],
    ['CREATE TABLE a (id int) AS SELECT 1', 'leave AS SELECT out'],
    ["CREATE TABLE a (id int WITH (x = 'y'))", 'The column id has properties'],
    ['CREATE TABLE a (id int) WITH (format_version = 4)', 'Line 1, column 48: 4 is not a format version.'],
    ["CREATE TABLE a (id int) WITH (extra_properties = MAP(ARRAY['a'], ARRAY[]))", 'other numbers of keys and values'],
    ['CREATE TABLE a (id int) x', 'the end was expected, not “x”'],
  ])('refuses %#: what it does not understand', (text, message) => {
    expect(failure(text, 'Trino SQL')).toContain(message)
  })
})

describe('JSON', () => {
  const schema = {
    type: 'struct',
    fields: [{ id: 7, name: 'a', required: true, type: 'long' }],
    'identifier-field-ids': [7],
  }

  it('declares the columns of a schema', () => {
    expect(parse(JSON.stringify(schema), 'JSON').declaration).toMatchObject({
      columns: [{ name: 'a', type: 'long', required: true }],
      'identifier-fields': ['a'],
    })
  })

  it('declares the table of a request to create it', () => {
    const request = {
      name: 't',
      schema,
      'partition-spec': { fields: [{ 'source-id': 7, name: 'a_bucket', transform: 'bucket[4]' }] },
      'write-order': {
        fields: [{ 'source-id': 7, transform: 'identity', direction: 'asc', 'null-order': 'nulls-first' }],
      },
      properties: { 'format-version': '1', x: 'y' },
      location: 's3://lake/t',
    }
    expect(parse(JSON.stringify(request), 'JSON')).toMatchObject({
      name: ['t'],
      location: 's3://lake/t',
      declaration: {
        'format-version': 1,
        'partition-fields': [{ name: 'a_bucket', column: 'a', transform: 'bucket[4]' }],
        properties: { x: 'y' },
      },
    })
  })

  it.each([
    ['[]', 'is not an object'],
    ['{"type": "struct",\n "fields": [}', 'Not JSON: Unexpected token'],
    ['{"type": "struct", "fields": []}', 'has no columns'],
    ['{"type": "struct", "fields": [], "more": 1}', 'The member more is not understood.'],
    [JSON.stringify({ schema, comment: 'x' }), 'The member comment is not understood.'],
    ['{"current-schema-id": 0, "schemas": []}', 'register its metadata file'],
  ])('refuses %s', (text, message) => {
    expect(failure(text, 'JSON')).toContain(message)
  })
})

it('knows what a text most likely is', () => {
  expect(guessFormat(SPARK)).toBe('Spark SQL')
  expect(guessFormat("/* x */ create table a (id varchar) with (format = 'ORC')")).toBe('Trino SQL')
  expect(guessFormat('create table a (id int)')).toBe('Spark SQL')
  expect(guessFormat('DROP TABLE x; CREATE TABLE y (a INT)')).toBe('Spark SQL')
  expect(guessFormat('set: 1')).toBe('YAML')
  expect(guessFormat(' {"type": "struct"}')).toBe('JSON')
  expect(guessFormat('columns:\n  - name: id')).toBe('YAML')
})

it('says where a statement cannot be read', () => {
  expect(() => parse('CREATE TABLE a (\n  id INT,\n  at WHEN\n)', 'Spark SQL')).toThrow(
    expect.objectContaining({ position: { line: 3, column: 6 } }) as DdlError,
  )
})

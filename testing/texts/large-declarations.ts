/** Texts that declare a table, and are far deeper or wider than any that people write. */

type Build = (count: number) => string

const TAIL = ') USING iceberg'
const sparkColumn = (type: string) => `CREATE TABLE a.t (c ${type}${TAIL}`
const names = (count: number, write: (name: string) => string) =>
  Array.from({ length: count }, (_, i) => write(`c${i}`)).join(',')

export const DEEP_SPARK: Readonly<Record<string, Build>> = {
  structs: (depth) => sparkColumn(`${'struct<a:'.repeat(depth)}int${'>'.repeat(depth)}`),
  'structs that are not closed': (depth) => sparkColumn('struct<a:'.repeat(depth)),
  arrays: (depth) => sparkColumn(`${'array<'.repeat(depth)}int${'>'.repeat(depth)}`),
  maps: (depth) => sparkColumn(`${'map<int,'.repeat(depth)}int${'>'.repeat(depth)}`),
  'keys of maps': (depth) => sparkColumn(`${'map<'.repeat(depth)}int${',int>'.repeat(depth)}`),
  'parts of a name': (depth) => `CREATE TABLE a${'.a'.repeat(depth)} (c int) USING iceberg`,
  'parts of a column': (depth) =>
    `CREATE TABLE a.t (c int) USING iceberg PARTITIONED BY (days(c${'.a'.repeat(depth)}))`,
}
export const WIDE_SPARK: Readonly<Record<string, Build>> = {
  columns: (count) => `CREATE TABLE a.t (${names(count, (name) => `${name} int`)}${TAIL}`,
  'fields of a struct': (count) => sparkColumn(`struct<${names(count, (name) => `${name}:int`)}>`),
  'partition fields': (count) =>
    `CREATE TABLE a.t (c int) USING iceberg PARTITIONED BY (${names(count, (n) => `days(${n})`)})`,
  properties: (count) => `CREATE TABLE a.t (c int) USING iceberg TBLPROPERTIES (${names(count, (n) => `'${n}'='1'`)})`,
  'sort fields': (count) =>
    `CREATE TABLE a.t (c int) USING iceberg; ALTER TABLE a.t WRITE LOCALLY ORDERED BY ${names(count, (name) => name)}`,
  'identifier fields': (count) =>
    `CREATE TABLE a.t (c int) USING iceberg; ALTER TABLE a.t SET IDENTIFIER FIELDS ${names(count, (name) => name)}`,
  statements: (count) => `CREATE TABLE a.t (c int) USING iceberg${'; ALTER TABLE a.t WRITE UNORDERED'.repeat(count)}x`,
  'opening brackets': (count) => '('.repeat(count),
  comments: (count) => '/*'.repeat(count),
  quotes: (count) => `CREATE TABLE ${"'".repeat(count)}`,
  'escaped quotes': (count) => `CREATE TABLE '${"\\'".repeat(count)}`,
  dashes: (count) => '-'.repeat(count),
}

export const DEEP_TRINO: Readonly<Record<string, Build>> = {
  rows: (depth) => `CREATE TABLE a.t (c ${'row(a '.repeat(depth)}int${')'.repeat(depth)})`,
  arrays: (depth) => `CREATE TABLE a.t (c ${'array('.repeat(depth)}int${')'.repeat(depth)})`,
  maps: (depth) => `CREATE TABLE a.t (c ${'map(int,'.repeat(depth)}int${')'.repeat(depth)})`,
  'parts of a name': (depth) => `CREATE TABLE a${'.a'.repeat(depth)} (c int)`,
}
export const WIDE_TRINO: Readonly<Record<string, Build>> = {
  columns: (count) => `CREATE TABLE a.t (${names(count, (name) => `${name} int`)})`,
  'partition fields': (count) =>
    `CREATE TABLE a.t (c int) WITH (partitioning = ARRAY[${names(count, (name) => `'day(${name})'`)}])`,
  'sort fields': (count) => `CREATE TABLE a.t (c int) WITH (sorted_by = ARRAY[${names(count, (name) => `'${name}'`)}])`,
  properties: (count) =>
    `CREATE TABLE a.t (c int) WITH (extra_properties = MAP(ARRAY[${names(count, (n) => `'${n}'`)}], ARRAY[${names(count, () => "'1'")}]))`,
}

/** A schema in which each type is within the previous one. */
function jsonSchema(depth: number, open: string, close: string, leaf = '{"type":"string"}'): string {
  return `{"type":"object","properties":{"a":${open.repeat(depth)}${leaf}${close.repeat(depth)}}}`
}

export const DEEP_JSON: Readonly<Record<string, Build>> = {
  'objects of JSON Schema': (depth) => jsonSchema(depth, '{"type":"object","properties":{"a":', '}}'),
  'arrays of JSON Schema': (depth) => jsonSchema(depth, '{"type":"array","items":', '}'),
  'maps of JSON Schema': (depth) => jsonSchema(depth, '{"type":"object","additionalProperties":', '}'),
  'choices of JSON Schema': (depth) => jsonSchema(depth, '{"anyOf":[', ',{"type":"null"}]}'),
  'references of JSON Schema': (depth) => {
    const definitions = Array.from({ length: depth }, (_, i) => `"d${i}":{"$ref":"#/$defs/d${i + 1}"}`).join(',')
    return `{"type":"object","properties":{"a":{"$ref":"#/$defs/d0"}},"$defs":{${definitions},"d${depth}":{"type":"string"}}}`
  },
  'structs of Iceberg': (depth) => {
    const field = (id: number) => `{"id":${id},"name":"a","required":false,"type":`
    const open = Array.from({ length: depth }, (_, i) => `${field(i + 2)}{"type":"struct","fields":[`).join('')
    return `{"type":"struct","fields":[${open}${field(1)}"int"}${']}}'.repeat(depth)}]}`
  },
  'lists of Iceberg': (depth) => {
    const list = (id: number) => `{"type":"list","element-id":${id},"element-required":false,"element":`
    const open = Array.from({ length: depth }, (_, i) => list(i + 2)).join('')
    return `{"type":"struct","fields":[{"id":1,"name":"a","required":false,"type":${open}"int"${'}'.repeat(depth)}}]}`
  },
  brackets: (depth) => '{"type":'.concat('['.repeat(depth)),
}
export const WIDE_JSON: Readonly<Record<string, Build>> = {
  'properties of JSON Schema': (count) =>
    `{"type":"object","properties":{${names(count, (name) => `"${name}":{"type":"string"}`)}}}`,
  'definitions that each stand for two': (count) => {
    const definitions = Array.from({ length: count }, (_, i) => {
      const next = `{"$ref":"#/$defs/d${i + 1}"}`
      return `"d${i}":{"type":"object","properties":{"a":${next},"b":${next}}}`
    })
    const last = `"d${count}":{"type":"string"}`
    return `{"type":"object","properties":{"a":{"$ref":"#/$defs/d0"}},"$defs":{${definitions.join(',')},${last}}}`
  },
  'columns of Iceberg': (count) =>
    `{"type":"struct","fields":[${Array.from({ length: count }, (_, i) => `{"id":${i + 1},"name":"c${i}","required":false,"type":"int"}`).join(',')}]}`,
}

export const DEEP_YAML: Readonly<Record<string, Build>> = {
  'flow sequences': (depth) => `columns: ${'['.repeat(depth)}${']'.repeat(depth)}`,
  'flow sequences that are not closed': (depth) => `columns: ${'['.repeat(depth)}`,
  'flow maps': (depth) => `columns: ${'{list: '.repeat(depth)}int${'}'.repeat(depth)}`,
  'block sequences': (depth) => `${'- '.repeat(depth)}x`,
  'explicit keys': (depth) => `${'? '.repeat(depth)}x`,
  'sequences and maps in turn': (depth) => `${'- a: '.repeat(1)}${'[{a: '.repeat(depth)}1${'}]'.repeat(depth)}`,
}
export const WIDE_YAML: Readonly<Record<string, Build>> = {
  'keys of a map': (count) => `properties:\n${Array.from({ length: count }, (_, i) => `  k${i}: v`).join('\n')}`,
  'keys of a flow map': (count) => `properties: {${names(count, (name) => `${name}: v`)}}`,
  'members of a list': (count) => `identifier-fields: [${names(count, (name) => name)}]`,
  'members of a block list': (count) => `identifier-fields:\n${'- a\n'.repeat(count)}`,
  anchors: (count) => `identifier-fields:\n${Array.from({ length: count }, (_, i) => `- &a${i} a\n`).join('')}`,
  aliases: (count) => `identifier-fields: [&a a${', *a'.repeat(count)}]`,
}
/** Texts hardly longer than the count that represent far more. */
export const YAML_BOMBS: Readonly<Record<string, string>> = {
  'aliases of aliases': `a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${Array.from(
    { length: 9 },
    (_, i) => `a${i + 1}: &a${i + 1} [${Array.from({ length: 10 }, () => `*a${i}`).join(',')}]`,
  ).join('\n')}`,
  'aliases of a long list': `a: &a [${'x,'.repeat(9_990)}x]\nb: [${'*a,'.repeat(98)}*a]`,
  'an alias of what it is in': 'columns: &a [*a]',
}

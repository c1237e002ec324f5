/**
 * Avro files byte by byte, for tests: any schema, unions in any order, several blocks, and any compression. It shares
 * nothing with the code that reads them.
 *
 * Avro 1.12 specification, *Binary encoding* and *Object Container Files*.
 */
export type AvroBytesOptions = {
  codec?: string
  compress?: (plain: Uint8Array) => Uint8Array
  header?: Readonly<Record<string, string>>
}

type Json = Readonly<Record<string, unknown>>

export const SYNC_MARKER = Uint8Array.from({ length: 16 }, (_, index) => 0xa0 + index)

/** @param blocks the records of each block; a value of a union is `{ branch, value }` or, for null, null */
export function buildAvroBytes(
  schema: object,
  blocks: readonly (readonly unknown[])[],
  { codec = 'null', compress = (plain) => plain, header = {} }: AvroBytesOptions = {},
): Uint8Array {
  const entries = Object.entries({ ...header, 'avro.schema': JSON.stringify(schema), 'avro.codec': codec })
  return join([
    Uint8Array.of(0x4f, 0x62, 0x6a, 1),
    long(entries.length),
    ...entries.flatMap(([key, value]) => [binary(utf8(key)), binary(utf8(value))]),
    long(0),
    SYNC_MARKER,
    ...blocks.map((records) => buildAvroBlock(schema, records, compress)),
  ])
}

export function buildAvroBlock(
  schema: object,
  records: readonly unknown[],
  compress: (plain: Uint8Array) => Uint8Array = (plain) => plain,
): Uint8Array {
  const names = new Map<string, unknown>()
  const stored = compress(join(records.map((record) => encode(schema, record, names))))
  return join([long(records.length), binary(stored), SYNC_MARKER])
}

export function encodeAvroLong(value: number | bigint): Uint8Array {
  return long(value)
}

function encode(schema: unknown, value: unknown, names: Map<string, unknown>): Uint8Array {
  if (typeof schema === 'string' && names.has(schema)) return encode(names.get(schema), value, names)
  if (Array.isArray(schema)) return encodeUnion(schema, value, names)
  const node: Json = typeof schema === 'string' ? { type: schema } : (schema as Json)
  if (typeof node.type !== 'string') return encode(node.type, value, names)
  if (typeof node.name === 'string') names.set(node.name, node)
  switch (node.type) {
    case 'null':
      return new Uint8Array(0)
    case 'boolean':
      return Uint8Array.of(value ? 1 : 0)
    case 'int':
    case 'long':
      return long(value as number | bigint)
    case 'float':
      return new Uint8Array(Float32Array.of(value as number).buffer)
    case 'double':
      return new Uint8Array(Float64Array.of(value as number).buffer)
    case 'string':
      return binary(utf8(value as string))
    case 'bytes':
      return binary(value as Uint8Array)
    case 'fixed':
      return value as Uint8Array
    case 'enum':
      return long((node.symbols as string[]).indexOf(value as string))
    case 'array':
      return items((value as unknown[]).map((item) => encode(node.items, item, names)))
    case 'map':
      return items(
        Object.entries(value as Json).map(([key, one]) => join([binary(utf8(key)), encode(node.values, one, names)])),
      )
    case 'record': {
      const record = value as Json
      return join((node.fields as Json[]).map((field) => encode(field.type, record[String(field.name)], names)))
    }
    default:
      throw new TypeError(`cannot write the Avro type ${node.type}`)
  }
}

/** Null is the branch null; any other value belongs to the first other branch unless it names one. */
function encodeUnion(branches: readonly unknown[], value: unknown, names: Map<string, unknown>): Uint8Array {
  const chosen = isChoice(value)
    ? value
    : { branch: branches.findIndex((branch) => (branch === 'null') === (value === null)), value }
  return join([long(chosen.branch), encode(branches[chosen.branch], chosen.value, names)])
}

function isChoice(value: unknown): value is { branch: number; value: unknown } {
  return typeof value === 'object' && value !== null && 'branch' in value
}

function items(encoded: readonly Uint8Array[]): Uint8Array {
  return encoded.length === 0 ? long(0) : join([long(encoded.length), ...encoded, long(0)])
}

function long(value: number | bigint): Uint8Array {
  const bytes: number[] = []
  const wide = BigInt(value)
  let rest = BigInt.asUintN(64, (wide << 1n) ^ (wide >> 63n))
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}

function binary(bytes: Uint8Array): Uint8Array {
  return join([long(bytes.length), bytes])
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

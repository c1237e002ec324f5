import type { AvroType } from './avro-type'
import type { ByteSink } from './byte-sink'

/** A value to write: records by field name, int and long as number or bigint. */
export type AvroValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly AvroValue[]
  | { readonly [field: string]: AvroValue }

/**
 * Built once from the schema, then run on every record. Supports the types in Iceberg's own files; a union is of null
 * and one other type.
 *
 * @throws {TypeError} when a value does not match its field's type, which is a bug in the caller, never a damaged file
 */
export function valueWriter(type: AvroType): (sink: ByteSink, value: AvroValue | undefined) => void {
  switch (type.kind) {
    case 'boolean':
      return (sink, value) => sink.boolean(typeof value === 'boolean' ? value : throwMismatch(type, value))
    case 'int':
    case 'long': {
      const bits = type.kind === 'int' ? 32 : 64
      return (sink, value) => {
        const integer = toInteger(value)
        sink.long(integer !== null && BigInt.asIntN(bits, integer) === integer ? integer : throwMismatch(type, value))
      }
    }
    case 'float':
      return (sink, value) => sink.float(typeof value === 'number' ? value : throwMismatch(type, value))
    case 'double':
      return (sink, value) => sink.double(typeof value === 'number' ? value : throwMismatch(type, value))
    case 'string':
      return (sink, value) => sink.text(typeof value === 'string' ? value : throwMismatch(type, value))
    case 'bytes':
      return (sink, value) => sink.binary(value instanceof Uint8Array ? value : throwMismatch(type, value))
    case 'fixed':
      return (sink, value) =>
        sink.fixed(value instanceof Uint8Array && value.length === type.sizeBytes ? value : throwMismatch(type, value))
    case 'array': {
      const write = valueWriter(type.items)
      return (sink, value) => {
        const items: readonly AvroValue[] = Array.isArray(value) ? value : throwMismatch(type, value)
        if (items.length > 0) sink.long(items.length)
        for (const item of items) write(sink, item)
        sink.long(0)
      }
    }
    case 'union': {
      const [first, second] = type.branches
      if (type.branches.length !== 2 || first?.kind !== 'null' || second === undefined)
        return throwMismatch(type, undefined)
      const write = valueWriter(second)
      return (sink, value) => {
        sink.long(value === null ? 0 : 1)
        if (value !== null) write(sink, value)
      }
    }
    case 'record': {
      const fields = type.fields.map((field) => ({ name: field.name, write: valueWriter(field.type) }))
      return (sink, value) => {
        const record = isRecord(value) ? value : throwMismatch(type, value)
        for (const field of fields) field.write(sink, record[field.name])
      }
    }
    case 'null':
    case 'enum':
    case 'map':
      return throwMismatch(type, undefined)
  }
}

function toInteger(value: AvroValue | undefined): bigint | null {
  if (typeof value === 'bigint') return value
  return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : null
}

function isRecord(value: AvroValue | undefined): value is { readonly [field: string]: AvroValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
}

function throwMismatch(type: AvroType, value: AvroValue | undefined): never {
  throw new TypeError(`cannot write ${typeof value} as ${type.kind}`)
}

import { AppError } from '@/lib/errors'
import { isRecord } from '@/lib/plain-json'

/**
 * An Avro schema, validated, with its type names resolved.
 *
 * Avro 1.12 specification, *Schema Declaration*; field ids as in the Iceberg spec, appendix A.
 */
export type AvroType =
  | { kind: 'null' | 'boolean' | 'float' | 'double' }
  | { kind: 'string'; logicalType?: string }
  | {
      kind: 'int' | 'long'
      logicalType?: string /** `adjust-to-utc`, if the schema has it: an instant, or the time of some clock. */
      isUtc?: boolean
    }
  | ({ kind: 'bytes'; logicalType: string | null } & AvroDecimal)
  | ({ kind: 'fixed'; sizeBytes: number; logicalType: string | null } & AvroDecimal)
  | { kind: 'enum'; symbols: readonly string[] }
  | { kind: 'array'; items: AvroType /** `map` if the items are key-value records of a map. */; logicalType?: string }
  | { kind: 'map'; values: AvroType }
  | { kind: 'union'; branches: readonly AvroType[] }
  | AvroRecord

/** Only for a decimal. */
type AvroDecimal = { precision?: number; scale?: number }

export type AvroRecord = { kind: 'record'; fields: readonly AvroField[] }
export type AvroField = { name: string; fieldId: number | null; type: AvroType }

// Iceberg's own schemas are six levels deep. Only a partition tuple varies, and it contains only primitives.
export const MAX_AVRO_DEPTH = 32
export const MAX_AVRO_FIELDS = 20_000

/** Depth and number of fields of a type after every name in it is resolved. */
type Extent = { depth: number; fieldCount: number }

/**
 * @param json the schema as returned by `JSON.parse`
 * @param label the subject of the schema, for error messages
 * @throws {AppError} file-damaged when the schema is invalid or recursive, or, with names resolved, deeper than
 *   `maxDepth` levels or wider than 20,000 fields
 */
export function parseAvroType(json: unknown, label: string, maxDepth = MAX_AVRO_DEPTH): AvroType {
  const typesByName = new Map<string, AvroType | null>()
  const extentByType = new Map<AvroType, Extent>()
  return parse(json, 0, '')

  /** @param namespace of the enclosing type, which a name without a namespace belongs to */
  function parse(node: unknown, depth: number, namespace: string): AvroType {
    if (depth > maxDepth) throw schemaError(`is nested deeper than ${maxDepth} levels`)
    if (typeof node === 'string') return primitive(node, {}) ?? resolveName(node, namespace)
    if (Array.isArray(node)) {
      const branches = requireList(node).map((branch: unknown) => parse(branch, depth + 1, namespace))
      return checkExtent({ kind: 'union', branches }, branches)
    }
    if (!isRecord(node)) throw schemaError('contains something that is not a type')
    const { type } = node
    if (typeof type !== 'string') return parse(type, depth + 1, namespace)
    const logicalType = typeof node.logicalType === 'string' ? { logicalType: node.logicalType } : {}
    const decimal = {
      ...(typeof node.precision === 'number' && { precision: node.precision }),
      ...(typeof node.scale === 'number' && { scale: node.scale }),
    }
    const adjustsToUtc = node['adjust-to-utc']
    const isUtc = typeof adjustsToUtc === 'boolean' ? { isUtc: adjustsToUtc } : {}
    switch (type) {
      case 'record':
        return defineNamed(node, namespace, (inner) => {
          const fields = requireList(node.fields).map((field) => parseField(field, depth, inner))
          return checkExtent(
            { kind: 'record', fields },
            fields.map((field) => field.type),
          )
        })
      case 'fixed': {
        const sizeBytes = node.size
        if (typeof sizeBytes !== 'number' || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0)
          throw schemaError('has a fixed type without a size')
        return defineNamed(node, namespace, () => ({
          kind: 'fixed',
          sizeBytes,
          logicalType: null,
          ...logicalType,
          ...decimal,
        }))
      }
      case 'enum':
        return defineNamed(node, namespace, () => ({
          kind: 'enum',
          symbols: requireList(node.symbols).map(requireSymbol),
        }))
      case 'array': {
        const items = parse(node.items, depth + 1, namespace)
        return checkExtent({ kind: 'array', items, ...logicalType }, [items])
      }
      case 'map': {
        const values = parse(node.values, depth + 1, namespace)
        return checkExtent({ kind: 'map', values }, [values])
      }
      default:
        return primitive(type, { ...logicalType, ...decimal, ...isUtc }) ?? resolveName(type, namespace)
    }
  }

  function parseField(node: unknown, depth: number, namespace: string): AvroField {
    if (!isRecord(node) || typeof node.name !== 'string') throw schemaError('has a field without a name')
    const fieldId = node['field-id']
    return {
      name: node.name,
      fieldId: typeof fieldId === 'number' && Number.isSafeInteger(fieldId) ? fieldId : null,
      type: parse(node.type, depth + 1, namespace),
    }
  }

  /**
   * A small schema can expand to a huge one when names refer to types that refer to names, so the expanded size is
   * limited.
   */
  function checkExtent(type: AvroType, parts: readonly AvroType[]): AvroType {
    const extent = { depth: 1, fieldCount: parts.length }
    for (const part of parts) {
      const { depth, fieldCount } = extentByType.get(part) ?? { depth: 0, fieldCount: 0 }
      extent.depth = Math.max(extent.depth, depth + 1)
      extent.fieldCount += fieldCount
    }
    if (extent.depth > maxDepth) throw schemaError(`is nested deeper than ${maxDepth} levels`)
    if (extent.fieldCount > MAX_AVRO_FIELDS) throw schemaError(`has more than ${MAX_AVRO_FIELDS} fields`)
    extentByType.set(type, extent)
    return type
  }

  /** A named type may be referred to by its name, but not inside itself: recursive types are not supported. */
  function defineNamed(
    node: Record<string, unknown>,
    enclosing: string,
    build: (namespace: string) => AvroType,
  ): AvroType {
    const given = typeof node.name === 'string' ? node.name : null
    const declared = typeof node.namespace === 'string' ? node.namespace : enclosing
    if (given === null) return build(declared)
    const name = fullName(given, declared)
    typesByName.set(name, null)
    const type = build(name.slice(0, Math.max(0, name.lastIndexOf('.'))))
    typesByName.set(name, type)
    return type
  }

  /** Some writers leave out the namespace, so a name that belongs to one type only stands for it anywhere. */
  function resolveName(name: string, namespace: string): AvroType {
    const names = [fullName(name, namespace), name].filter((candidate) => typesByName.has(candidate))
    const alike = names.length > 0 ? names : [...typesByName.keys()].filter((known) => known.endsWith(`.${name}`))
    const [found] = alike
    if (found === undefined || (names.length === 0 && alike.length > 1))
      throw schemaError(`has the unknown type “${name}”`)
    const type = typesByName.get(found) ?? null
    if (type === null) throw schemaError(`contains the type “${name}” inside itself`)
    return type
  }

  function requireList(node: unknown): unknown[] {
    if (!Array.isArray(node)) throw schemaError('has no list of fields or symbols')
    if (node.length > MAX_AVRO_FIELDS) throw schemaError(`has more than ${MAX_AVRO_FIELDS} fields`)
    return node
  }

  function requireSymbol(node: unknown): string {
    if (typeof node !== 'string') throw schemaError('has an enum with something that is not a symbol')
    return node
  }

  function schemaError(detail: string): AppError {
    return new AppError('file-damaged', `The ${label} cannot be read: its Avro schema ${detail}`, {
      facts: { file: label },
    })
  }
}

/** A name with a dot has its own namespace. */
function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}

/** The minimum size of a value of this type. Block counts are checked against it and the bytes that remain. */
export function minSizeBytes(type: AvroType): number {
  switch (type.kind) {
    case 'null':
      return 0
    case 'float':
      return 4
    case 'double':
      return 8
    case 'fixed':
      return type.sizeBytes
    case 'record':
      return type.fields.reduce((total, field) => total + minSizeBytes(field.type), 0)
    case 'boolean':
    case 'int':
    case 'long':
    case 'bytes':
    case 'string':
    case 'enum':
    case 'array':
    case 'map':
    case 'union':
      return 1
  }
}

function primitive(name: string, attributes: { logicalType?: string; isUtc?: boolean } & AvroDecimal): AvroType | null {
  switch (name) {
    case 'null':
    case 'boolean':
    case 'float':
    case 'double':
      return { kind: name }
    case 'string': {
      const { logicalType } = attributes
      return { kind: name, ...(logicalType !== undefined && { logicalType }) }
    }
    case 'int':
    case 'long': {
      const { logicalType, isUtc } = attributes
      return { kind: name, ...(logicalType !== undefined && { logicalType }), ...(isUtc !== undefined && { isUtc }) }
    }
    case 'bytes': {
      const { isUtc: _isUtc, ...decimal } = attributes
      return { kind: name, logicalType: null, ...decimal }
    }
    default:
      return null
  }
}

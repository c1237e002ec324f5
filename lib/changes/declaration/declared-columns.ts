import type { ColumnDeclaration, TypeDeclaration } from '@/lib/changes/declaration/table-declaration'
import type { SchemaNode } from '@/lib/parquet/schema-node'

/**
 * The columns that a table needs to hold a Parquet file.
 *
 * Spec: Iceberg table spec, appendix A, *Parquet*; parquet-format, *LogicalTypes.md*, *Nested Types*.
 */
export type DeclaredColumns = {
  columns: readonly ColumnDeclaration[]
  /** By the path of names in the declaration, joined by 0x1F: the leaf of the file, and why its type is a guess. */
  leaves: ReadonlyMap<string, { node: SchemaNode; doubt: string | null }>
}

export const PATH_SEPARATOR = '\x1F'

/** The doubt about the type of a column whose own type is null. */
export const ONLY_NULLS = 'has only nulls, so string is a guess'

export function declaredColumns(schema: SchemaNode): DeclaredColumns {
  const leaves = new Map<string, { node: SchemaNode; doubt: string | null }>()

  const columnOf = (node: SchemaNode, parent: readonly string[]): ColumnDeclaration => {
    const path = [...parent, node.name]
    // A repeated field outside a list is a required list of required elements.
    const isRepeated = node.repetition === 'repeated'
    const type = isRepeated ? { list: typeOf(node, [...path, 'element']), required: true } : typeOf(node, path)
    return { name: node.name, type, ...(node.repetition !== 'optional' && { required: true }) }
  }
  const typeOf = (node: SchemaNode, path: readonly string[]): TypeDeclaration => {
    if (node.annotation?.kind === 'variant') return noteLeaf(node, path, 'variant', null)
    if (node.leaf) {
      const { type, doubt } = leafType(node)
      return noteLeaf(node, path, type, doubt)
    }
    const [only] = node.children
    if (node.annotation?.kind === 'list' && only?.repetition === 'repeated') return listOf(only, path)
    if (node.annotation?.kind === 'map' && only?.repetition === 'repeated') {
      const [key, value] = only.children
      if (key && value) {
        return {
          map: { key: typeOf(key, [...path, 'key']), value: typeOf(value, [...path, 'value']) },
          ...(value.repetition === 'required' && { required: true }),
        }
      }
    }
    return { struct: node.children.map((child) => columnOf(child, path)) }
  }
  const listOf = (repeated: SchemaNode, path: readonly string[]): TypeDeclaration => {
    const [element] = repeated.children
    const inner = [...path, 'element']
    // Two-level lists of older writers repeat the element itself.
    const isElement =
      !element || repeated.children.length > 1 || repeated.name === 'array' || repeated.name.endsWith('_tuple')
    if (isElement) return { list: typeOf(repeated, inner), required: true }
    return { list: typeOf(element, inner), ...(element.repetition === 'required' && { required: true }) }
  }
  const noteLeaf = (node: SchemaNode, path: readonly string[], type: string, doubt: string | null) => {
    leaves.set(path.join(PATH_SEPARATOR), { node, doubt })
    return type
  }
  return { columns: schema.children.map((node) => columnOf(node, [])), leaves }
}

type LeafType = { type: string; doubt: string | null }

const sure = (type: string): LeafType => ({ type, doubt: null })

/** The format's names for longitude and latitude, if it names them at all. */
const DEFAULT_CRS = 'OGC:CRS84'

/** `geometry(srid:5070)`, `geography(OGC:CRS84, karney)`: defaults are not written. */
function spatialType(kind: 'geometry' | 'geography', crs: string | null, edges: string | null): LeafType {
  // A type cannot hold a definition in JSON, or for one that is elsewhere in the file.
  if (crs !== null && (!/^[\w:.-]+$/.test(crs) || crs.startsWith('projjson:')))
    return { type: kind, doubt: `The file has another coordinate system: ${crs.slice(0, 60)}` }
  const isDefault = crs === null || crs === DEFAULT_CRS
  if (edges !== null) return sure(`${kind}(${crs ?? DEFAULT_CRS}, ${edges})`)
  return sure(isDefault ? kind : `${kind}(${crs})`)
}

function leafType({ leaf, annotation }: SchemaNode): LeafType {
  const lengthBytes = leaf?.lengthBytes ?? 0
  switch (annotation?.kind) {
    case 'string':
    case 'enum':
    case 'json':
      return sure('string')
    case 'uuid':
    case 'date':
      return sure(annotation.kind)
    case 'geometry':
      return spatialType('geometry', annotation.crs, null)
    case 'geography':
      return spatialType('geography', annotation.crs, annotation.edges)
    case 'decimal':
      return annotation.precision > 38
        ? { type: 'string', doubt: `decimal(${annotation.precision}) has more digits than Iceberg’s` }
        : sure(`decimal(${annotation.precision}, ${annotation.scale})`)
    case 'time':
      return annotation.unit === 'nanos'
        ? { type: 'time', doubt: 'has nanoseconds, time has microseconds' }
        : sure('time')
    case 'timestamp':
      return sure(`${annotation.isUtc ? 'timestamptz' : 'timestamp'}${annotation.unit === 'nanos' ? '_ns' : ''}`)
    case 'integer':
      if (annotation.isSigned) return sure(annotation.bits === 64 ? 'long' : 'int')
      if (annotation.bits === 64) return { type: 'decimal(20, 0)', doubt: 'unsigned, up to 20 digits' }
      return sure(annotation.bits === 32 ? 'long' : 'int')
    case 'float16':
      return sure('float')
    case 'null':
      return { type: 'string', doubt: ONLY_NULLS }
    case 'interval':
      return { type: `fixed[${lengthBytes}]`, doubt: 'an interval, which Iceberg does not have' }
    case 'bson':
    case 'list':
    case 'map':
    case 'variant':
    case undefined:
      return physicalLeafType(leaf)
  }
}

function physicalLeafType(leaf: SchemaNode['leaf']): LeafType {
  switch (leaf?.physicalType) {
    case 'BOOLEAN':
      return sure('boolean')
    case 'INT32':
      return sure('int')
    case 'INT64':
      return sure('long')
    case 'INT96':
      return { type: 'timestamptz', doubt: 'a time of older writers, taken as UTC' }
    case 'FLOAT':
      return sure('float')
    case 'DOUBLE':
      return sure('double')
    case 'FIXED_LEN_BYTE_ARRAY':
      return sure(`fixed[${leaf.lengthBytes}]`)
    case 'BYTE_ARRAY':
    case undefined:
      return sure('binary')
  }
}

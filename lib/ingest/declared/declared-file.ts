import type { ColumnDeclaration, TypeDeclaration } from '@/lib/changes/declaration/table-declaration'
import { UnloadableField } from '../value-reader'

/** The columns that a table needs to hold a file whose own schema says their types. */
export type DeclaredFile = {
  columns: readonly ColumnDeclaration[]
  /** By the path of names, joined by dots: why the type of a column is not certain to hold every value. */
  doubts: ReadonlyMap<string, string>
  /** Columns that no type of Iceberg holds. A load has to ignore them. */
  omitted: readonly OmittedColumn[]
}

/** @param path of the column, or of the part of it that has no type */
export type OmittedColumn = { name: string; path: string; reason: string }

export type DeclareField<Field> = (field: Field, at: string, doubts: Map<string, string>) => ColumnDeclaration

export const MAX_DECIMAL_PRECISION = 38

/** @param declare throws {@link UnloadableField} for a field that Iceberg cannot hold */
export function declareFile<Field extends { name: string }>(
  fields: readonly Field[],
  declare: DeclareField<Field>,
): DeclaredFile {
  const doubts = new Map<string, string>()
  const omitted: OmittedColumn[] = []
  const columns: ColumnDeclaration[] = []
  for (const field of fields) {
    const doubtsOfField = new Map<string, string>()
    try {
      columns.push(declare(field, field.name, doubtsOfField))
      for (const [path, doubt] of doubtsOfField) doubts.set(path, doubt)
    } catch (error) {
      if (!(error instanceof UnloadableField)) throw error
      omitted.push({ name: field.name, path: error.at, reason: error.message })
    }
  }
  return { columns, doubts, omitted }
}

/** @throws {UnloadableField} for a decimal beyond those of Iceberg */
export function decimalType(precision: number, scale: number, at: string): TypeDeclaration {
  if (!Number.isInteger(precision) || !Number.isInteger(scale) || precision < 1)
    throw new UnloadableField(at, `is a decimal with the precision ${precision} and the scale ${scale}`)
  // A negative scale adds zeros, and a scale beyond the precision adds them after the point.
  const digits = Math.max(scale < 0 ? precision - scale : precision, scale)
  if (digits <= MAX_DECIMAL_PRECISION) return `decimal(${digits}, ${Math.max(scale, 0)})`
  throw new UnloadableField(at, `is a decimal of ${digits} digits, and those of Iceberg have at most 38`)
}

/** @throws {UnloadableField} for a struct that Iceberg does not have */
export function requireStruct(names: readonly string[], at: string): void {
  if (names.length === 0) throw new UnloadableField(at, 'is a struct without fields')
  const repeated = names.find((name, i) => names.indexOf(name) !== i)
  if (repeated !== undefined) throw new UnloadableField(at, `is a struct with the field ${repeated} twice`)
}

/** @throws {UnloadableField} for a fixed type that Iceberg does not have */
export function fixedType(sizeBytes: number, at: string, doubts: Map<string, string>): TypeDeclaration {
  if (sizeBytes < 1) throw new UnloadableField(at, 'has values without bytes')
  doubts.set(at, 'loads need binary')
  return `fixed[${sizeBytes}]`
}

/** The columns with the type binary in place of fixed, into which loads do not write yet. */
export function toLoadableColumns(columns: readonly ColumnDeclaration[]): ColumnDeclaration[] {
  return columns.map((column) => ({ ...column, type: toLoadableType(column.type) }))
}

function toLoadableType(type: TypeDeclaration): TypeDeclaration {
  if (typeof type === 'string') return type.startsWith('fixed[') ? 'binary' : type
  if ('struct' in type) return { struct: toLoadableColumns(type.struct) }
  if ('list' in type) return { ...type, list: toLoadableType(type.list) }
  return { ...type, map: { key: toLoadableType(type.map.key), value: toLoadableType(type.map.value) } }
}

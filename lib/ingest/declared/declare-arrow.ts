import { ONLY_NULLS } from '@/lib/changes/declaration/declared-columns'
import type { ColumnDeclaration, TypeDeclaration } from '@/lib/changes/declaration/table-declaration'
import type { ArrowField } from '../arrow/arrow-schema'
import { UnloadableField } from '../value-reader'
import { type DeclaredFile, decimalType, declareFile, fixedType, requireStruct } from './declared-file'

type Doubts = Map<string, string>

/**
 * The columns of an Arrow file: for each type the one of Iceberg that holds all of its values. A dictionary has the type
 * of its values.
 */
export function declareArrow(fields: readonly ArrowField[]): DeclaredFile {
  return declareFile(fields, declareColumn)
}

function declareColumn(field: ArrowField, at: string, doubts: Doubts): ColumnDeclaration {
  const type = declareType(field, at, doubts)
  return { name: field.name, type, ...(isRequired(field) && { required: true }) }
}

/** A column of the type null has no values, even if it is not nullable. */
function isRequired({ isNullable, type }: ArrowField): boolean {
  return !isNullable && type.kind !== 'null'
}

function declareType({ type, children }: ArrowField, at: string, doubts: Doubts): TypeDeclaration {
  switch (type.kind) {
    case 'null':
      doubts.set(at, ONLY_NULLS)
      return 'string'
    case 'boolean':
      return 'boolean'
    case 'int':
      if (type.isSigned) return type.bits === 64 ? 'long' : 'int'
      if (type.bits < 64) return type.bits === 32 ? 'long' : 'int'
      doubts.set(at, 'unsigned, up to 20 digits')
      return 'decimal(20, 0)'
    case 'float':
      return type.bits === 64 ? 'double' : 'float'
    case 'decimal':
      return decimalType(type.precision, type.scale, at)
    case 'date':
      return 'date'
    case 'time':
      if (type.unitsPerSecond > 1_000_000n) doubts.set(at, 'has nanoseconds, time has microseconds')
      return 'time'
    case 'timestamp':
      return `timestamp${type.isInstant ? 'tz' : ''}${type.unitsPerSecond > 1_000_000n ? '_ns' : ''}`
    case 'text':
      return 'string'
    case 'bytes':
      return 'binary'
    case 'fixed':
      return type.isUuid ? 'uuid' : fixedType(type.sizeBytes, at, doubts)
    case 'struct':
      requireStruct(
        children.map(({ name }) => name),
        at,
      )
      return { struct: children.map((child) => declareColumn(child, `${at}.${child.name}`, doubts)) }
    case 'list':
    case 'fixed-list': {
      const element = requireChild(children[0], at)
      return {
        list: declareType(element, `${at}.element`, doubts),
        ...(isRequired(element) && { required: true }),
      }
    }
    case 'map':
      return mapType(children, at, doubts)
    case 'unloadable':
      throw new UnloadableField(at, `is ${type.label}, which no type of Iceberg holds`)
  }
}

function mapType(children: ArrowField['children'], at: string, doubts: Doubts): TypeDeclaration {
  const entries = requireChild(children[0], at)
  const [key, value] = [requireChild(entries.children[0], at), requireChild(entries.children[1], at)]
  const keyType = declareType(key, `${at}.key`, doubts)
  if (typeof keyType !== 'string') throw new UnloadableField(at, 'is a map whose keys are not texts, numbers or times')
  return {
    map: { key: keyType, value: declareType(value, `${at}.value`, doubts) },
    ...(isRequired(value) && { required: true }),
  }
}

function requireChild(child: ArrowField | undefined, at: string): ArrowField {
  if (child) return child
  throw new UnloadableField(at, 'lacks the type of its values')
}

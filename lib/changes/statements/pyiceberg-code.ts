import { pythonString } from '@/lib/sql/quoting'
import { stringifyExactJson } from '../../iceberg/json/exact-json'
import type { Json } from '../../iceberg/json/json'
import type { SnapshotRef } from '../../iceberg/metadata/table-metadata'
import type { SortField } from '../../iceberg/partitioning/sort-order'
import { parseTransform } from '../../iceberg/partitioning/transform'
import { parsePrimitive } from '../../iceberg/schema/primitive'
import { childFields } from '../../iceberg/schema/child-fields'
import { typeLabel } from '../../iceberg/schema/type-label'
import type { NestedField, PrimitiveType, Type } from '../../iceberg/schema/types'
import { findColumn } from '../edits/column-edits'
import {
  isMissing,
  joinParts,
  type Missing,
  type PythonImport,
  type PythonStep,
  type PythonSteps,
} from './intent-statement'
import type { RefRetention } from '../edits/ref-edits'
import type { TableDraft } from '../edits/table-draft'

/** Python for PyIceberg 0.12. */

/** Names with dots are only safe in tuples. */
export function pythonPath(path: readonly string[]): string {
  const [first = ''] = path
  if (path.length === 1 && !first.includes('.')) return pythonString(first)
  return path.length === 1 ? `(${pythonString(first)},)` : `(${path.map(pythonString).join(', ')})`
}

export function schemaStep(lines: readonly string[], imports: readonly PythonImport[] = []): PythonStep {
  return { update: 'schema', lines: lines.map((line) => `schema.${line}`), imports }
}

export function refStep(lines: readonly string[]): PythonStep {
  return { update: 'refs', lines: lines.map((line) => `refs.${line}`) }
}

export function transactionStep(line: string): PythonStep {
  return { update: 'transaction', lines: [`transaction.${line}`] }
}

export function pythonType(type: Type): string | Missing {
  if (typeof type === 'string') return pythonPrimitive(type)
  const fields = childFields(type)
  const inner = fields.map((field) => pythonType(field.type))
  const [first, second] = fields
  switch (type.type) {
    case 'struct':
      return joinParts(inner, (parts) => {
        const args = fields.map((field, i) => `types.NestedField(${fieldArguments(field, parts[i] ?? '')})`)
        return `types.StructType(${args.join(', ')})`
      })
    case 'list':
      return joinParts(
        inner,
        (parts) =>
          `types.ListType(${first?.id}, ${parts.join('')}, element_required=${pythonBoolean(type.elementRequired)})`,
      )
    case 'map':
      return joinParts(
        inner,
        ([key, value]) =>
          `types.MapType(${first?.id}, ${key}, ${second?.id}, ${value}, value_required=${pythonBoolean(type.valueRequired)})`,
      )
  }
}

function fieldArguments({ id, name, required, doc }: NestedField, type: string): string {
  const more = doc === undefined ? '' : `, doc=${pythonString(doc)}`
  return `${id}, ${pythonString(name)}, ${type}, required=${pythonBoolean(required)}${more}`
}

export function pythonBoolean(value: boolean): string {
  return value ? 'True' : 'False'
}

const PYTHON_TYPES: Readonly<Record<string, string>> = {
  boolean: 'BooleanType',
  int: 'IntegerType',
  long: 'LongType',
  float: 'FloatType',
  double: 'DoubleType',
  date: 'DateType',
  time: 'TimeType',
  timestamp: 'TimestampType',
  timestamptz: 'TimestamptzType',
  timestamp_ns: 'TimestampNanoType',
  timestamptz_ns: 'TimestamptzNanoType',
  string: 'StringType',
  uuid: 'UUIDType',
  binary: 'BinaryType',
  unknown: 'UnknownType',
}

function pythonPrimitive(type: PrimitiveType): string | Missing {
  const primitive = parsePrimitive(type)
  if (primitive.kind === 'decimal') return `types.DecimalType(${primitive.precision}, ${primitive.scale})`
  if (primitive.kind === 'fixed') return `types.FixedType(${primitive.lengthBytes})`
  const name = PYTHON_TYPES[primitive.kind]
  if (name === undefined) return { reason: `PyIceberg 0.12 cannot create columns of the type ${typeLabel(type)}.` }
  return `types.${name}()`
}

/** The value of a default, which PyIceberg converts to the type of the column. */
export function pythonDefault(type: Type, value: Json): string | Missing {
  if (typeof type !== 'string') return { reason: 'PyIceberg has no defaults of lists, maps and structs.' }
  const { kind } = parsePrimitive(type)
  if (typeof value === 'boolean') return pythonBoolean(value)
  if (typeof value !== 'string') return stringifyExactJson(value)
  return kind === 'binary' || kind === 'fixed' ? `bytes.fromhex(${pythonString(value)})` : pythonString(value)
}

export function pythonTransform(text: string): string | Missing {
  const transform = parseTransform(text)
  switch (transform.kind) {
    case 'bucket':
      return `transforms.BucketTransform(${transform.buckets})`
    case 'truncate':
      return `transforms.TruncateTransform(${transform.width})`
    case 'unknown':
      return { reason: `PyIceberg has no transform ${text}.` }
    default:
      return `transforms.${transform.kind.replace(/^./, (first) => first.toUpperCase())}Transform()`
  }
}

export function sortInPyiceberg(draft: TableDraft, fields: readonly SortField[]): PythonSteps {
  const lines = fields.map(({ sourceId, transform, direction, nullOrder }) =>
    joinParts([pythonTransform(transform)], (parts) => {
      const column = pythonString((findColumn(draft.schema, sourceId)?.path ?? []).join('.'))
      return `order.${direction}(${column}, ${parts.join('')}, NullOrder.${nullOrder.replace('-', '_').toUpperCase()})`
    }),
  )
  const missing = lines.find((line) => isMissing(line))
  if (missing !== undefined && isMissing(missing)) return missing
  return [
    {
      update: 'sort-order',
      lines: lines.length === 0 ? ['pass'] : lines.filter((line) => typeof line === 'string'),
      imports: lines.length === 0 ? [] : ['transforms', 'NullOrder'],
    },
  ]
}

/** PyIceberg sets a branch or a tag, whether it is there or not, with the retention that it is given. */
export function setRefInPyiceberg(name: string, { type, snapshotId, ...retention }: SnapshotRef): string {
  const { maxRefAgeMs, maxSnapshotAgeMs, minSnapshotsToKeep } = retention satisfies Partial<RefRetention>
  const args = [
    snapshotId,
    pythonString(name),
    ...(maxRefAgeMs === undefined ? [] : [`max_ref_age_ms=${maxRefAgeMs}`]),
    ...(maxSnapshotAgeMs === undefined ? [] : [`max_snapshot_age_ms=${maxSnapshotAgeMs}`]),
    ...(minSnapshotsToKeep === undefined ? [] : [`min_snapshots_to_keep=${minSnapshotsToKeep}`]),
  ]
  return `create_${type}(${args.join(', ')})`
}

import { UnsupportedParquet } from '../errors'
import { PHYSICAL_TYPES, REPETITIONS } from '../schema-node'
import type { ThriftStruct } from '../thrift'
import {
  i32,
  i8,
  type ThriftFields,
  type ThriftValue,
  thriftBoolean,
  thriftBytes,
  thriftList,
  thriftStruct,
  thriftText,
} from './thrift-writer'

/**
 * Writes the schema of another footer again, with every field that the format defines.
 *
 * Spec: apache/parquet-format, `parquet.thrift`, *SchemaElement*, *LogicalType*.
 *
 * @param options.instantFieldIds columns of timestamps to mark as UTC
 * @param options.addedColumns optional 64-bit integers that come after all others
 * @throws {UnsupportedParquet} for a logical type that the format does not define
 */
export function copySchema(
  elements: readonly ThriftStruct[],
  {
    instantFieldIds,
    addedColumns,
  }: { instantFieldIds: ReadonlySet<number>; addedColumns: readonly { name: string; fieldId: number }[] },
): ThriftValue {
  return thriftList('struct', [
    ...elements.map((element, i) => {
      const copy = copyElement(element, instantFieldIds)
      const isRoot = i === 0
      return thriftStruct(isRoot ? { ...copy, 5: i32((element.int(5) ?? 0) + addedColumns.length) } : copy)
    }),
    ...addedColumns.map(({ name, fieldId }) =>
      thriftStruct({
        1: i32(PHYSICAL_TYPES.indexOf('INT64')),
        3: i32(REPETITIONS.indexOf('optional')),
        4: thriftText(name),
        9: i32(fieldId),
      }),
    ),
  ])
}

function copyElement(element: ThriftStruct, instantFieldIds: ReadonlySet<number>): ThriftFields {
  const fieldId = element.int(9)
  const logical = element.struct(10)
  const isInstant = fieldId !== undefined && instantFieldIds.has(fieldId)
  return {
    1: copyInt(element, 1),
    2: copyInt(element, 2),
    3: copyInt(element, 3),
    4: thriftText(element.text(4) ?? ''),
    5: copyInt(element, 5),
    6: copyInt(element, 6),
    7: copyInt(element, 7),
    8: copyInt(element, 8),
    9: copyInt(element, 9),
    10: logical && thriftStruct(copyLogicalType(logical, isInstant)),
  }
}

function copyLogicalType(logical: ThriftStruct, isInstant: boolean): ThriftFields {
  for (const field of WITHOUT_PARAMETERS) if (logical.has(field)) return { [field]: thriftStruct({}) }
  for (const [field, copy] of WITH_PARAMETERS) {
    const type = logical.struct(field)
    if (type) return { [field]: thriftStruct(copy(type, isInstant)) }
  }
  throw new UnsupportedParquet('a column has a logical type that Lakeshore does not know')
}

/** Text, map, list, enum, date, null, JSON, BSON, UUID, half float. */
const WITHOUT_PARAMETERS = [1, 2, 3, 4, 6, 11, 12, 13, 14, 15]

const copyTime = (time: ThriftStruct, isInstant: boolean): ThriftFields => {
  const unit = time.struct(2)
  const field = [1, 2, 3].find((number) => unit?.has(number))
  if (field === undefined) throw new UnsupportedParquet('a column has a unit of time that Lakeshore does not know')
  return {
    1: thriftBoolean(isInstant || time.bool(1) === true),
    2: thriftStruct({ [field]: thriftStruct({}) }),
  }
}

const WITH_PARAMETERS: readonly (readonly [number, (type: ThriftStruct, isInstant: boolean) => ThriftFields])[] = [
  // Decimal: scale and precision.
  [5, (type) => ({ 1: copyInt(type, 1), 2: copyInt(type, 2) })],
  // Time of day, timestamp.
  [7, copyTime],
  [8, copyTime],
  // Integer: bits, whether signed.
  [10, (type) => ({ 1: i8(type.int(1) ?? 32), 2: thriftBoolean(type.bool(2) ?? true) })],
  // Variant: version of its specification.
  [16, (type) => ({ 1: type.has(1) ? i8(type.int(1) ?? 1) : undefined })],
  // Geometry: reference system. Geography: the same, and how edges are interpolated.
  [17, (type) => ({ 1: copyBytes(type, 1) })],
  [18, (type) => ({ 1: copyBytes(type, 1), 2: copyInt(type, 2) })],
]

function copyInt(struct: ThriftStruct, field: number): ThriftValue | undefined {
  const value = struct.int(field)
  return value === undefined ? undefined : i32(value)
}

function copyBytes(struct: ThriftStruct, field: number): ThriftValue | undefined {
  const value = struct.bytes(field)
  return value && thriftBytes(value)
}

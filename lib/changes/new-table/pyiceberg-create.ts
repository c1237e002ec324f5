import { pythonString } from '@/lib/sql/quoting'
import type { TableIdentifier } from '../../names/identifiers'
import { isMissing, joinParts, type Missing } from '../statements/intent-statement'
import { pythonBoolean, pythonDefault, pythonTransform, pythonType } from '../statements/pyiceberg-code'
import { FIRST_PARTITION_FIELD_ID } from '../../iceberg/partitioning/partition-spec-json'
import type { NestedField } from '../../iceberg/schema/types'
import type { Created, NewTable } from './created'

/** Python for PyIceberg 0.12 that creates a table. */
export function createInPyiceberg(
  { namespace, table }: TableIdentifier,
  { draft: { schema, partitionFields, sortFields, formatVersion, properties }, location }: NewTable,
): Created {
  const fields = joinParts(schema.fields.map(nestedField), (parts) => parts.map((part) => `    ${part},\n`).join(''))
  const spec = joinParts(
    partitionFields.map(({ sourceId, name, transform }, i) =>
      joinParts(
        [pythonTransform(transform)],
        (parts) =>
          `    PartitionField(${sourceId}, ${FIRST_PARTITION_FIELD_ID + i}, ${parts.join('')}, ${pythonString(name)}),\n`,
      ),
    ),
    (parts) => parts.join(''),
  )
  const order = joinParts(
    sortFields.map(({ sourceId, transform, direction, nullOrder }) =>
      joinParts([pythonTransform(transform)], (parts) => {
        const nulls = `NullOrder.${nullOrder.replace('-', '_').toUpperCase()}`
        return `    SortField(${sourceId}, ${parts.join('')}, SortDirection.${direction.toUpperCase()}, ${nulls}),\n`
      }),
    ),
    (parts) => parts.join(''),
  )
  if (isMissing(fields)) return fields
  if (isMissing(spec)) return spec
  if (isMissing(order)) return order
  const { identifierFieldIds } = schema
  const entries = Object.entries({ 'format-version': String(formatVersion), ...properties })
  const hasTransforms = partitionFields.length > 0 || sortFields.length > 0
  const lines = [
    `from pyiceberg import ${hasTransforms ? 'transforms, types' : 'types'}`,
    ...(partitionFields.length > 0 ? ['from pyiceberg.partitioning import PartitionField, PartitionSpec'] : []),
    'from pyiceberg.schema import Schema',
    ...(sortFields.length > 0
      ? ['from pyiceberg.table.sorting import NullOrder, SortDirection, SortField, SortOrder']
      : []),
    '',
    '# catalog is what load_catalog returns.',
    `schema = Schema(\n${fields}${identifierFieldIds.length > 0 ? `    identifier_field_ids=[${identifierFieldIds.join(', ')}],\n` : ''})`,
    ...(partitionFields.length > 0 ? [`spec = PartitionSpec(\n${spec})`] : []),
    ...(sortFields.length > 0 ? [`order = SortOrder(\n${order})`] : []),
    'table = catalog.create_table(',
    `    (${[...namespace, table].map(pythonString).join(', ')}),`,
    '    schema=schema,',
    ...(location === null ? [] : [`    location=${pythonString(location)},`]),
    ...(partitionFields.length > 0 ? ['    partition_spec=spec,'] : []),
    ...(sortFields.length > 0 ? ['    sort_order=order,'] : []),
    `    properties={${entries.map(([key, value]) => `${pythonString(key)}: ${pythonString(value)}`).join(', ')}},`,
    ')',
  ]
  return { statements: [lines.join('\n')], missing: [] }
}

function nestedField({ id, name, type, required, doc, initialDefault, writeDefault }: NestedField): string | Missing {
  const values = [initialDefault, writeDefault].map((value) => (value === undefined ? '' : pythonDefault(type, value)))
  return joinParts([pythonType(type), ...values], ([text = '', initial = '', write = '']) => {
    const args = [
      String(id),
      pythonString(name),
      text,
      `required=${pythonBoolean(required)}`,
      ...(doc === undefined ? [] : [`doc=${pythonString(doc)}`]),
      ...(initial === '' ? [] : [`initial_default=${initial}`]),
      ...(write === '' ? [] : [`write_default=${write}`]),
    ]
    return `types.NestedField(${args.join(', ')})`
  })
}

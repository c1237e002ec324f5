import { toPlainNumbers } from '../../iceberg/json/plain-numbers'
import { currentSchema, defaultSortOrder, defaultSpec } from '../../iceberg/metadata/current-layout'
import type { TableMetadata } from '../../iceberg/metadata/table-metadata'
import { parseTransform } from '../../iceberg/partitioning/transform'
import { indexFields } from '../../iceberg/schema/schema'
import type { NestedField, Type } from '../../iceberg/schema/types'
import { isSafetyTagName } from '../edits/safety-tag-name'
import type { ColumnDeclaration, RefDeclaration, TableDeclaration, TypeDeclaration } from './table-declaration'

/**
 * The table as it is, in every section. Its columns have their ids, so that a rename in the file is one. Safety tags of
 * the console are left out: most end by themselves, and a file with them would then no longer fit the table.
 */
export function toDeclaration(metadata: TableMetadata): TableDeclaration {
  const schema = currentSchema(metadata)
  const paths = indexFields(schema)
  const pathOf = (fieldId: number): string => paths.get(fieldId)?.path.join('.') ?? `column ${fieldId}`
  const { formatVersion } = metadata
  return {
    // Lakeshore creates no table of a draft version, so no file asks for it.
    ...(formatVersion !== 4 && { 'format-version': formatVersion }),
    columns: schema.fields.map((field) => columnToDeclaration(field, { hasIds: true })),
    'identifier-fields': schema.identifierFieldIds.map(pathOf),
    'partition-fields': defaultSpec(metadata)
      .fields.filter(({ transform }) => parseTransform(transform).kind !== 'void')
      .map(({ name, sourceId, transform }) => ({ name, column: pathOf(sourceId), transform })),
    'sort-fields': defaultSortOrder(metadata).fields.map(({ sourceId, transform, direction, nullOrder }) => ({
      column: pathOf(sourceId),
      transform,
      direction,
      'null-order': nullOrder,
    })),
    properties: metadata.properties,
    refs: Object.fromEntries(
      Object.entries(metadata.refs)
        .filter(([name, { type }]) => !(type === 'tag' && isSafetyTagName(name)))
        .map(([name, ref]): [string, RefDeclaration] => [
          name,
          {
            ...(ref.minSnapshotsToKeep !== undefined && { 'min-snapshots-to-keep': ref.minSnapshotsToKeep }),
            ...(ref.maxSnapshotAgeMs !== undefined && { 'max-snapshot-age-ms': ref.maxSnapshotAgeMs }),
            ...(ref.maxRefAgeMs !== undefined && { 'max-ref-age-ms': ref.maxRefAgeMs }),
          },
        ]),
    ),
  }
}

/** @param hasIds whether the columns have their ids, by which they are found in the table again */
export function columnToDeclaration(field: NestedField, options: { hasIds: boolean }): ColumnDeclaration {
  return {
    name: field.name,
    ...(options.hasIds && { id: field.id }),
    type: typeToDeclaration(field.type, options),
    ...(field.required && { required: true }),
    ...(field.doc !== undefined && { doc: field.doc }),
    ...(field.initialDefault !== undefined && { 'initial-default': toPlainNumbers(field.initialDefault) }),
    ...(field.writeDefault !== undefined && { 'write-default': toPlainNumbers(field.writeDefault) }),
  }
}

function typeToDeclaration(type: Type, options: { hasIds: boolean }): TypeDeclaration {
  if (typeof type === 'string') return type
  switch (type.type) {
    case 'struct':
      return { struct: type.fields.map((field) => columnToDeclaration(field, options)) }
    case 'list':
      return { list: typeToDeclaration(type.element, options), ...(type.elementRequired && { required: true }) }
    case 'map':
      return {
        map: { key: typeToDeclaration(type.key, options), value: typeToDeclaration(type.value, options) },
        ...(type.valueRequired && { required: true }),
      }
  }
}

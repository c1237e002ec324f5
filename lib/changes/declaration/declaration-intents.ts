import { AppError } from '@/lib/errors'
import type { Intent } from '../intents/intent'
import { retentionOf } from '../edits/ref-edits'
import { isSameTerm } from '../edits/layout-rules'
import { currentSchema, defaultSortOrder, defaultSpec } from '../../iceberg/metadata/current-layout'
import { findRef } from '../../iceberg/metadata/snapshot-graph'
import type { TableMetadata } from '../../iceberg/metadata/table-metadata'
import { normalizeTransform, parseTransform } from '../../iceberg/partitioning/transform'
import { isReservedProperty } from '../../iceberg/properties/table-properties'
import { propertyValue } from '../../iceberg/properties/property-value'
import { findFieldByName, type IndexedField, indexFields } from '../../iceberg/schema/schema'
import { columnIntents } from './column-intents'
import type { PartitionFieldDeclaration, SortFieldDeclaration, TableDeclaration } from './table-declaration'

/**
 * The intents that make a table match a declaration; empty if it already matches. Columns that the same file adds
 * cannot be partitioned or sorted by at once, since they have no id before they are committed.
 *
 * @throws {AppError} invalid-request for a change that the table does not allow
 */
export function declarationIntents(metadata: TableMetadata, declaration: TableDeclaration): Intent[] {
  const { columns, properties } = declaration
  return [
    ...formatIntents(metadata, declaration['format-version']),
    ...(columns ? columnIntents(currentSchema(metadata).fields, columns, { id: null, path: [] }) : []),
    ...identifierIntents(metadata, declaration),
    ...partitionIntents(metadata, declaration),
    ...sortIntents(metadata, declaration),
    ...(properties ? propertyIntents(metadata, properties) : []),
    ...refIntents(metadata, declaration.refs ?? {}),
  ]
}

function formatIntents({ formatVersion: base }: TableMetadata, requested: 1 | 2 | 3 | undefined): Intent[] {
  if (requested === undefined || requested === base) return []
  if (requested < base || requested === 1)
    throw new AppError(
      'invalid-request',
      `The table has format version ${base}, which cannot become ${requested} again.`,
    )
  return [{ kind: 'upgrade-format-version', formatVersion: requested, base }]
}

function identifierIntents(metadata: TableMetadata, declaration: TableDeclaration): Intent[] {
  const requested = declaration['identifier-fields']
  if (requested === undefined) return []
  const found = requested.map((name) => requireColumn(metadata, declaration, name, 'identifier-fields'))
  const fieldIds = found.map(({ field }) => field.id)
  const base = currentSchema(metadata).identifierFieldIds
  if (sameIds(fieldIds, base)) return []
  return [{ kind: 'set-identifier-fields', fieldIds, columns: found.map(({ path }) => path), base }]
}

function sameIds(a: readonly number[], b: readonly number[]): boolean {
  return new Set([...a, ...b]).size === new Set(a).size && new Set(a).size === new Set(b).size
}

/** The order of partition fields does not matter to any reader, so a file may have them in another one. */
function partitionIntents(metadata: TableMetadata, declaration: TableDeclaration): Intent[] {
  const requested = declaration['partition-fields']
  if (requested === undefined) return []
  const current = defaultSpec(metadata).fields.filter(({ transform }) => parseTransform(transform).kind !== 'void')
  const resolved = requested.map((field) => ({
    ...field,
    source: requireColumn(metadata, declaration, field.column, 'partition-fields'),
  }))
  const match = ({ source, transform }: { source: IndexedField } & PartitionFieldDeclaration) =>
    current.find((field) => isSameTerm(field, { sourceId: source.field.id, transform }))
  const retained = new Set(resolved.map(match))
  return [
    ...current
      .filter((field) => !retained.has(field))
      .map(({ fieldId, name }): Intent => ({ kind: 'remove-partition-field', fieldId, name })),
    ...resolved.flatMap((field): Intent[] => {
      const known = match(field)
      const { name, transform, source } = field
      if (!known) {
        return [{ kind: 'add-partition-field', sourceId: source.field.id, source: source.path, transform, name }]
      }
      return known.name === name
        ? []
        : [{ kind: 'rename-partition-field', fieldId: known.fieldId, name, base: known.name }]
    }),
  ]
}

function sortIntents(metadata: TableMetadata, declaration: TableDeclaration): Intent[] {
  const requested = declaration['sort-fields']
  if (requested === undefined) return []
  const fields = requested.map(({ column, transform, direction, 'null-order': nullOrder }: SortFieldDeclaration) => {
    const { field, path } = requireColumn(metadata, declaration, column, 'sort-fields')
    return { sourceId: field.id, source: path, transform, direction, nullOrder }
  })
  const current = defaultSortOrder(metadata)
  const key = ({
    sourceId,
    transform,
    direction,
    nullOrder,
  }: (typeof fields)[number] | (typeof current.fields)[number]) =>
    JSON.stringify([sourceId, normalizeTransform(transform), direction, nullOrder])
  const isSame = fields.map(key).join() === current.fields.map(key).join()
  return isSame ? [] : [{ kind: 'replace-sort-order', fields, base: current.orderId }]
}

function propertyIntents(metadata: TableMetadata, requested: Readonly<Record<string, string>>): Intent[] {
  const sets = Object.entries(requested).flatMap(([key, value]): Intent[] => {
    const base = propertyValue(metadata.properties, key)
    return base === value ? [] : [{ kind: 'set-property', key, value, base }]
  })
  const removals = Object.entries(metadata.properties)
    .filter(([key]) => !Object.hasOwn(requested, key) && !isReservedProperty(key))
    .map(([key, base]): Intent => ({ kind: 'remove-property', key, base }))
  return [...sets, ...removals]
}

function refIntents(metadata: TableMetadata, requested: NonNullable<TableDeclaration['refs']>): Intent[] {
  return Object.entries(requested).flatMap(([refName, declared]): Intent[] => {
    const ref = findRef(metadata, refName)
    if (!ref)
      throw new AppError('invalid-request', `The table has no branch or tag ${refName}.`, { facts: { refName } })
    const base = retentionOf(ref)
    const retention = {
      minSnapshotsToKeep: declared['min-snapshots-to-keep'] ?? null,
      maxSnapshotAgeMs: declared['max-snapshot-age-ms'] ?? null,
      maxRefAgeMs: declared['max-ref-age-ms'] ?? null,
    }
    return JSON.stringify(base) === JSON.stringify(retention)
      ? []
      : [{ kind: 'set-ref-retention', refName, retention, base }]
  })
}

/** A column by its dotted name: the one in the file, which may rename it, or the one in the table. */
function requireColumn(
  metadata: TableMetadata,
  { columns }: TableDeclaration,
  name: string,
  section: string,
): IndexedField {
  const schema = currentSchema(metadata)
  const renamed = columns?.find((column) => column.name === name && column.id !== undefined)
  const found =
    renamed?.id === undefined ? findFieldByName(schema, name) : (indexFields(schema).get(renamed.id) ?? null)
  if (found) return found
  const isNew = columns?.some((column) => column.name === name) === true
  throw new AppError(
    'invalid-request',
    isNew
      ? `${section} names ${name}, which the same file adds: apply the column first, then use it.`
      : `${section} names ${name}, which is not a column of the table.`,
    { facts: { column: name } },
  )
}

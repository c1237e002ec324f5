import { ABOUT_KEYS } from '../../iceberg/properties/about'
import { commentText, quoteWithBackticks } from '@/lib/sql/quoting'
import { trinoTableName } from '@/lib/sql/trino-table-name'
import { quoteIdentifier, quoteString } from '@/lib/sql/quote-identifier'
import type { TableIdentifier } from '../../names/identifiers'
import { isMissing, joinParts, type Missing, type StatementEngine } from '../statements/intent-statement'
import { sparkKeyProblem, TRINO_SETTING, trinoKeyProblem } from '../statements/property-statements'
import { sparkOrder } from '../statements/sort-statements'
import { sparkColumn, sparkString, sparkTerm, sparkType } from '../statements/spark-sql'
import { trinoFieldName, trinoPartitionTerm, trinoSortArray, trinoType } from '../statements/trino-sql'
import { CODEC_PROPERTY } from '../../iceberg/properties/compression'
import { indexFields } from '../../iceberg/schema/schema'
import type { NestedField } from '../../iceberg/schema/types'
import { DESCRIPTION_PROPERTY, type NewTableDraft } from './new-table-draft'
import type { Created, NewTable } from './created'
import { createInPyiceberg } from './pyiceberg-create'

/** The script with which an engine creates the table, and the parts of the table that it cannot create. */
export type CreateScript = {
  /** With comments for the missing parts, to copy. */
  text: string
  /** Without the comments, each a commit of its own. Empty if the engine cannot create the table. */
  statements: readonly string[]
  missing: readonly string[]
}

/** The table in the statements of other engines. */
export function createStatements(identifier: TableIdentifier, table: NewTable): Record<StatementEngine, CreateScript> {
  return {
    spark: sqlScript(createInSpark(identifier, table)),
    trino: sqlScript(createInTrino(identifier, table)),
    pyiceberg: pythonScript(createInPyiceberg(identifier, table)),
  }
}

function createInSpark({ catalog, namespace, table: name }: TableIdentifier, { draft, location }: NewTable): Created {
  const table = [catalog, ...namespace, name].map(quoteWithBackticks).join('.')
  const pathOf = columnPaths(draft)
  const columns = joinParts(draft.schema.fields.map(sparkField), indented)
  const misnamed = draft.partitionFields.find(
    (field) => trinoFieldName(pathOf(field.sourceId).join('.'), field.transform) !== field.name,
  )
  const terms = draft.partitionFields.map(({ sourceId, transform }) => sparkTerm(transform, pathOf(sourceId)))
  const partitioning = joinParts(terms, (parts) => parts.join(', '))
  if (isMissing(columns)) return columns
  if (isMissing(partitioning)) return partitioning
  if (misnamed) return { reason: `Spark would give the partition field ${misnamed.name} another name.` }
  const { [DESCRIPTION_PROPERTY]: description, [ABOUT_KEYS.owner]: owner, ...properties } = draft.properties
  const reserved = sparkKeyProblem(Object.keys(properties))
  if (reserved) return reserved
  const entries = Object.entries({ 'format-version': String(draft.formatVersion), ...properties })
  const statements = [
    [
      `CREATE TABLE ${table} ${columns}`,
      'USING iceberg',
      ...(terms.length === 0 ? [] : [`PARTITIONED BY (${partitioning})`]),
      ...(description === undefined ? [] : [`COMMENT ${sparkString(description)}`]),
      ...(location === null ? [] : [`LOCATION ${sparkString(location)}`]),
      `TBLPROPERTIES ${indented(entries.map(([key, value]) => `${sparkString(key)} = ${sparkString(value)}`))}`,
    ].join('\n'),
  ]
  const { identifierFieldIds } = draft.schema
  if (identifierFieldIds.length > 0) {
    const names = identifierFieldIds.map((id) => sparkColumn(pathOf(id)))
    statements.push(`ALTER TABLE ${table} SET IDENTIFIER FIELDS ${names.join(', ')}`)
  }
  const missing: Missing[] = []
  if (owner !== undefined) missing.push({ reason: 'Spark makes the user who creates a table its owner.' })
  if (draft.sortFields.length > 0) {
    const order = sparkOrder(pathOf, draft.sortFields)
    if (isMissing(order)) missing.push(order)
    else statements.push(`ALTER TABLE ${table} WRITE LOCALLY ORDERED BY ${order}`)
  }
  if (hasDefaults(draft)) missing.push({ reason: 'Spark 3.5 cannot set defaults of columns of an Iceberg table.' })
  if (statements.some((statement) => statement.includes('${')))
    return { reason: 'Spark would replace the ${…} in a name.' }
  return { statements, missing }
}

function sparkField(field: NestedField): string | Missing {
  return joinParts([sparkType(field.type)], (parts) =>
    [
      quoteWithBackticks(field.name),
      ...parts,
      ...(field.required ? ['NOT NULL'] : []),
      ...(field.doc === undefined ? [] : [`COMMENT ${sparkString(field.doc)}`]),
    ].join(' '),
  )
}

const FORMAT_PROPERTY = 'write.format.default'

function createInTrino(identifier: TableIdentifier, { draft, location }: NewTable): Created {
  const table = trinoTableName(identifier)
  if (table === null) return { reason: 'Trino has no name for this table.' }
  const pathOf = columnPaths(draft)
  const upper = draft.schema.fields.find(({ name }) => name !== name.toLowerCase())
  if (upper) return { reason: 'Trino writes the names of columns in lower case.' }
  const columns = joinParts(draft.schema.fields.map(trinoField), indented)
  if (isMissing(columns)) return columns
  const terms = draft.partitionFields.map(({ sourceId, name, transform }) => {
    const path = pathOf(sourceId)
    const named = trinoFieldName(path.join('.'), transform)
    if (named !== name) return { reason: `Trino would name the partition field ${name} ${named}.` }
    return trinoPartitionTerm(transform, path)
  })
  const partitioning = joinParts(terms, textArray)
  if (isMissing(partitioning)) return partitioning
  const missing: Missing[] = []
  const order = trinoSortArray(draft.schema, draft.sortFields)
  if (isMissing(order)) missing.push(order)
  if (draft.schema.identifierFieldIds.length > 0) missing.push({ reason: 'Trino has no identifier fields.' })
  if (hasDefaults(draft)) missing.push({ reason: 'Trino 476 has no defaults of columns.' })
  const {
    [DESCRIPTION_PROPERTY]: description,
    [FORMAT_PROPERTY]: format,
    [CODEC_PROPERTY]: codec,
    ...properties
  } = draft.properties
  if (codec !== undefined)
    missing.push({ reason: 'Trino 476 takes the codec from its configuration, not from a table.' })
  const refused = Object.keys(properties).flatMap((key) => trinoKeyProblem(key) ?? [])
  missing.push(...refused)
  const others = Object.entries(properties).filter(([key]) => trinoKeyProblem(key) === null)
  const settings = [
    `format_version = ${draft.formatVersion}`,
    ...(format === undefined ? [] : [`format = ${quoteString(format.toUpperCase())}`]),
    ...(terms.length === 0 ? [] : [`partitioning = ${partitioning}`]),
    ...(draft.sortFields.length === 0 || isMissing(order) ? [] : [`sorted_by = ${order}`]),
    ...(location === null ? [] : [`location = ${quoteString(location)}`]),
    ...(others.length === 0
      ? []
      : [
          `extra_properties = MAP(${textArray(others.map(([key]) => key))}, ${textArray(others.map(([, value]) => value))}) /* ${TRINO_SETTING} */`,
        ]),
  ]
  return {
    statements: [
      [
        `CREATE TABLE ${table} ${columns}`,
        ...(description === undefined ? [] : [`COMMENT ${quoteString(description)}`]),
        `WITH ${indented(settings)}`,
      ].join('\n'),
    ],
    missing,
  }
}

function trinoField(field: NestedField): string | Missing {
  return joinParts([trinoType(field.type)], (parts) =>
    [
      quoteIdentifier(field.name),
      ...parts,
      ...(field.required ? ['NOT NULL'] : []),
      ...(field.doc === undefined ? [] : [`COMMENT ${quoteString(field.doc)}`]),
    ].join(' '),
  )
}

function textArray(texts: readonly string[]): string {
  return `ARRAY[${texts.map(quoteString).join(', ')}]`
}

function indented(lines: readonly string[]): string {
  return `(\n${lines.map((line) => `  ${line}`).join(',\n')}\n)`
}

export function columnPaths({ schema }: NewTableDraft): (fieldId: number) => readonly string[] {
  const fields = indexFields(schema)
  return (fieldId) => fields.get(fieldId)?.path ?? []
}

export function hasDefaults({ schema }: NewTableDraft): boolean {
  return [...indexFields(schema).values()].some(
    ({ field }) => field.writeDefault !== undefined || field.initialDefault !== undefined,
  )
}

function sqlScript(created: Created): CreateScript {
  const { statements, missing } = toScript(created)
  const text = [...missing.map((reason) => `-- ${commentText(reason)}`), ...statements.map((one) => `${one};`)]
  return { text: text.join('\n'), statements, missing }
}

function pythonScript(created: Created): CreateScript {
  const { statements, missing } = toScript(created)
  const text = [...missing.map((reason) => `# ${commentText(reason)}`), ...statements]
  return { text: text.join('\n'), statements, missing }
}

function toScript(created: Created): Pick<CreateScript, 'statements' | 'missing'> {
  if ('reason' in created) return { statements: [], missing: [created.reason] }
  return { statements: created.statements, missing: created.missing.map(({ reason }) => reason) }
}

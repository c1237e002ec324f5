import 'server-only'
import { draftOfDeclaration } from '@/lib/changes/new-table/new-table-draft'
import type { ColumnDeclaration } from '@/lib/changes/declaration/table-declaration'
import { AppError } from '@/lib/errors'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { minFormatVersion } from '@/lib/iceberg/metadata/table-rules'
import { FORMAT_VERSION_PROPERTY } from '@/lib/iceberg/properties/table-properties'
import { schemaToJson } from '@/lib/iceberg/schema/schema-json'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import { type OmittedColumn, toLoadableColumns } from '@/lib/ingest/declared/declared-file'
import { BY_NAME, type LoadMapping } from '@/lib/ingest/load-mapping'
import type { ReadingKind } from '@/lib/ingest/readings/csv-question'
import type { IngestSpec } from '@/server/ingest/run/ingest-spec'
import { declareColumns } from '@/server/ingest/preview/declare-columns'
import type { PreviewedInput } from '@/server/ingest/preview/previewed-input'
import { type Terminal, UsageError } from '../verb'
import { requireAnswers } from './csv-answers'
import type { DeclaredTable } from './new-table-arguments'

const MAX_PRINTED_COLUMNS = 100
const MAX_OMITTED = 5

/** How the first file is read; `answered` has the kinds of values whose form the user has given. */
type Declaring = Pick<IngestSpec, 'format' | 'csv' | 'mapping'> & { answered: ReadonlySet<ReadingKind> }

/**
 * The table that `--create` declares: the columns of the first file under the names that the mapping gives them, printed
 * for the user.
 *
 * @throws {AppError} invalid-request for values that can be read in more than one way
 * @throws {UsageError} for a mapping with other sources than fields, whose types are not known
 * @throws {AppError} not-supported for columns that no type of Iceberg holds and that are not ignored; what reading throws
 */
export async function declareTable(
  open: () => Promise<PreviewedInput>,
  { format, csv, mapping = BY_NAME, answered }: Declaring,
  terminal: Pick<Terminal, 'printMessage' | 'signal'>,
): Promise<DeclaredTable> {
  const targets = toTargets(mapping)
  const input = await open()
  const declared = await declareColumns(
    input,
    { format, ...(csv && { csv }), ignoredFields: mapping.ignoredFields },
    terminal.signal,
  )
  requireAnswers(declared.questions, answered, input.name)
  requireNoOmitted(
    declared.omitted.filter(({ name }) => !mapping.ignoredFields.includes(name)),
    input.name,
  )
  const used = declared.columns.filter(({ name }) => !mapping.ignoredFields.includes(name))
  const columns = toLoadableColumns(used).flatMap((column) => renameColumn(column, targets))
  if (columns.length === 0)
    throw new AppError('invalid-request', `${input.name} has no column for a table. Nothing was loaded.`)
  const draft = draftOfDeclaration({ columns })
  const formatVersion = minFormatVersion(draft.schema)
  const from =
    declared.sampledRowCount === null
      ? `the schema of ${input.name}`
      : `the first ${formatQuantity(declared.sampledRowCount, 'row')} of ${input.name}`
  terminal.printMessage(visibleText(`The columns of the new table, by ${from}:`))
  const { fields } = draft.schema
  for (const { name, type, required } of fields.slice(0, MAX_PRINTED_COLUMNS))
    terminal.printMessage(visibleText(`  ${name} ${typeLabel(type)}${required ? ' not null' : ''}`))
  if (fields.length > MAX_PRINTED_COLUMNS)
    terminal.printMessage(`  and ${formatCount(fields.length - MAX_PRINTED_COLUMNS)} more`)
  if (declared.unreadable !== null)
    terminal.printMessage(visibleText(`Check the file: ${declared.unreadable.sentence}.`))
  for (const [path, doubt] of [...declared.doubts].slice(0, MAX_PRINTED_COLUMNS))
    terminal.printMessage(visibleText(`Check ${path}: ${doubt}.`))
  return {
    schema: stringifyExactJson(schemaToJson(draft.schema)),
    properties: formatVersion === 3 ? { [FORMAT_VERSION_PROPERTY]: '3' } : {},
  }
}

/** The columns that take each field, by its name. */
function toTargets({ columns }: LoadMapping): ReadonlyMap<string, readonly string[]> {
  const targets = new Map<string, string[]>()
  for (const [column, source] of Object.entries(columns)) {
    if (!('field' in source))
      throw new UsageError(
        `--create takes the columns of the file, and ${JSON.stringify(column)} is none: declare it with --create-schema`,
      )
    targets.set(source.field, [...(targets.get(source.field) ?? []), column])
  }
  return targets
}

function renameColumn(column: ColumnDeclaration, targets: ReadonlyMap<string, readonly string[]>): ColumnDeclaration[] {
  return (targets.get(column.name) ?? [column.name]).map((name) => ({ ...column, name }))
}

function requireNoOmitted(omitted: readonly OmittedColumn[], fileName: string): void {
  const [first] = omitted
  if (first === undefined) return
  const reasons = omitted.slice(0, MAX_OMITTED).map(({ path, reason }) => `${path} ${reason}`)
  const more = omitted.length - reasons.length
  const list = more > 0 ? [...reasons, `and ${formatCount(more)} more`] : reasons
  throw new AppError(
    'not-supported',
    `${fileName} has columns that no type of Iceberg holds: ${list.join('; ')}. Nothing was loaded. ` +
      `Leave them out, such as with --ignore ${first.name}.`,
    { facts: { file: fileName } },
  )
}

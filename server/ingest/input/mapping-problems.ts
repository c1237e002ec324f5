import 'server-only'
import { AppError } from '@/lib/errors'

/** A problem with the source of one column. */
export type ColumnProblem = {
  column: string
  /** A sentence, or the rest of one that begins with the column. */
  detail: string
  /** In its expression, a character from 1; null if the problem has no position there. */
  position: number | null
}

/**
 * The reasons why a mapping cannot load a file. A load throws the first problem of them; a preview lists them all, so that
 * a form can show them together.
 */
export class MappingProblems {
  readonly columns: ColumnProblem[] = []
  /** Columns that the mapping names and the table does not have. */
  readonly unknownColumns: string[] = []
  /** Fields of the file that fill no column and are not ignored. */
  readonly unmappedFields: string[] = []
  /** Fields that the mapping fills columns from or ignores, and that the file does not have. */
  readonly missingFields: string[] = []
  /** Columns that require a value and have neither a source nor a write default. */
  readonly missingColumns: string[] = []

  addColumn(column: string, detail: string, position: number | null = null): void {
    this.columns.push({ column, detail, position })
  }

  /** @throws {AppError} invalid-request with all problems of the first kind that has any */
  throwFirst(): void {
    if (this.unknownColumns.length > 0)
      throw namesError('The mapping names columns that the table does not have', this.unknownColumns)
    const [problem] = this.columns
    if (problem) throw columnError(problem)
    if (this.unmappedFields.length > 0)
      throw namesError(
        'The input has columns the table does not have (--ignore-extra skips them)',
        this.unmappedFields,
        {
          option: '--ignore-extra',
        },
      )
    if (this.missingFields.length > 0)
      throw namesError('The mapping names fields that the input does not have', this.missingFields)
    if (this.missingColumns.length > 0)
      throw namesError('The input lacks columns the table requires', this.missingColumns)
  }
}

function columnError({ column, detail, position }: ColumnProblem): AppError {
  const facts = { column, ...(position !== null && { position }) }
  if (position === null && /^[a-z]/.test(detail))
    return new AppError('invalid-request', `Column ${column} ${detail}`, { facts })
  const where = position === null ? '' : `, at character ${position} of its expression`
  return new AppError('invalid-request', `Column ${column}${where}: ${detail}`, { facts })
}

const SHOWN_NAMES = 20

export function namesError(what: string, names: readonly string[], facts: { option?: string } = {}): AppError {
  const different = [...new Set(names)]
  const more = different.length > SHOWN_NAMES ? ` and ${different.length - SHOWN_NAMES} more` : ''
  const shown = different
    .slice(0, SHOWN_NAMES)
    .map((name) => JSON.stringify(name))
    .join(', ')
  return new AppError('invalid-request', `${what}: ${shown}${more}.`, { facts: { columns: shown, ...facts } })
}

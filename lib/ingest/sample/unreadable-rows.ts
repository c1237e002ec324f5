import { AppError } from '../../errors'
import { formatCount, formatQuantity } from '../../format/count'
import { toleratedMisfits } from '../readings/tolerated-misfits'

/** Where a row is in its file: from further on, its line is not known, and a binary file has none. */
export type RowPosition = { line: number | null; item?: number | undefined }

/** Rows of a sample that a load rejects as a whole, whatever columns the table has. */
export type UnreadableRows = {
  count: number
  /** Whether there are more than the bad values that a sample tolerates. */
  areMany: boolean
  /** `1 of 3,000 rows cannot be read: line 1,501 has text after a closing quote` */
  sentence: string
}

type Facts = Record<string, string | number | null>

/** Counts the rows that cannot be read, and remembers the first one. */
export class UnreadableSample {
  count = 0
  #first: { position: RowPosition; reason: string; facts: Facts } | null = null

  /** @param facts of the error if the file is refused for such rows */
  add(position: RowPosition, reason: string, facts: Facts = {}): void {
    this.count += 1
    this.#first ??= { position, reason, facts }
  }

  /**
   * Refuses a file whose types are those of its rows.
   *
   * @param readCount rows that can be read
   * @throws {AppError} file-damaged if half of the rows or more cannot be read: the file is most likely written in another
   *   way, and its columns would be those of a few rows
   */
  requireFew(readCount: number): void {
    const { count } = this
    if (this.#first === null || count < readCount) return
    const { position, reason, facts } = this.#first
    const { line } = position
    const more = count === 1 ? '' : ` ${shareText(count, readCount)} cannot be read.`
    throw new AppError('file-damaged', `${capitalize(positionText(position))} ${reason}.${more}`, {
      facts: { ...(line !== null && { line }), ...facts },
    })
  }

  /** @returns null without any */
  finish(readCount: number): UnreadableRows | null {
    const { count } = this
    if (this.#first === null) return null
    const { position, reason } = this.#first
    const first = count === 1 ? positionText(position) : `the first one, ${positionText(position)},`
    return {
      count,
      areMany: count > toleratedMisfits(readCount + count),
      sentence: `${shareText(count, readCount)} cannot be read: ${first} ${reason}`,
    }
  }
}

function shareText(count: number, readCount: number): string {
  return `${formatCount(count)} of ${formatQuantity(readCount + count, 'row')}`
}

function positionText({ line, item }: RowPosition): string {
  if (line === null) return item === undefined ? 'a row further on' : `row ${formatCount(item)}`
  return item === undefined ? `line ${formatCount(line)}` : `item ${formatCount(item)} in line ${formatCount(line)}`
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

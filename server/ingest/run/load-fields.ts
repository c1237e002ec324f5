import 'server-only'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { FieldUse } from '../stage-request'

/** A longer list says how many more there are. */
const MAX_NAMES = 20

/** The columns and fields of all files of a load that did not meet. */
export class LoadFields {
  #fileCount = 0
  readonly #absent = new Map<string, number>()
  readonly #skipped = new Map<string, number>()

  /** Adds those of the next file. */
  add({ absentColumns, skippedFields }: FieldUse): void {
    this.#fileCount += 1
    for (const name of absentColumns) this.#absent.set(name, (this.#absent.get(name) ?? 0) + 1)
    for (const name of skippedFields) this.#skipped.set(name, (this.#skipped.get(name) ?? 0) + 1)
  }

  /** The columns for which no file has a field. */
  get absentEverywhere(): string[] {
    return [...this.#absent].filter(([, count]) => count === this.#fileCount).map(([name]) => name)
  }

  /** `symbol, price (not in 1 of 3 files)`; null if no column was absent. */
  get absentColumns(): string | null {
    return this.#list(this.#absent, 'not in')
  }

  get skippedFields(): string | null {
    return this.#list(this.#skipped, 'in')
  }

  #list(counts: ReadonlyMap<string, number>, where: string): string | null {
    if (counts.size === 0) return null
    const names = [...counts].slice(0, MAX_NAMES).map(([name, count]) => {
      const label = toLabel(name)
      return count === this.#fileCount
        ? label
        : `${label} (${where} ${formatCount(count)} of ${formatQuantity(this.#fileCount, 'file')})`
    })
    const moreCount = counts.size - names.length
    return [...names, ...(moreCount > 0 ? [`${formatCount(moreCount)} more`] : [])].join(', ')
  }
}

/** Sentences about them, for the log of the run and the command line. */
export function fieldLines({
  absentColumns,
  skippedFields,
}: Pick<LoadFields, 'absentColumns' | 'skippedFields'>): string[] {
  return [
    ...(absentColumns === null
      ? []
      : [`No field for these columns, which get their default or null: ${absentColumns}.`]),
    ...(skippedFields === null ? [] : [`Fields without a column, left out: ${skippedFields}.`]),
  ]
}

/** A name in quotes if it could be taken for several; long ones are shortened. */
function toLabel(name: string): string {
  const short = name.length > MAX_NAME_CHARS ? `${name.slice(0, MAX_NAME_CHARS)}…` : name
  return /^[^\s,"()]+$/.test(short) ? short : JSON.stringify(short)
}

const MAX_NAME_CHARS = 60

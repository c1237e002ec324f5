import type { PastLoad } from '@/lib/client/jobs/past-load'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { READING_KINDS } from '@/lib/ingest/readings/csv-question'
import { toEditable } from './correction/editable-text'
import type { AllowedRejects, Choices } from './use-load-draft'

/** A load whose rejected rows are corrected. */
export type CorrectedLoad = { runId: string; past: PastLoad }

/** A load that this one continues: with its rejected rows, or, if it loaded nothing, with all its files. */
export type Continued = {
  runId: string
  past: PastLoad
  /** The load that the continued one was to correct, if that one loaded nothing: this one corrects it instead. */
  parent: CorrectedLoad | null
  /** The rejected rows as text; null if there are none, or too many to correct them on a page. */
  rejectedText: string | null
}

/** Whether the load that is continued has loaded all other rows. */
export function isCorrection({ past }: Pick<Continued, 'past'>): boolean {
  return past.recordsSaved > 0
}

/** The load whose rejected rows this one has; null if its rows are new. */
export function findCorrected(continued: Continued | null): CorrectedLoad | null {
  if (continued === null) return null
  return isCorrection(continued) ? continued : continued.parent
}

/**
 * The choices of the earlier load. Rejected rows are added to the rows that it loaded: a load that replaced others would
 * now replace those.
 */
export function toChoices(continued: Continued): Choices {
  const { past, rejectedText } = continued
  const { format, mapping } = past
  // The form looks whether the branch exists now.
  const { branchMustExist: _, ...landing } = past.landing
  const csv = past.csv ?? CSV_DEFAULTS
  if (!isCorrection(continued))
    return {
      format,
      csv,
      mapping,
      rejects: toRejects(past),
      landing,
      answered: READING_KINDS.filter((kind) => kind !== past.question?.kind),
      allowsNullColumns: past.allowNullColumns,
      allowsAmbiguousNumbers: past.allowAmbiguousNumbers,
    }
  return {
    // Rejected records of other formats are saved as lines of JSON.
    format: format === 'csv' || format === 'parquet' ? format : 'ndjson',
    // A page sends its texts as UTF-8.
    csv: rejectedText === null || toEditable(rejectedText) === null ? csv : { ...csv, encoding: 'utf-8' },
    mapping,
    rejects: {},
    landing: { branch: landing.branch, operation: landing.operation === 'upsert' ? 'upsert' : 'append' },
    answered: READING_KINDS,
    allowsNullColumns: past.allowNullColumns,
    allowsAmbiguousNumbers: past.allowAmbiguousNumbers,
  }
}

function toRejects({ maxRejectedRows, maxRejectedShare }: PastLoad): AllowedRejects {
  return {
    // A share alone stands for this number.
    ...(maxRejectedRows > 0 && maxRejectedRows < Number.MAX_SAFE_INTEGER && { maxRejectedRows }),
    ...(maxRejectedShare !== undefined && { maxRejectedShare }),
  }
}

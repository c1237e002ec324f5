import 'server-only'
import type { StagedInput, StagingWay } from '../stage-request'
import type { Staging } from './staging'

/** How an input becomes finished files of the table. */
export type StagingStrategy = {
  way: StagingWay
  /** Whether the strategy can work, as far as that is known before the input is read. */
  appliesTo(facts: StagingFacts): boolean
  /**
   * Null when the input turned out to need another strategy: its rows cannot be read or checked in this one. The staging
   * folder has no finished files then.
   *
   * @throws {AppError} when no other strategy would succeed either
   */
  stage(staging: Staging): Promise<StagedInput | null>
}

export type StagingFacts = {
  isPartitioned: boolean
  /** The table has columns without data in its files. */
  hasUnstoredColumns: boolean
  /** Rows of the table must not repeat a key, which is known only when all of them were read. */
  hasUniqueRules: boolean
  /** DuckDB cannot read the input exactly before it is rewritten. */
  needsRewriting: boolean
}

/** The last one is about long records, which the exact reader passes on one after another. */
const ROW_ERROR =
  /^((Invalid Input|Conversion|Parser|Out of Range) Error|Not implemented Error: The Parallel CSV Reader)/

/** Errors that say that a row is wrong, so that reading row by row will find it. */
export function isRowError(error: unknown): boolean {
  return error instanceof Error && ROW_ERROR.test(error.message)
}

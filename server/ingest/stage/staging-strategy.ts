import 'server-only'
import type { StageResult } from '../stage-request'
import type { Staging } from './staging'

/** How an input becomes finished files of the table. */
export type StagingStrategy = {
  /** Whether the strategy can work, as far as that is known before the input is read. */
  appliesTo(facts: StagingFacts): boolean
  /**
   * Null when the input turned out to need another strategy: its rows cannot be read or checked in this one. The staging
   * folder has no finished files then.
   *
   * @throws {AppError} when no other strategy would succeed either
   */
  stage(staging: Staging): Promise<StageResult | null>
}

export type StagingFacts = {
  isPartitioned: boolean
  /** The table has columns without data in its files. */
  hasUnstoredColumns: boolean
  /** DuckDB cannot read the input exactly before it is rewritten. */
  needsRewriting: boolean
}

/** Errors that say that a row is wrong, so that reading row by row will find it. */
export function isRowError(error: unknown): boolean {
  return error instanceof Error && /^(Invalid Input|Conversion|Parser|Out of Range) Error/.test(error.message)
}

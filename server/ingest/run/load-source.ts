import 'server-only'
import type { JsonObject } from '@/lib/iceberg/json/json'
import type { FileCounts } from './ingest-outcome'
import type { IngestSpec } from './ingest-spec'
import type { LocatedVersion } from './load-inputs'

/** The rows of a load, before they are staged. */
export type LoadSource = {
  /**
   * Called when the target was found, and before anything is written to it.
   *
   * @param folder of the run, for files of its own
   */
  listInput(folder: string): Promise<IngestSpec['input']>
  /** Called when the files are staged, and before anything is committed. */
  beforeCommit?(files: readonly LocatedVersion[]): Promise<void>
  /** Which files it took and left, once the input is listed. */
  readonly fileCounts?: FileCounts
  /** How far its schedule has come when the load is committed. */
  scheduleState?: JsonObject
  /** Whether its bytes are those of files, so that a repetition of them is noticed. */
  noticesRepeats: boolean
  /** How it is proposed where a policy demands two people, in a sentence. */
  proposalAdvice: string
  /** The description of the input in the summary of the snapshot. */
  summary: Readonly<Record<string, string>>
}

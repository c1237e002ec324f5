import 'server-only'
import { MAX_SMALL_LOAD_BYTES, MAX_SMALL_LOAD_FILES, type RunLane } from '@/lib/contract/loads/load-lanes'
import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { sum } from '@/lib/sum'
import type { LakeServices } from '@/server/catalog/lake-services'
import type { NewRun } from '@/server/db/jobs/runs'
import type { RunActor } from '@/server/db/jobs/task-columns'
import { clock } from '@/server/timing/clock'
import { type IngestSpec, toIngestTask } from '../ingest-spec'
import { type LoadInput, listInputs } from '../load-inputs'

export type LaneServices = Pick<LakeServices, 'config' | 'database' | 'stores'>

/** Texts are seldom compressed further. One that is holds up small loads only, for as long as it takes. */
const MAX_UNPACKED_FACTOR = 16
/** For a store that does not answer: the run waits for it longer. */
const MAX_SIZING_MS = 3_000
const COMPRESSED_NAME = /[.](gz|gzip|zst|zstd)$/i

/** The run of a load, in the lane that its files belong to now. It is queued by the caller. */
export async function toIngestRun(
  services: LaneServices,
  table: TableIdentifier,
  spec: IngestSpec,
  { actor, signal }: { actor: RunActor; signal: AbortSignal },
): Promise<NewRun> {
  const lane = await chooseLane(services, spec, { userId: actor.userId, signal })
  return { ...toIngestTask(table, spec, actor), lane }
}

/**
 * The small lane for a few files of which all sizes are known now; the common one if any is not, as of a URL or of the
 * files that will match a pattern.
 */
async function chooseLane(
  services: LaneServices,
  spec: IngestSpec,
  { userId, signal }: { userId: string; signal: AbortSignal },
): Promise<RunLane> {
  const { input } = spec
  if (input.length > MAX_SMALL_LOAD_FILES || input.some((source) => 'match' in source)) return 'common'
  const deadline = clock.deadline(MAX_SIZING_MS)
  try {
    const inputs = await listInputs(services, spec, { userId, signal: AbortSignal.any([signal, deadline]) })
    const sizes = inputs.map(largestBytes)
    return sizes.every((bytes) => bytes !== null) && sum(sizes) <= MAX_SMALL_LOAD_BYTES ? 'small' : 'common'
  } catch (error) {
    signal.throwIfAborted()
    // The run reads the files again, and says what is wrong with them.
    if (error instanceof AppError || deadline.aborted) return 'common'
    throw error
  }
}

/** The most that is probably read of a file; null if its size is not known. */
function largestBytes({ name, sizeBytes }: LoadInput): number | null {
  return sizeBytes !== null && COMPRESSED_NAME.test(name) ? sizeBytes * MAX_UNPACKED_FACTOR : sizeBytes
}

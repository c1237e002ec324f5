import 'server-only'
import type { RepeatedInput } from '@/lib/contract/loads/loads'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Actor } from '@/server/auth/actor'
import type { Database } from '@/server/db/database'
import { findKnownSizes } from '@/server/db/jobs/loaded-inputs'
import { canRead } from '@/server/jobs/run-view'
import { digestOf } from '../input-digest'
import { type EarlierLoad, findEarlierLoad } from './earlier-loads'

export type ComparedInput = {
  /** In the request. */
  position: number
  name: string
  /** Null if it is not known. */
  sizeBytes: number | null
  /** Fewer than `sizeBytes` while the file is being uploaded. */
  receivedBytes: number | null
  stream(signal: AbortSignal): AsyncIterable<Uint8Array>
}

/** More bytes are compared when the load reads them. */
const MAX_COMPARED_BYTES = 1024 ** 3

/**
 * Finds the inputs that a load would stop for, before it starts. Only files with the size of one that was loaded, or of
 * one before them, are read.
 *
 * @param inputs an upload that is not complete is left out
 */
export async function findRepeats(
  database: Database,
  metadata: TableMetadata,
  inputs: readonly ComparedInput[],
  { actor, signal }: { actor: Actor; signal: AbortSignal },
): Promise<RepeatedInput[]> {
  const whole = inputs.flatMap((input) =>
    input.sizeBytes !== null && input.sizeBytes > 0 && input.receivedBytes === input.sizeBytes
      ? [{ ...input, sizeBytes: input.sizeBytes }]
      : [],
  )
  const loadedSizes = await findKnownSizes(database, metadata.tableUuid, [...new Set(whole.map(toSize))])
  const bySize = Map.groupBy(whole, toSize)
  const repeats: RepeatedInput[] = []
  let comparedBytes = 0
  for (const [sizeBytes, alike] of bySize) {
    if (alike.length === 1 && !loadedSizes.has(sizeBytes)) continue
    const firstPositions = new Map<string, number>()
    for (const { name: fileName, position, stream } of alike) {
      const found = { position, fileName, load: null, sameAs: null }
      comparedBytes += sizeBytes
      if (comparedBytes > MAX_COMPARED_BYTES) {
        repeats.push({ ...found, same: 'size' })
        continue
      }
      const { sha256 } = await digestOf(stream(signal))
      const sameAs = firstPositions.get(sha256)
      const earlier = loadedSizes.has(sizeBytes)
        ? await findEarlierLoad(database, metadata, { sizeBytes, sha256 }, null)
        : null
      if (earlier !== null) repeats.push({ ...found, same: 'as-loaded', load: toVisibleLoad(earlier, actor) })
      else if (sameAs !== undefined) repeats.push({ ...found, same: 'as-input', sameAs })
      else firstPositions.set(sha256, position)
    }
  }
  return repeats.toSorted((one, other) => one.position - other.position)
}

function toSize({ sizeBytes }: { sizeBytes: number }): number {
  return sizeBytes
}

function toVisibleLoad({ run, fileName, rowsCommitted }: EarlierLoad, actor: Actor): RepeatedInput['load'] {
  if (!canRead(actor, run)) return null
  const { id: runId, finishedAtMs } = run
  return { runId, fileName, username: run.actor.username, finishedAtMs, rowCount: rowsCommitted }
}

import { toMebibytes } from '@/lib/parquet/decode-limits'
import { OversizedParquet } from '@/lib/parquet/errors'
import type { ReserveMemory } from '@/lib/parquet/values'

/** Counts down and throws at the limit, because a file may claim any size. */
export function createBudget(limitBytes: number, describeExcess: (limit: string) => string): ReserveMemory {
  let remainingBytes = limitBytes
  return (bytes) => {
    remainingBytes -= bytes
    if (remainingBytes < 0) throw new OversizedParquet(describeExcess(toMebibytes(limitBytes)))
  }
}

import 'server-only'
import type { Metrics } from '@/lib/iceberg/manifest/manifest'
import type { Value } from '@/lib/iceberg/schema/types'
import type { DataFileSizes } from '@/server/db/catalog/data-file-sizes'

/** One finished file in the staging folder. */
export type StagedFile = {
  stagedPath: string
  /** `{stem}_{ulid}.parquet` */
  fileName: string
  partition: readonly (Value | null)[]
  recordCount: number
  fileSizeBytes: number
  metrics: Metrics
  /** Where row groups begin, ascending. */
  splitOffsets: readonly number[]
  /** Plain bytes are counted, never estimated. */
  sizes: DataFileSizes & { plainBytes: number }
}

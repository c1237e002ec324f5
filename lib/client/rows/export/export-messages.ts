import type { SignedScanPlan } from '@/lib/contract/table/scan'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { EncodedRows } from '@/lib/scan/output/encode-rows'
import type { OutputFilter } from '@/lib/scan/output/encode-scan'
import type { RowFormat } from '@/lib/scan/output/row-encoder'
import type { SerializedError } from '../serialized-error'

/** The rows to export. */
export type ExportJob = {
  plan: SignedScanPlan
  /** The columns, in order, with their initial defaults. */
  fields: readonly NestedField[]
  format: RowFormat
  filter: OutputFilter | null
  /** For each row its position among the rows of the scan that pass the filter; null in the order of the files. */
  order: Uint32Array | null
}

/** Each `pull` gets one `piece`, or `failed`. */
export type ExportRequest = { kind: 'start'; job: ExportJob } | { kind: 'pull' }

export type ExportReply =
  | { kind: 'piece'; piece: EncodedRows | null /** Null after the last one. */ }
  | { kind: 'failed'; error: SerializedError }

import { useQuery } from '@tanstack/react-query'
import { type LoadOptions, loadSampleQuery } from '@/lib/client/jobs/loads'
import type { PageUpload } from '@/lib/client/uploads/page-upload'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import type { RequestedInput } from '@/lib/contract/shapes/load-options'
import type { TableDetail } from '@/lib/contract/table/tables'
import { targetFileSize } from '@/lib/iceberg/properties/target-file-size'
import { MAX_WHOLE_BYTES } from '@/lib/ingest/sample/spread-sample'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { LocationFile } from '../locations/location-files'
import { estimateLoad, type LoadEstimate } from './load-estimate'

type SampledLoad = {
  detail: Pick<TableDetail, 'properties'>
  files: readonly PageUpload[]
  located: readonly LocationFile[]
  /** Null without a file that can be read. */
  input: RequestedInput | null
  options: LoadOptions
  /** Undefined while it is read, and while it is of other options. */
  preview: LoadPreview | undefined
}

/** The figures of a load, from a sample; null while it is not known, or cannot be. */
export type SampledEstimate = {
  estimate: LoadEstimate | null
  isReading: boolean
  error: Error | null
  /** Whether a file of this format and size has a sample. */
  isPossible: boolean
}

/**
 * Reads a sample from all over the first file once it is complete, and nothing else would stop the load: the sample is
 * written as the load would write it.
 */
export function useLoadEstimate(table: TableIdentifier, load: SampledLoad): SampledEstimate {
  const { detail, files, located, input, options, preview } = load
  const sizes = [
    ...files.map(({ fileName, sizeBytes }) => ({ fileName, sizeBytes })),
    ...located.map(({ fileName, sizeBytes, fileCount }) => ({
      fileName,
      sizeBytes: fileCount === 1 ? sizeBytes : null,
    })),
  ]
  const [first] = sizes
  const isComplete = files.length === 0 || files[0]?.state === 'complete'
  const isDivided = options.format === 'csv' || options.format === 'ndjson'
  const isSampled = isDivided || (first?.sizeBytes ?? Infinity) <= MAX_WHOLE_BYTES
  const enabled = input !== null && isComplete && isSampled && preview !== undefined && !isStopped(preview)
  const sample = useQuery({ ...loadSampleQuery(table, input ?? { uploadId: '' }, options), enabled })
  const { targetBytes } = targetFileSize(detail.properties)
  return {
    estimate: enabled && sample.data ? estimateLoad(sample.data, { files: sizes, targetBytes }) : null,
    isReading: enabled && sample.isPending,
    error: enabled ? sample.error : null,
    isPossible: isSampled,
  }
}

function isStopped(preview: LoadPreview): boolean {
  const { missingFields, unknownColumns, unmappedFields, missingColumns, columns } = preview
  return (
    [missingFields, unknownColumns, unmappedFields, missingColumns].some(({ length }) => length > 0) ||
    columns.some(({ problem }) => problem !== null)
  )
}

import { PartitionBars } from '@/components/chart/partition-bars'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { LoadEstimate } from './load-estimate'
import classes from './sample.module.css'
import type { SampledEstimate } from './use-load-estimate'

/** More files than this of less than 1 MiB are worth a word: readers open each of them. */
const MANY_FILES = 100
const SMALL_BYTES = 1024 * 1024

/**
 * The files that the load would write, by partition, simulated on the sample.
 *
 * @param partitionedBy the partition spec as people read it; empty without one
 */
export function SampledPartitions({
  sampled: { estimate, isReading, error },
  partitionedBy,
}: {
  sampled: SampledEstimate
  partitionedBy: string
}) {
  return (
    <div className={classes.partitions} role="region" aria-label="Files by partition" aria-busy={isReading}>
      {estimate === null ? (
        <p className="bare secondary dense">
          {isReading && 'Simulating the files of the load …'}
          {error && `The files of the load cannot be simulated: ${error.message}`}
        </p>
      ) : (
        <Simulated estimate={estimate} partitionedBy={partitionedBy} />
      )}
    </div>
  )
}

function Simulated({ estimate, partitionedBy }: { estimate: LoadEstimate; partitionedBy: string }) {
  const { dataFiles, storedBytes, sample } = estimate
  const { partitions, partitionCount } = sample
  const averageBytes = storedBytes / Math.max(1, dataFiles)
  return (
    <>
      <h3 className={classes.heading}>{describeFiles(estimate, partitionedBy)}</h3>
      {partitionCount > 1 && (
        <>
          <PartitionBars partitions={partitions} />
          <p className="bare secondary dense">
            {partitionedBy}, simulated
            {partitionCount > partitions.length &&
              `; the ${formatCount(partitions.length)} with the most rows are drawn`}
          </p>
        </>
      )}
      {dataFiles > MANY_FILES && averageBytes < SMALL_BYTES && (
        <WarningNote>
          Many small files make queries slow. A coarser partition, such as months instead of days, makes fewer.
        </WarningNote>
      )}
    </>
  )
}

function describeFiles(
  { isExact, isAtLeast, dataFiles, storedBytes, sample }: LoadEstimate,
  partitionedBy: string,
): string {
  if (dataFiles === 0) return 'No row fits, so no file would be written'
  const mark = isAtLeast ? 'At least ' : isExact ? '' : '≈ '
  const size = `${isExact ? '' : 'about '}${formatBytes(Math.round(storedBytes / dataFiles))}`
  const files = `${mark}${formatQuantity(dataFiles, 'file')} of ${size}`
  if (partitionedBy === '') return `${files}, not partitioned`
  return `${files} in ${formatQuantity(sample.partitionCount, 'partition')}`
}

import type { LoadSample } from '@/lib/contract/loads/load-sample'
import { BLOCK_COUNT } from '@/lib/ingest/sample/spread-sample'
import { sum } from '@/lib/sum'

/** The figures of a load, as a sample of its first file lets expect them. */
export type LoadEstimate = {
  /** Whether the sample is all that is loaded, so that the figures are exact. */
  isExact: boolean
  sample: LoadSample
  /** An estimate has three digits. */
  rowsRead: number
  rowsRejected: number
  rowsAdded: number
  /** The share of rejected rows, of the sample and so of all. */
  rejectedShare: number
  storedBytes: number
  dataFiles: number
  /** Whether there may be more partitions, and files, than the sample shows. */
  isAtLeast: boolean
}

/** A file by its name, which says whether it is compressed as a whole. */
type SizedFile = { fileName: string; sizeBytes: number | null }

const SHOWN_DIGITS = 3

/**
 * Null where the files say nothing about each other: one of unknown size, or only some of them compressed.
 *
 * @param files those of the load; the sample is of the first
 */
export function estimateLoad(
  sample: LoadSample,
  { files, targetBytes }: { files: readonly SizedFile[]; targetBytes: number },
): LoadEstimate | null {
  const sizes = files.map(({ sizeBytes }) => sizeBytes)
  const [first] = files
  if (first === undefined || !sizes.every((size) => size !== null) || sample.inputBytes === 0) return null
  if (files.some(({ fileName }) => isCompressed(fileName) !== isCompressed(first.fileName))) return null
  const isExact = sample.from === 'whole' && files.length === 1
  const factor = isExact ? 1 : sum(sizes) / sample.inputBytes
  const toCount = (count: number) => (isExact ? count : Math.round(Number((count * factor).toPrecision(SHOWN_DIGITS))))
  const { rowsRead, rowsRejected } = sample
  const listedFiles = sum(
    sample.partitions.map(({ storedBytes }) => Math.max(1, Math.ceil((storedBytes * factor) / targetBytes))),
  )
  // Without a row that fits, nothing is written.
  const dataFiles = rowsRead === rowsRejected ? 0 : listedFiles + sample.partitionCount - sample.partitions.length
  // The sample has one file for each partition, or a few.
  const footerBytes = (sample.footerBytes / Math.max(1, sample.partitionCount)) * dataFiles
  return {
    isExact,
    sample,
    rowsRead: toCount(rowsRead),
    rowsRejected: toCount(rowsRejected),
    rowsAdded: toCount(rowsRead - rowsRejected),
    rejectedShare: rowsRead === 0 ? 0 : rowsRejected / rowsRead,
    storedBytes: dataFiles === 0 ? 0 : Math.round(sample.storedBytes * factor + footerBytes),
    dataFiles,
    isAtLeast: !isExact && sample.partitionCount > 1 && mayHaveMorePartitions(sample),
  }
}

/**
 * In a sorted file each partition is in one place: blocks at equal distances meet every one that takes more than a block's
 * share of it. As many as that is all of them; more are probably not.
 */
function mayHaveMorePartitions({ from, partitionCount }: LoadSample): boolean {
  return from === 'beginning' || partitionCount > BLOCK_COUNT / 2
}

function isCompressed(fileName: string): boolean {
  return /\.(gz|zst|zstd)$/i.test(fileName)
}

import { NO_DATA_FILES } from '@/components/about/no-data-files'
import type { FileCoverage } from '@/lib/contract/shapes/lake'
import { formatCount, formatQuantity } from '@/lib/format/count'

/** Why a sum of sizes is only a lower bound, `1,024 of 2,000 files measured`; undefined if it covers every file. */
export function coverageGap({ measuredCount, fileCount }: FileCoverage): string | undefined {
  return measuredCount === fileCount
    ? undefined
    : `${formatCount(measuredCount)} of ${formatQuantity(fileCount, 'file')} measured`
}

/** Why a figure over the measured files of some tables is unknown. Tables that could not be read may have files. */
export function unmeasuredReason(
  { fileCount, unreadableCount = 0 }: { fileCount: number; unreadableCount?: number },
  reason = 'no file’s plain size is known',
): string {
  return fileCount === 0 && unreadableCount === 0 ? NO_DATA_FILES : reason
}

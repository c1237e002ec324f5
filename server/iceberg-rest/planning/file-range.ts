import 'server-only'
import type { PlannedManifest } from '@/lib/scan/plan/manifest-layout'

/** Data files by their positions in the scan, from `fromFile` up to but without `endFile`, which is the end of a manifest. */
export type FileRange = { fromFile: number; endFile: number }

/** Splits a range at manifests into at most `maxRanges`, of about as many files each and, but for the last, at least `minFiles`. */
export function splitRange(
  manifests: readonly Pick<PlannedManifest, 'firstFile' | 'fileCount'>[],
  { fromFile, endFile }: FileRange,
  { maxRanges, minFiles }: { maxRanges: number; minFiles: number },
): FileRange[] {
  const filesPerRange = Math.max(minFiles, Math.ceil((endFile - fromFile) / maxRanges))
  const ranges: FileRange[] = []
  for (const { firstFile, fileCount } of manifests) {
    const [from, end] = [Math.max(firstFile, fromFile), Math.min(firstFile + fileCount, endFile)]
    if (from >= end) continue
    const last = ranges.at(-1)
    if (last === undefined || last.endFile - last.fromFile >= filesPerRange)
      ranges.push({ fromFile: from, endFile: end })
    else last.endFile = end
  }
  return ranges
}

/** The manifests with files in a range. */
export function manifestsIn(
  manifests: readonly PlannedManifest[],
  { fromFile, endFile }: FileRange,
): PlannedManifest[] {
  return manifests.filter(({ firstFile, fileCount }) => firstFile < endFile && firstFile + fileCount > fromFile)
}

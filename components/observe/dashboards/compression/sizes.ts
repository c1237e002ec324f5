import { tableLabel } from '@/components/about/table-link'
import type { Compression } from '@/lib/contract/dashboards'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'

type Sizes = Compression['sizes']

/** The stored bytes that plain and encoded bytes are compared with: of all files, or of those that were read. */
export function comparedBytes({ storedBytes, unreadBytes, isProjected }: Sizes): number {
  return isProjected ? storedBytes : storedBytes - unreadBytes
}

/** Before sizes that are partly estimated. */
export function approximately({ isEstimated, isProjected, unreadBytes }: Sizes): string {
  return isEstimated || (isProjected && unreadBytes > 0) ? '≈ ' : ''
}

type Level = Compression['levels'][number]

/** The first time of the period at which plain sizes are known; null: never before its end. */
export function firstKnown(levels: readonly Level[]): { atMs: number; plainBytes: number; ratio: number } | null {
  for (const { atMs, plainBytes, storedBytes } of levels.slice(0, -1)) {
    if (plainBytes !== null && plainBytes > 0) return { atMs, plainBytes, ratio: plainBytes / storedBytes }
  }
  return null
}

export function readShareText({ levels }: Pick<Compression, 'levels'>): string {
  return formatPercent(levels.at(-1)?.readShare ?? 0)
}

/** Why plain and encoded sizes are not known. */
export function notReadReason({ files, sizes }: Pick<Compression, 'files' | 'sizes'>): string {
  if (sizes.storedBytes === 0) return 'there are no data files'
  if (files.total > 0 && files.otherFormat === files.total) return 'not known for Avro and ORC'
  return 'no footer was read yet'
}

/** Which files are missing in the sizes, and why; null: none. */
export function missingText({ files, sizes, levels }: Pick<Compression, 'files' | 'sizes' | 'levels'>): string | null {
  const { partlyRead, unreadable, problem, otherFormat } = files
  if (partlyRead === null || sizes.unreadBytes <= 0) return null
  const isAllOther = otherFormat === files.total - files.read && files.unmeasuredTables === 0
  const where =
    partlyRead.tableCount === 1
      ? tableLabel(partlyRead.largest)
      : `${formatQuantity(partlyRead.tableCount, 'table')}, most of all ${tableLabel(partlyRead.largest)}`
  const how = sizes.isProjected
    ? 'is taken for like the rest'
    : `is not in these sizes: they cover ${readShareText({ levels })} of the bytes`
  return [
    `What was not read of ${where} ${how}.`,
    ...(otherFormat === 0
      ? []
      : [
          `${formatQuantity(otherFormat, 'file')} ${otherFormat === 1 ? 'is' : 'are'} Avro or ORC, whose plain size is not known.`,
        ]),
    ...(unreadable === 0
      ? []
      : [
          `${formatCount(unreadable)} could not be read${problem === null ? '' : `, in ${tableLabel(problem.table)}: ${problem.text}`}.`,
        ]),
    ...(isAllOther || unreadable > 0 ? [] : ['Footers are read in the background.']),
  ].join(' ')
}

import { formatCount, formatQuantity } from '@/lib/format/count'

/** How many rows a load may reject. Beyond either limit it stops, and changes nothing. */
export type RejectLimit = {
  maxRejectedRows: number
  /** A share of the rows of all files, from 0 to 1, compared when all were read. Absent: no limit. */
  maxRejectedShare?: number
}

/** A share alone allows any number of rows within it; without both, no row may be rejected. */
export function toRejectLimit({ rows, share }: { rows?: number | undefined; share?: number | undefined }): RejectLimit {
  if (share === undefined) return { maxRejectedRows: rows ?? 0 }
  return { maxRejectedRows: rows ?? Number.MAX_SAFE_INTEGER, maxRejectedShare: share }
}

export function exceedsShare(
  { rowsRead, rowsRejected }: { rowsRead: number; rowsRejected: number },
  maxRejectedShare: number,
): boolean {
  return rowsRejected > 0 && rowsRejected / rowsRead > maxRejectedShare
}

/** The whole limit, where a rounded one would contradict the counts next to it: `0.025` → `2.5%`. */
export function shareText(share: number): string {
  return `${Number((share * 100).toPrecision(15))}%`
}

/** Why a load is refused: `2 of 20 rows do not fit the table`, with what is allowed, and where they are listed. */
export function misfitText(
  { rowsRejected, rowsRead }: { rowsRejected: number; rowsRead: number },
  { allowed }: { allowed: string | null },
): string {
  const rows = `${formatCount(rowsRejected)} of ${formatQuantity(rowsRead, 'row')}`
  const more = allowed === null ? '' : `, more than the ${allowed} allowed`
  return rowsRejected === 1
    ? `${rows} does not fit the table${more}. The run lists it`
    : `${rows} do not fit the table${more}. The run lists them`
}

import 'server-only'
import { codecOfPart, type PartBytes } from '@/lib/facts/storage-part'
import type { LiveSums, PartSum } from '@/server/db/facts/storage/read-parts'

/** The bytes of live files, and what they say about plain and encoded sizes. */

export const NO_PAGES: PartBytes = { stored: 0, encoded: 0, plain: 0 }
export const NO_LIVE: LiveSums = { pages: NO_PAGES, footers: 0, unread: 0, deletes: 0 }

/** Sizes of fewer files say little about the others. */
const MIN_READ_SHARE = 0.8

export function addPages(a: PartBytes, b: PartBytes, sign: 1 | -1 = 1): PartBytes {
  return {
    stored: a.stored + sign * b.stored,
    encoded: a.encoded + sign * b.encoded,
    plain: a.plain + sign * b.plain,
  }
}

export function addLive(a: LiveSums, b: LiveSums, sign: 1 | -1 = 1): LiveSums {
  return {
    pages: addPages(a.pages, b.pages, sign),
    footers: a.footers + sign * b.footers,
    unread: a.unread + sign * b.unread,
    deletes: a.deletes + sign * b.deletes,
  }
}

/** The sum of the live parts; those that only snapshots hold are left out. */
export function sumLiveParts(parts: readonly PartSum[]): LiveSums {
  let sums = NO_LIVE
  for (const { part, bytes } of parts) {
    if (codecOfPart(part) !== null) sums = { ...sums, pages: addPages(sums.pages, bytes) }
    else if (part === 'footers' || part === 'unread' || part === 'deletes')
      sums = { ...sums, [part]: sums[part] + bytes.stored }
  }
  return sums
}

export function storedBytesOf(live: LiveSums): number {
  return dataBytesOf(live) + live.deletes
}

export function dataBytesOf({ pages, footers, unread }: LiveSums): number {
  return pages.stored + footers + unread
}

/** The share of data files whose footers were read, by bytes; null: there are none. */
export function readShareOf(live: LiveSums): number | null {
  const data = dataBytesOf(live)
  return data <= 0 ? null : 1 - live.unread / data
}

export function isMostlyRead(live: LiveSums): boolean {
  return (readShareOf(live) ?? 0) >= MIN_READ_SHARE
}

/** Plain and encoded bytes of all data files, as if those that were not read were like the others. */
export function projectPages(live: LiveSums): Pick<PartBytes, 'plain' | 'encoded'> {
  const factor = dataBytesOf(live) / (dataBytesOf(live) - live.unread)
  return { plain: Math.round(live.pages.plain * factor), encoded: Math.round(live.pages.encoded * factor) }
}

/** Plain to stored bytes of all files; null: too few were read. */
export function ratioOf(live: LiveSums): number | null {
  return isMostlyRead(live) && live.pages.plain > 0 ? projectPages(live).plain / storedBytesOf(live) : null
}

/** Plain to stored bytes of pages; null: there are none. */
export function ratioOfPages({ plain, stored }: PartBytes): number | null {
  return plain > 0 && stored > 0 ? plain / stored : null
}

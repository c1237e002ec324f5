/**
 * The parts that the bytes of a table are made of. Those of the live files add up to its data and delete files: pages by
 * codec, what else is in the files whose footers were read, whole files whose footers were not, and delete files.
 * The others are held by snapshots only.
 */
export type StoragePart = LivePart | RetainedPart
export type LivePart = `codec:${string}` | 'footers' | 'unread' | 'deletes'

/**
 * Files that are not live: `branches` are those of branches and tags only, `superseded` those that a rewrite replaced,
 * and `history` all others that a snapshot has.
 */
export type RetainedPart = (typeof RETAINED_PARTS)[number]

export const RETAINED_PARTS = ['history', 'branches', 'superseded'] as const

/** Bytes of one part. Only parts of a codec have encoded and plain sizes. */
export type PartBytes = { stored: number; encoded: number; plain: number }

/** @param codec by the name that the table property has, such as `zstd` */
export function codecPart(codec: string): StoragePart {
  return `codec:${codec}`
}

/** @returns null for a part that is not that of a codec */
export function codecOfPart(part: StoragePart): string | null {
  return part.startsWith('codec:') ? part.slice('codec:'.length) : null
}

export function isRetained(part: StoragePart): part is RetainedPart {
  return RETAINED_PARTS.some((kept) => kept === part)
}

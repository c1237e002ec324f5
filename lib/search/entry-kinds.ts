/** Kinds of objects that search finds, in the order of its groups. */
export const OBJECT_KINDS = ['table', 'view', 'namespace'] as const
export type ObjectKind = (typeof OBJECT_KINDS)[number]

/** Kinds of entries that search finds in an object. */
export const ENTRY_KINDS = [
  'column',
  'tag',
  'badge',
  'owner',
  'description',
  'property',
  'snapshot',
  'ref',
  'file',
] as const
export type EntryKind = (typeof ENTRY_KINDS)[number]

export const SEARCH_KINDS = [...OBJECT_KINDS, ...ENTRY_KINDS, 'query'] as const
export type SearchKind = (typeof SEARCH_KINDS)[number]

/** Ids and files are found by the beginning of their names only. */
export const KINDS_BY_BEGINNING: ReadonlySet<EntryKind> = new Set(['snapshot', 'file'])

const SHARED_KINDS: ReadonlySet<SearchKind> = new Set(['tag', 'badge', 'owner'])

/** Whether many objects have the same: a search of all kinds lists each name once, one of this kind all that have it. */
export function isShared(kind: SearchKind): boolean {
  return SHARED_KINDS.has(kind)
}

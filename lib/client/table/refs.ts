import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { RefRetention, SafetyTag } from '@/lib/changes/edits/ref-edits'
import { callEndpoint } from '@/lib/api/call-endpoint'
import { callReview } from '../call/call-review'
import { toCallOptions } from '../call/retry'
import { REVIEW_META } from '../call/refresh-queries'
import { keys } from '../keys'

/** Branches and tags, page after page. */
export function refsQuery(identifier: TableIdentifier) {
  return infiniteQueryOptions({
    queryKey: [...keys.table(identifier), 'refs'],
    queryFn: (context) =>
      callEndpoint('listRefs', { ...identifier, offset: context.pageParam }, toCallOptions(context)),
    initialPageParam: 0,
    getNextPageParam: (page) => page.nextOffset,
    select: ({ pages }) => ({ totalCount: pages[0]?.totalCount ?? 0, refs: pages.flatMap(({ refs }) => refs) }),
  })
}

/** The branch or tag of this name; null if the table has none. */
export function refQuery(identifier: TableIdentifier, name: string) {
  return queryOptions({
    queryKey: [...keys.table(identifier), 'refs', name],
    queryFn: (context) => callEndpoint('listRefs', { ...identifier, name }, toCallOptions(context)),
    select: ({ refs: [ref = null] }) => ref,
  })
}

/** The tag as fields of a query string. */
export function safetyTagFields(safetyTag: SafetyTag | null) {
  return {
    ...(safetyTag && { safetyTagName: safetyTag.name }),
    ...(safetyTag && safetyTag.maxRefAgeMs !== null && { safetyTagMaxRefAgeMs: safetyTag.maxRefAgeMs }),
  }
}

/** The snapshots and files that removing a branch or a tag would leave behind, and the intent that removes it. */
export function refDropQuery(identifier: TableIdentifier, refName: string, safetyTag: SafetyTag | null) {
  const tag = safetyTagFields(safetyTag)
  return queryOptions({
    queryKey: [...keys.table(identifier), 'ref-drop', refName, tag],
    meta: REVIEW_META,
    queryFn: (context) => callReview('previewRefDrop', { ...identifier, refName, ...tag }, toCallOptions(context)),
    placeholderData: keepPreviousData,
  })
}

/** @param ref.refName null for a new one */
type RequestedRef = { refName: string | null; type: 'branch' | 'tag'; snapshotId: string; retention: RefRetention }

/** The snapshots that a ref would keep with this retention. */
export function refRetentionQuery(identifier: TableIdentifier, { refName, type, snapshotId, retention }: RequestedRef) {
  const limits = Object.fromEntries(Object.entries(retention).filter(([, limit]) => limit !== null))
  const ref = { ...(refName !== null && { refName }), type, snapshotId, ...limits }
  return queryOptions({
    queryKey: [...keys.table(identifier), 'ref-retention', ref],
    meta: REVIEW_META,
    queryFn: (context) => callReview('previewRefRetention', { ...identifier, ...ref }, toCallOptions(context)),
    placeholderData: keepPreviousData,
  })
}

/** The effects of moving a branch to a ref, a snapshot or a time, and the intent that moves it. */
export function refMoveQuery(identifier: TableIdentifier, branch: string, to: AsOf, safetyTag: SafetyTag | null) {
  const tag = safetyTagFields(safetyTag)
  const target = asOfToInput(to)
  return queryOptions({
    queryKey: [...keys.table(identifier), 'ref-move', branch, target, tag],
    meta: REVIEW_META,
    queryFn: (context) =>
      callReview('previewRefMove', { ...identifier, branch, ...target, ...tag }, toCallOptions(context)),
    // The figures stay visible while only the tag's name changes.
    placeholderData: keepPreviousData,
  })
}

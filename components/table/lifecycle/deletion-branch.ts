import type { TableDetail } from '@/lib/contract/table/tables'

/**
 * The branch whose rows a page shows; null for `main`.
 *
 * @returns undefined for a past snapshot or a tag, whose rows cannot be deleted
 */
export function deletionBranch({ isCurrent, ref }: TableDetail['shown']): string | null | undefined {
  if (isCurrent) return null
  return ref?.type === 'branch' ? ref.name : undefined
}

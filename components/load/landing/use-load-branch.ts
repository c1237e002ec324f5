import { useQuery } from '@tanstack/react-query'
import { useSettled } from '@/components/ui/use-settled'
import { refQuery } from '@/lib/client/table/refs'
import { tableQuery } from '@/lib/client/table/tables'
import type { TableDetail } from '@/lib/contract/table/tables'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import type { TableIdentifier } from '@/lib/names/identifiers'

type BranchFigures = TableDetail['figures']

/** The branch of a load as the table has it. */
export type LoadBranch = {
  name: string
  /** Null while it is looked up, and when that failed. */
  kind: 'main' | 'existing' | 'new' | 'tag' | null
  /** The load adds to these; they are those of `main` for a new branch, which begins there. Null while not known. */
  figures: BranchFigures | null
  /** Why the branch or its figures are not known; null also while they are read. */
  error: Error | null
}

/**
 * Looks up the branch of a load, once no more of its name is typed.
 *
 * @param branch null: `main`
 * @param ofMain the figures of `main`; null while they are not known
 */
export function useLoadBranch(table: TableIdentifier, branch: string | null, ofMain: BranchFigures | null): LoadBranch {
  const name = branch ?? MAIN_BRANCH
  const settled = useSettled(name)
  const isMain = name === MAIN_BRANCH
  const isSettled = !isMain && settled === name
  const ref = useQuery({ ...refQuery(table, name), enabled: isSettled })
  const isExisting = isSettled && ref.data?.type === 'branch'
  // Another user may have committed to it since another page read it.
  const own = useQuery({
    ...tableQuery(table, { ref: name }),
    staleTime: 0,
    // The branch may have been removed since it was remembered.
    enabled: isExisting && !ref.isFetching,
  })
  if (isMain) return { name, kind: 'main', figures: ofMain, error: null }
  if (!isSettled || ref.data === undefined)
    return { name, kind: null, figures: null, error: isSettled ? ref.error : null }
  if (ref.data === null) return { name, kind: 'new', figures: ofMain, error: null }
  if (!isExisting) return { name, kind: 'tag', figures: null, error: null }
  return { name, kind: 'existing', figures: own.data?.figures ?? null, error: own.error }
}

import { refNameProblem } from '@/lib/changes/edits/ref-edits'
import type { LoadLanding } from '@/lib/ingest/load-landing'
import type { LoadBranch } from './use-load-branch'

/** Why rows cannot land as the user has chosen. */
export type LandingProblem = { sentence: string; detail: string }

/** @param keys the names of the identifier fields */
export function findLandingProblem(
  { operation, where }: Pick<LoadLanding, 'operation' | 'where'>,
  branch: Pick<LoadBranch, 'name' | 'kind'>,
  keys: readonly string[],
): LandingProblem | null {
  if (operation === 'upsert' && keys.length === 0)
    return {
      sentence: 'The table has no key.',
      detail: 'Set its identifier fields on the page Schema, or choose another operation.',
    }
  if (where?.trim() === '') return { sentence: 'Say which rows are replaced.', detail: 'Step 4 asks for a filter.' }
  const problem = branchProblem(branch)
  return problem === null ? null : { sentence: problem, detail: 'Choose another branch in step 4.' }
}

/** Why nothing can be loaded into the branch; null also while it is looked up. */
export function branchProblem({ name, kind }: Pick<LoadBranch, 'name' | 'kind'>): string | null {
  if (kind === 'tag') return `${name} is a tag, so nothing is loaded into it.`
  return kind === 'new' ? refNameProblem(name, 'branch') : null
}

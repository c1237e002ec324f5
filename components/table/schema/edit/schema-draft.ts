import { type Intent, intentArea } from '@/lib/changes/intents/intent'
import { draftWithIntents, findMisfit, findProblem } from '@/lib/changes/intents/intent-changes'
import type { TableDraft } from '@/lib/changes/edits/table-draft'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type IndexedField, indexFields } from '@/lib/iceberg/schema/schema'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'

/** A change in the tray that the current table does not allow. */
export type Misfit = { intent: Intent; message: string }

export type SchemaDraft = {
  draft: TableDraft
  /** The current columns of the table, by their ids. */
  before: ReadonlyMap<number, IndexedField>
  /** The columns of the draft, by their ids. New ones have the ids that they get unless another commit takes them. */
  after: ReadonlyMap<number, IndexedField>
  misfits: readonly Misfit[]
  /** Why the changes do not fit together; null if they do. */
  problem: string | null
}

/**
 * The table with the changes in the tray, by the code of the commit. A change that no longer fits is left out, so that
 * the page can show the others.
 */
export function draftSchema(metadata: TableMetadata, intents: readonly Intent[]): SchemaDraft {
  // The metadata that the browser has is without refs, which no column depends on.
  let fitting = intents.filter((one) => intentArea(one) !== 'snapshots')
  const misfits: Misfit[] = []
  // All together: two columns can hand each other their names.
  for (let misfit = findMisfit(metadata, fitting); misfit; misfit = findMisfit(metadata, fitting)) {
    const { index, error } = misfit
    const [intent] = fitting.slice(index)
    if (intent !== undefined) misfits.push({ intent, message: error.message })
    fitting = fitting.toSpliced(index, 1)
  }
  const draft = draftWithIntents(metadata, fitting)
  return {
    draft,
    before: indexFields(currentSchema(metadata)),
    after: indexFields(draft.schema),
    misfits,
    problem: findProblem(metadata, fitting)?.error.message ?? null,
  }
}

/** Why the table cannot be changed from one tray to another; null if it can. Earlier problems do not count. */
export function editProblem(
  metadata: TableMetadata,
  intents: readonly Intent[],
  next: readonly Intent[],
): string | null {
  const [was, is] = [draftSchema(metadata, intents), draftSchema(metadata, next)]
  const known = new Set(was.misfits.map(({ message }) => message))
  const misfit = is.misfits.find(({ message }) => !known.has(message))
  return misfit?.message ?? (is.problem === was.problem ? null : is.problem)
}

'use client'
import { DraftColumnsPanel } from '@/components/explore/new-table/draft-columns-panel'
import { useDraftColumnEdits } from '@/components/explore/new-table/use-draft-column-edits'
import { ColumnsSource } from './columns-source'
import type { VersionChecks } from './use-version-checks'
import type { ViewForm } from './use-view-form'

/** The columns of a version, with where they come from. */
export function VersionColumns({ form, checks }: { form: ViewForm; checks: VersionChecks }) {
  const { fields, open, changeColumns } = form
  const edits = useDraftColumnEdits({ draft: fields.columns, changeDraft: changeColumns })
  return (
    <DraftColumnsPanel
      // A view has no defaults and no identifier fields.
      edits={{ ...edits, hasDefault: () => false, hasIdentifier: () => false }}
      problems={checks.problems.flatMap(({ part, message }) => (part.kind === 'column' ? [{ part, message }] : []))}
      subtitle=""
      sample={null}
      intro={<ColumnsSource found={checks.found} dialect={open?.dialect ?? ''} form={form} />}
      empty="No columns yet. They follow from the SQL where it can run here; otherwise add them."
    />
  )
}

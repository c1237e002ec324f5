'use client'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { retryFetch } from '@/lib/client/call/retry'
import { useHasPermission } from '@/lib/client/session/permissions'
import { viewQuery } from '@/lib/client/views'
import { asTableIdentifier, entryLabel, type ViewIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { NoViewForm, ViewFormHeader, ViewFormSkeleton } from './view-form-frame'

const LazyForm = lazyComponent(async () => (await import('./edit-view-form')).EditViewForm, {
  loading: ViewFormSkeleton,
})

/** Writes the next version of a view. */
export function EditViewPage({ view }: { view: ViewIdentifier }) {
  const { data: detail, error, refetch } = useQuery(viewQuery(view))
  const canPropose = useHasPermission('table:propose', asTableIdentifier(view))
  const [startCount, setStartCount] = useState(0)
  const label = entryLabel(view)
  const header = <ViewFormHeader title="Edit view" within={`${view.catalog} / ${label}`} />
  const noForm = { header, back: paths.view(view), label }
  if (canPropose === false)
    return <NoViewForm {...noForm}>Editing this view needs a role for it. An admin can give it to you.</NoViewForm>
  if (detail && !detail.abilities.includes('commit-view'))
    return <NoViewForm {...noForm}>{`The catalog ${view.catalog} does not change views.`}</NoViewForm>
  const current = detail?.versions.find(({ versionId }) => versionId === detail.currentVersionId)
  // The draft in this browser is that of the user.
  if (detail && current && canPropose !== undefined)
    return (
      <LazyForm
        key={startCount}
        view={view}
        detail={detail}
        current={current}
        onStale={() => void refetch()}
        onRestart={() => void refetch().then(() => setStartCount(startCount + 1))}
      >
        {header}
      </LazyForm>
    )
  return (
    <>
      {header}
      {error ? <ProblemNote error={error} subject={label} onRetry={() => retryFetch(refetch)} /> : <ViewFormSkeleton />}
    </>
  )
}

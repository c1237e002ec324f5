'use client'
import { type ReactNode, useEffect, useMemo, useState } from 'react'
import { useReview } from '@/components/changes/action/use-review'
import { CommitFooter } from '@/components/changes/commit/commit-footer'
import { CreationNotes } from '@/components/explore/new-table/creation-notes'
import { ReviewAside } from '@/components/explore/new-table/review-aside'
import classes from '@/components/explore/new-table/new-table.module.css'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { useSettled } from '@/components/ui/use-settled'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { editToWire, viewEditReviewQuery } from '@/lib/client/lifecycle/views'
import type { ViewDetail, ViewVersion } from '@/lib/contract/views'
import { AppError } from '@/lib/errors'
import { entryLabel, type ViewIdentifier } from '@/lib/names/identifiers'
import { compareDefaults } from '@/lib/changes/view-edits/compare-defaults'
import { compareColumns } from '@/lib/changes/view-edits/compare-schemas'
import { paths } from '@/lib/paths/paths'
import { lookupLabel, lookupText } from '../lookup-changes'
import { VersionConflict } from './version-conflict'
import { OpenProblems } from './open-problems'
import { RestoredDraft } from './restored-draft'
import { SqlPanel } from './sql-panel'
import { toDraft, toEdit } from './to-version'
import { useVersionChecks } from './use-version-checks'
import { useStoreViewDraft, useViewDraft } from './use-view-draft'
import { fieldsOfVersion, useViewForm } from './use-view-form'
import { useViewWrite } from './use-view-write'
import { VersionChanges } from './version-changes'
import { VersionColumns } from './version-columns'

const LazyEditedViewReaders = lazyComponent(async () => (await import('../edited-view-readers')).EditedViewReaders)

type EditViewFormProps = {
  view: ViewIdentifier
  detail: ViewDetail
  current: ViewVersion
  /** Called when the view has another version than `detail`. */
  onStale: () => void
  /** Begins again with the version that is current now. */
  onRestart: () => void
  children: ReactNode
}

/** Edits the next version of a view, with its changes and the review next to it. */
export function EditViewForm({ view, detail, current, onStale, onRestart, children }: EditViewFormProps) {
  const navigateAway = useNavigateAway()
  const draftStore = useViewDraft([view.catalog, detail.viewUuid])
  const { restored } = draftStore
  // The version that the user began with, whatever arrives in the meantime. The view may no longer have it.
  const [begunId, setBegunId] = useState(restored?.baseVersionId ?? current.versionId)
  const [base, setBase] = useState(() => detail.versions.find(({ versionId }) => versionId === begunId) ?? current)
  const [missed, setMissed] = useState(begunId === current.versionId ? null : current)
  const [initial] = useState(() => fieldsOfVersion(view.view, detail, base))
  const form = useViewForm(restored?.fields ?? initial)
  const { fields } = form
  const known = useMemo(() => [base.defaultNamespace, view.namespace], [base, view.namespace])
  const draft = useMemo(() => toDraft(fields, known), [fields, known])
  const edit = useMemo(() => toEdit(draft, base), [draft, base])
  const checks = useVersionChecks(view, form, draft, edit.retainedDialects)
  const isChanged = fields.columns !== initial.columns || isOtherVersion(edit, base)
  const requested = JSON.stringify(edit)
  const settled = useSettled(requested)
  const isSettled = settled === requested
  const isReviewable = isChanged && checks.isReady
  const removeDraft = useStoreViewDraft(draftStore, fields, { isChanged, baseVersionId: begunId })
  const write = useViewWrite(requested, (made) => {
    removeDraft()
    navigateAway(`${paths.view(made)}?undo=${base.versionId}`)
  })
  const { query: review } = useReview(
    viewEditReviewQuery(view, edit),
    write,
    isReviewable && isSettled && write.state === 'open',
  )
  const shown = isReviewable && isSettled ? (review.data ?? null) : null
  const arrived = shown?.conflict ?? missed
  const { error: writeError } = write
  const { refetch: reviewAgain } = review
  useEffect(() => {
    if (writeError instanceof AppError && writeError.code === 'version-conflict') void reviewAgain()
  }, [writeError, reviewAgain])
  const label = entryLabel(view)
  const discard = () => {
    removeDraft()
    onRestart()
  }
  const isReady = shown !== null && !review.isPlaceholderData && shown.blockers.length === 0 && arrived === null
  return (
    <div className={classes.frame}>
      <div className={classes.page}>
        {children}
        <RestoredDraft restored={restored} onDiscard={discard} />
        <div className={classes.body}>
          {arrived && (
            <VersionConflict
              arrived={arrived}
              baseVersionId={begunId}
              draft={draft}
              onKeep={() => {
                write.clearError()
                setBase(arrived)
                setBegunId(arrived.versionId)
                setMissed(null)
                // For the columns of the version that arrived.
                onStale()
              }}
              onTake={discard}
            />
          )}
          <SqlPanel form={form} problems={checks.problems} />
          <VersionColumns form={form} checks={checks} />
          <VersionChanges detail={detail} base={base} draft={draft} />
        </div>
      </div>
      <ReviewAside
        state="nothing has changed yet"
        lines={
          isChanged
            ? [
                { title: `New version of ${label}`, detail: edit.representations.map(writtenIn).join(', ') || null },
                ...compareDefaults(base, edit).map((one) => ({
                  title: lookupLabel(one),
                  detail: lookupText(one),
                  change: 'changed' as const,
                })),
                ...compareColumns(schemaOf(detail, base)?.fields ?? [], draft.schema.fields).flatMap(
                  ({ name, change }) =>
                    change === 'removed'
                      ? [{ title: `Column ${name} is removed`, detail: null, change: 'removed' as const }]
                      : [],
                ),
                ...(edit.retainedDialects.length === 0
                  ? []
                  : [
                      {
                        title: 'SQL stays as it is',
                        detail: edit.retainedDialects.join(', '),
                        change: 'unchanged' as const,
                      },
                    ]),
              ]
            : []
        }
        subject={label}
        query={isReviewable ? review : null}
        skeleton={[4, 2, 'Checking the version']}
        warnings={shown?.warnings}
        request={shown?.request}
        scripts={shown?.scripts}
        changeCount={1}
        footer={
          <CommitFooter
            // Another edit starts a new proposal.
            key={requested}
            entry={view}
            action={{
              proposed: { kind: 'change-view', edit: editToWire(edit) },
              label: 'Commit version',
              fits: isReady && write.state === 'open',
              commit: () => write.submit((keyed) => ({ ...view, ...keyed, kind: 'edit', edit })),
            }}
            // Its failure is shown with the possible next steps.
            write={{ ...write, error: null }}
            closeLabel="Discard changes"
            canClose={isChanged}
            onClose={() => (arrived === null ? form.reset(initial) : discard())}
            onProposed={({ proposalId }) => {
              removeDraft()
              navigateAway(paths.proposal(view, proposalId))
            }}
          />
        }
        notes={
          <>
            <CreationNotes
              make={write}
              label={label}
              verb="changed"
              {...(arrived && {
                conflictNext: `Take version ${arrived.versionId}, or keep yours on top of it.`,
              })}
            />
            {!isChanged && (
              <p className={classes.quiet}>Change the SQL, the columns or a dialect to see the request.</p>
            )}
            {write.state === 'open' && <LazyEditedViewReaders view={view} edit={edit} review={shown ?? undefined} />}
            <OpenProblems problems={checks.problems} others={(shown?.blockers ?? []).map(({ message }) => message)} />
          </>
        }
      />
    </div>
  )
}

function schemaOf({ schemas }: ViewDetail, { schemaId }: ViewVersion) {
  return schemas.find((schema) => schema.schemaId === schemaId)
}

function writtenIn({ dialect }: { dialect: string }): string {
  return `SQL in ${dialect}`
}

/** Whether the SQL, its dialects or its defaults differ from the version. */
function isOtherVersion(
  { representations, retainedDialects, ...defaults }: ReturnType<typeof toEdit>,
  base: ViewVersion,
): boolean {
  return (
    representations.length > 0 ||
    retainedDialects.length < base.representations.filter(({ type }) => type === 'sql').length ||
    compareDefaults(base, defaults).length > 0
  )
}

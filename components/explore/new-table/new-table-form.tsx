'use client'
import { type ReactNode, useMemo, useState } from 'react'
import { useReview } from '@/components/changes/action/use-review'
import type { OtherColumn } from '@/components/table/schema/tree-table'
import { useSettled } from '@/components/ui/use-settled'
import { newTableReviewQuery } from '@/lib/client/lifecycle/new-tables'
import { useCanChooseLocation } from '@/lib/client/session/location-choice'
import { declarationToText } from '@/lib/changes/declaration/declaration-text'
import { paths } from '@/lib/paths/paths'
import { namespaceLabel } from '@/lib/names/identifiers'
import { declarationOfDraft } from '@/lib/changes/new-table/new-table-draft'
import { findNewTableProblems } from '@/lib/changes/new-table/new-table-problems'
import { newTableLines } from '@/lib/changes/new-table/describe-new-table'
import { BasicsPanel } from './basics-panel'
import { DraftColumnsPanel } from './draft-columns-panel'
import { DraftPartitionPanel, DraftSortPanel } from './draft-layout-panel'
import { DraftSettingsPanel } from './draft-settings-panel'
import { FilledNotice, type Filled } from './filled-notice'
import type { Filling, NewTableParent } from './filling'
import { CreationNotes } from './creation-notes'
import classes from './new-table.module.css'
import { ReviewAside } from './review-aside'
import { sampleColumn, type Sample } from './sample-column'
import { useDraftColumnEdits } from './use-draft-column-edits'
import { useMake } from './use-make'
import { useSampleDoubts } from './use-sample-doubts'
import { useNewTableForm } from './use-new-table-form'
import { useTableSource } from './use-table-source'
import { SourcePanel } from './source-panel'

/** A form for all of a table, and the review next to it. */
export function NewTableForm({ catalog, namespace, children }: NewTableParent & { children: ReactNode }) {
  const form = useNewTableForm(catalog, namespace)
  const { draft } = form
  const name = form.name.trim()
  const location = form.location.trim()
  const table = { catalog, namespace, table: name }
  const problems = useMemo(() => findNewTableProblems(draft), [draft])
  const edits = useDraftColumnEdits(form)
  const canChooseLocation = useCanChooseLocation(catalog) === true
  const [filled, setFilled] = useState<Filled | null>(null)
  const [sample, setSample] = useState<Sample | null>(null)
  const doubts = useSampleDoubts(sample, draft)
  // The rest appears with the panel of the file, when it is filled and below its questions, so that nothing moves.
  const isFromFile = useTableSource()[0].source === 'file'
  const [isUnread, setUnread] = useState(true)
  const isUnfilled = isFromFile && isUnread
  const declaration = useMemo(
    () => (problems.length === 0 ? declarationToText(declarationOfDraft(draft)) : null),
    [draft, problems],
  )
  const requested = JSON.stringify([name, location, declaration])
  const settled = useSettled(requested)
  const isSettled = settled === requested
  const isReviewable = name !== '' && declaration !== null && !isUnfilled
  const request = { declaration: declaration ?? '', ...(location !== '' && { location }) }
  const next = filled?.next
  const make = useMake(table, requested, {
    onMade: () => {
      next?.handOver(table, draft)
      form.clear()
    },
    ...(next && { next: paths.load }),
  })
  const { query: review } = useReview(
    newTableReviewQuery(table, request),
    make,
    isReviewable && isSettled && make.state === 'open',
  )
  const { blockers = [], warnings = [], addedProperties = null } = (isReviewable && isSettled && review.data) || {}
  const fill = ({
    source,
    sample: found = null,
    next: following,
    omitted = [],
    isRepeated = false,
    ...fields
  }: Filling) => {
    const before = { name: form.name, location: form.location, draft }
    setFilled({ source, next: following ?? null, omitted, before })
    setSample(found)
    if (isRepeated && !form.isEmpty) return
    edits.setOpenId(null)
    form.change(() => fields)
  }
  const label = name === '' ? 'a table' : `${namespaceLabel(namespace)}.${name}`
  const isReady = isReviewable && isSettled && review.isSuccess && !review.isPlaceholderData && blockers.length === 0
  const columns: OtherColumn | null = sample && sampleColumn(sample)
  return (
    <div className={classes.frame}>
      <div className={classes.page}>
        {children}
        <div className={classes.body} data-unread={isUnfilled || undefined}>
          <SourcePanel catalog={catalog} namespace={namespace} onFill={fill} onUnread={setUnread} />
          {filled && (
            <FilledNotice
              filled={filled}
              unreadable={sample?.unreadable ?? null}
              onUndo={() => {
                form.change(() => filled.before)
                setFilled(null)
                setSample(null)
              }}
            />
          )}
          {!isUnfilled && (
            <>
              <BasicsPanel
                form={form}
                blockers={blockers}
                canChooseLocation={canChooseLocation}
                chosenLocation={review.data?.location ?? null}
              />
              <DraftColumnsPanel
                edits={edits}
                problems={problems}
                subtitle={sample ? `from ${sample.source}, for you to approve` : ''}
                sample={columns}
                doubts={doubts}
              />
              <div className={classes.pair}>
                <DraftPartitionPanel {...form} problems={problems} rows={sample?.rows ?? null} />
                <DraftSortPanel {...form} problems={problems} rows={sample?.rows ?? null} />
              </div>
              <DraftSettingsPanel {...form} problems={problems} />
            </>
          )}
        </div>
      </div>
      <ReviewAside
        lines={isUnfilled ? [] : newTableLines(label, draft, addedProperties ?? {})}
        subject={label}
        {...(isReviewable && {
          query: review,
          skeleton: [4, 2, 'Checking the table'],
          request: review.data?.request,
          scripts: review.data?.scripts,
        })}
        warnings={warnings}
        action="Create table"
        canSubmit={isReady && make.state === 'open'}
        isPending={make.isPending}
        onDiscard={
          form.isEmpty
            ? null
            : () => {
                form.clear()
                setFilled(null)
                setSample(null)
              }
        }
        onSubmit={() => make.submit({ kind: 'create', ...request })}
        notes={
          <>
            <CreationNotes make={make} label={label} />
            {isUnfilled && (
              <p className={classes.quiet}>
                The table follows when its file has been read and no question about it is open.
              </p>
            )}
            {name === '' && !isUnfilled && (
              <p className={classes.quiet}>Name the table to see the request that creates it.</p>
            )}
            {name !== '' && !isUnfilled && problems.length > 0 && (
              <OpenProblems messages={problems.map(({ message }) => message)} />
            )}
            {blockers.length > 0 && <OpenProblems messages={blockers.map(({ message }) => message)} />}
          </>
        }
      />
    </div>
  )
}

/** Each is at its field, too, which may be out of sight. */
function OpenProblems({ messages }: { messages: readonly string[] }) {
  return (
    <ul className={classes.problems} aria-label="Problems">
      {messages.map((message, i) => (
        <li key={`${i} ${message}`}>{message}</li>
      ))}
    </ul>
  )
}

'use client'
import { TextInput } from '@mantine/core'
import { type ReactNode, useMemo, useState } from 'react'
import { useReview } from '@/components/changes/action/use-review'
import { AboutFields } from '@/components/about/about-fields'
import { CreationNotes } from '@/components/explore/new-table/creation-notes'
import { ReviewAside } from '@/components/explore/new-table/review-aside'
import classes from '@/components/explore/new-table/new-table.module.css'
import { Panel } from '@/components/ui/panel'
import { useSettled } from '@/components/ui/use-settled'
import { useNavigateAway } from '@/components/ui/use-navigate-away'
import { newViewReviewQuery } from '@/lib/client/lifecycle/views'
import { formatQuantity } from '@/lib/format/count'
import { joinNamespace, type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { draftToText } from '@/lib/changes/new-table/draft-text'
import { aboutProperties, PROTECTED_PROPERTY } from '@/lib/iceberg/properties/about'
import { paths } from '@/lib/paths/paths'
import { OpenProblems } from './open-problems'
import { RestoredDraft } from './restored-draft'
import { SqlPanel } from './sql-panel'
import { toDraft } from './to-version'
import { useStoreViewDraft, useViewDraft } from './use-view-draft'
import { newViewFields, useViewForm, type ViewFields } from './use-view-form'
import { useViewWrite } from './use-view-write'
import { useVersionChecks } from './use-version-checks'
import { VersionColumns } from './version-columns'

/** The columns do not depend on the name, so that a letter of it does not read them again. */
const UNNAMED = 'new view'

type NewViewFormProps = { catalog: string; namespace: Namespace; sql: string | null; children: ReactNode }

/** A form for all of a view, and the review next to it. */
export function NewViewForm({ catalog, namespace, sql, children }: NewViewFormProps) {
  const navigateAway = useNavigateAway()
  const [initial] = useState(() => newViewFields(catalog, namespace, sql))
  const draftStore = useViewDraft([catalog, joinNamespace(namespace), sql])
  const form = useViewForm(draftStore.restored?.fields ?? initial)
  const { fields } = form
  const name = fields.name.trim()
  const view = { catalog, namespace, view: name }
  const known = useMemo(() => [namespace], [namespace])
  const version = useMemo(() => toDraft(fields, known), [fields, known])
  const properties = useMemo(() => toProperties(fields), [fields])
  const checks = useVersionChecks({ ...view, view: UNNAMED }, form, version, [])
  const request = { version, properties }
  const requested = JSON.stringify([name, request])
  const settled = useSettled(requested)
  const isSettled = settled === requested
  const isReviewable = name !== '' && checks.isReady
  const removeDraft = useStoreViewDraft(draftStore, fields, {
    isChanged: isWritten(fields, initial),
    baseVersionId: null,
  })
  const write = useViewWrite(requested, (made) => {
    removeDraft()
    navigateAway(paths.view(made))
  })
  const { query: review } = useReview(
    newViewReviewQuery(view, request),
    write,
    isReviewable && isSettled && write.state === 'open',
  )
  const { blockers = [], warnings = [] } = (isReviewable && isSettled && review.data) || {}
  const nameProblem = blockers.find(({ part }) => part === 'name' || part === 'namespace')?.message ?? null
  const label = name === '' ? 'the view' : `${namespaceLabel(namespace)}.${name}`
  // An empty form is not wrong yet.
  const hasBegun = fields !== initial
  const isReady = isReviewable && isSettled && review.isSuccess && !review.isPlaceholderData && blockers.length === 0
  return (
    <div className={classes.frame}>
      <div className={classes.page}>
        {children}
        <RestoredDraft restored={draftStore.restored} onDiscard={() => form.reset(initial)} />
        <div className={classes.body}>
          <Panel title="View">
            <TextInput
              label="Name"
              value={fields.name}
              maxLength={255}
              error={nameProblem}
              autoComplete="off"
              spellCheck={false}
              onChange={({ currentTarget }) => form.change({ name: currentTarget.value })}
            />
          </Panel>
          <SqlPanel form={form} problems={checks.problems} />
          <VersionColumns form={form} checks={checks} />
          <Panel title="About">
            <AboutFields value={fields.about} onChange={(about) => form.change({ about })} />
          </Panel>
        </div>
      </div>
      <ReviewAside
        lines={[
          {
            title: name === '' ? 'Create a view' : `Create the view ${label}`,
            detail: version.representations.map(({ dialect }) => dialect).join(', ') || null,
          },
          { title: formatQuantity(version.schema.fields.length, 'column'), detail: columnNames(fields) },
        ]}
        subject={label}
        {...(isReviewable && {
          query: review,
          skeleton: [4, 2, 'Checking the view'],
          request: review.data?.request,
          scripts: review.data?.scripts,
        })}
        warnings={warnings}
        action="Create view"
        canSubmit={isReady && write.state === 'open'}
        isPending={write.isPending}
        onDiscard={!hasBegun ? null : () => form.reset(initial)}
        onSubmit={() => write.submit((keyed) => ({ ...view, ...keyed, kind: 'create', ...request }))}
        notes={
          <>
            <CreationNotes make={write} label={label} />
            {name === '' && <p className={classes.quiet}>Name the view to see the request that creates it.</p>}
            {hasBegun && <OpenProblems problems={checks.problems} others={blockers.map(({ message }) => message)} />}
          </>
        }
      />
    </div>
  )
}

/** Whether the user wrote something. Columns that come from the SQL arrive by themselves. */
function isWritten(fields: ViewFields, initial: ViewFields): boolean {
  const toWritten = (all: ViewFields) =>
    JSON.stringify({ ...all, openId: 0, columns: all.isByHand ? draftToText(all.columns) : null })
  return toWritten(fields) !== toWritten(initial)
}

function toProperties({ about: { isProtected, ...about } }: ViewFields): Record<string, string> {
  const said = [...aboutProperties(about)].flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]))
  return Object.fromEntries(isProtected ? [...said, [PROTECTED_PROPERTY, 'true'] as const] : said)
}

function columnNames({ columns: { schema } }: ViewFields): string | null {
  return schema.fields.map(({ name }) => name).join(', ') || null
}

'use client'
import { BadgedTables } from '@/components/about/badges-of-page'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { actionName } from '@/lib/format/action-name'
import { Unloaded } from '@/components/shell/unloaded'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SidePanel } from '@/components/ui/side-panel'
import { ExactTime } from '@/components/ui/values/exact-time'
import { auditEntryQuery } from '@/lib/client/audit'
import type { AuditDetail } from '@/lib/contract/audit'
import { AppError } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'
import classes from './audit.module.css'
import { AuditEntryFacts } from './audit-entry-facts'
import { AuditMetadata } from './audit-metadata'
import { AuditEntryLink } from './audit-entry-link'
import { AuditOutcome } from './audit-outcome'
import { AuditUndo } from './audit-undo'
import { AuditValues } from './audit-values'
import { targetText } from './describe-entry'
import { useEntryHref } from './use-audit-filter'

/** With the words of every kind of change, which most entries are not. */
const LazyChangeList = lazyComponent(async () => (await import('@/components/changes/tray/change-list')).ChangeList, {
  isServerRendered: true,
})

/** One entry of the audit: facts, values before and after, and later entries. */
export function AuditEntryPanel({ auditId }: { auditId: string }) {
  const router = useRouter()
  const entryHref = useEntryHref()
  const query = useQuery(auditEntryQuery(auditId))
  const { data, error } = query
  const title = data && actionName(data.entry.action)
  useEffect(() => {
    if (title !== undefined) document.title = `${title} · Audit · Lakeshore`
  }, [title])
  const close = () => router.push(entryHref(null), { scroll: false })
  const isMissing = error instanceof AppError && error.code === 'not-found'
  return (
    <SidePanel
      title={title ?? 'Entry'}
      subtitle={data && <AuditOutcome outcome={data.entry.outcome} />}
      width={468}
      onClose={close}
      takesFocus
      {...(data?.entry.table && { footer: <Actions detail={data} /> })}
    >
      {data ? (
        <Detail detail={data} />
      ) : (
        <Unloaded
          query={query}
          subject={`Entry ${auditId}`}
          skeleton={[8, 2, 'Reading the entry']}
          {...(isMissing && {
            isFinal: true,
            title: 'No such entry in the audit',
            next: 'The address may be wrong. Choose an entry from the list.',
            back: { label: 'Back to the audit', onBack: close },
          })}
        />
      )}
    </SidePanel>
  )
}

function Detail({ detail }: { detail: AuditDetail }) {
  const { entry, intents, laterEntries, badges } = detail
  const hasValues = entry.changes.length > 0
  const compared = metadataToCompare(detail)
  return (
    <div className="stack gap-12">
      <BadgedTables badges={badges}>
        <AuditEntryFacts detail={detail} />
      </BadgedTables>
      {intents.length > 0 && (
        <section>
          <h3 className={classes.heading}>Changes</h3>
          <LazyChangeList intents={intents} />
        </section>
      )}
      {hasValues && (
        <section>
          <h3 className={classes.heading}>Before and after</h3>
          <AuditValues entry={entry} />
        </section>
      )}
      {compared && (
        <section>
          <h3 className={classes.heading}>Figures</h3>
          <AuditMetadata {...compared} />
        </section>
      )}
      {(laterEntries.length > 0 || entry.undoneBy !== null) && (
        <section>
          <h3 className={classes.heading}>What followed</h3>
          <ul className="stack gap-4 bare-list">
            {entry.undoneBy !== null && (
              <li>
                <AuditEntryLink auditId={entry.undoneBy}>Undone</AuditEntryLink>
              </li>
            )}
            {laterEntries.map((next) => (
              <li key={next.id}>
                <AuditEntryLink auditId={next.id}>{actionName(next.action)}</AuditEntryLink>{' '}
                <span className={classes.quiet}>
                  by {next.actor}, <ExactTime atMs={next.atMs} />
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}

/** Null unless the entry is a commit to an existing table, as opposed to a sign-in, a view, a creation or a drop. */
function metadataToCompare({ entry: { table }, metadata: { before, after } }: AuditDetail) {
  if (table === null || table.isView || before === null || after === null || before === after) return null
  const { catalog, namespace, table: name } = table
  return { table: { catalog, namespace, table: name }, before, after }
}

function Actions({ detail: { entry, isUndoable } }: { detail: AuditDetail }) {
  const { table } = entry
  if (table === null) return null
  const { catalog, namespace, table: name, isView } = table
  return (
    <div className={classes.foot}>
      <span className={classes.quiet}>Entries are never changed or removed.</span>
      <div className="flow gap-8">
        <Button variant="default" component={Link} href={paths.audit({ catalog, namespace, table: name })}>
          All of {targetText(entry)}
        </Button>
        {!isView && isUndoable && <AuditUndo entry={entry} table={table} />}
      </div>
    </div>
  )
}

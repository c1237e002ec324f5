'use client'
import { useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { useShownTable } from '@/components/table/frame/shown-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { SidePanel } from '@/components/ui/side-panel'
import { CodeBlock } from '@/components/ui/values/code-block'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { publicationsQuery } from '@/lib/client/table/publications'
import { entryLabel } from '@/lib/names/identifiers'
import { CheckLine } from './check-state'
import classes from './results-panel.module.css'
import { ViolationTable } from './violation-table'

/** The result of each check on a snapshot, with its SQL and the first rows that break it. */
export function ResultsPanel({ snapshotId, onClose }: { snapshotId: string; onClose: () => void }) {
  const { table } = useShownTable()
  const query = useQuery(publicationsQuery(table, snapshotId))
  const { data } = query
  const sqlOf = new Map(data?.checks.map(({ name, sql }) => [name, sql]))
  const publication = data?.publications[0]
  return (
    <SidePanel
      title="Results of the checks"
      subtitle={publication?.branch ?? undefined}
      width={468}
      onClose={onClose}
      takesFocus
    >
      <Unloaded query={query} subject={entryLabel(table)} skeleton={[6, 3, 'Reading the results']} />
      {data && !publication && <EmptyState>Nothing is to be published at snapshot {snapshotId}.</EmptyState>}
      {publication && (
        <div className="stack gap-12">
          <p className={classes.at}>
            On snapshot <code>{publication.snapshotId}</code>
          </p>
          {publication.checks.map((check) => (
            <section key={check.name} className={classes.check} aria-label={check.name}>
              {/* Its message is below, in full. */}
              <CheckLine check={{ ...check, message: null }} />
              <CodeBlock label={`SQL of ${check.name}`} className={classes.sql}>
                {sqlOf.get(check.name)}
              </CodeBlock>
              {check.message !== null && <p className={classes.message}>{check.message}</p>}
              {check.isHidden && (
                <p className={classes.at}>Its rows are hidden: the check reads a table that you may not read.</p>
              )}
              {check.rows.length > 0 && <ViolationTable check={check} />}
              {check.checkedAtMs !== null && (
                <p className={classes.at}>
                  Run <RelativeTime atMs={check.checkedAtMs} />
                </p>
              )}
            </section>
          ))}
        </div>
      )}
    </SidePanel>
  )
}

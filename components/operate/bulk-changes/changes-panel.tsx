'use client'
import { useQuery } from '@tanstack/react-query'
import { BulkChangeText } from '@/components/changes/tray/bulk-change-text'
import { PropertyValue } from '@/components/changes/tray/property-value'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { Panel } from '@/components/ui/panel'
import { type BulkChange, bulkChangeTarget } from '@/lib/changes/intents/bulk-change'
import { type BulkChangeIdentifier, bulkValuesQuery } from '@/lib/client/bulk-changes'
import type { BulkValues } from '@/lib/contract/bulk-changes'
import { formatCount } from '@/lib/format/count'
import type { BulkChangeDetail } from './next-step'
import classes from './bulk-change.module.css'

/** The changes, each with the values that the tables had before it. */
export function ChangesPanel({ on, bulkChange }: { on: BulkChangeIdentifier; bulkChange: BulkChangeDetail }) {
  const { changes, run, step } = bulkChange
  const isPreviewing = step === 'preview' && run?.finishedAtMs === null
  const hasValues = changes.some(hasEarlierValues)
  const { data, error } = useQuery({
    ...bulkValuesQuery(on, run?.id ?? null),
    enabled: hasValues && !isPreviewing,
  })
  return (
    <Panel title="What it changes" subtitle={hasValues ? 'and what was there' : 'the same in every table'}>
      {error && <ProblemNote error={error} subject="The earlier values" />}
      <ul className={classes.changes} aria-label="Changes">
        {changes.map((change) => {
          const target = 'key' in change ? change.key : bulkChangeTarget(change)
          const found = hasEarlierValues(change) ? data?.values.find(({ key }) => key === target) : undefined
          return (
            <li key={bulkChangeTarget(change)}>
              <BulkChangeText change={change} />
              {found && !isPreviewing && <EarlierValues values={found} />}
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}

function hasEarlierValues(change: BulkChange): boolean {
  return 'key' in change || change.kind === 'grant'
}

/** The tables of each earlier value, as shares of a bar and as counts. */
function EarlierValues({ values: { before, otherCount, unchangedCount } }: { values: BulkValues }) {
  const parts = [
    ...before.map(({ value, tableCount }) => ({ label: <PropertyValue value={value} />, tableCount })),
    { label: 'other values', tableCount: otherCount },
    { label: 'already so', tableCount: unchangedCount },
  ].filter(({ tableCount }) => tableCount > 0)
  return (
    <>
      <div className={classes.shares} aria-hidden>
        {parts.map(({ tableCount }, index) => (
          // A part is its position among the values.
          <i key={index} style={{ flexGrow: tableCount }} />
        ))}
      </div>
      <ul className={classes.earlier} aria-label="Earlier values">
        {parts.map(({ label, tableCount }, index) => (
          <li key={index}>
            {label} {formatCount(tableCount)}
          </li>
        ))}
      </ul>
    </>
  )
}

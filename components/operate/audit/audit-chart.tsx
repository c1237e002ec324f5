'use client'
import { useQuery } from '@tanstack/react-query'
import { StackedBars } from '@/components/chart/stacked-bars'
import { auditCountsQuery } from '@/lib/client/audit'
import type { AuditCounts } from '@/lib/contract/audit'
import { AUDIT_OUTCOMES } from '@/lib/contract/shapes/plain-values'
import { formatCount } from '@/lib/format/count'
import { formatStep } from '@/lib/format/duration'
import classes from './audit.module.css'
import { OUTCOME_LOOKS } from './audit-outcome'
import type { AuditAddress } from './use-audit-filter'

const HEIGHT = 96
const COLOURS = {
  done: 'var(--c1)',
  refused: 'var(--removed)',
  failed: 'var(--c3)',
  'found-done': 'var(--c2)',
  'not-committed': 'var(--c0)',
  unknown: 'var(--warn)',
} as const

/** The list says of such an entry how often the request was refused. */
const REPEATED = 'Refusals repeated within a minute are one entry.'

/** When the entries were written that fit the filter. Dragging over a part of the time chooses it. */
export function AuditChart({ address }: { address: AuditAddress }) {
  const { data, error } = useQuery(auditCountsQuery(address.filter))
  // The list has the same problem, and shows it.
  if (error !== null && data === undefined) return null
  const sums = AUDIT_OUTCOMES.map((outcome) => ({ outcome, entryCount: data ? sumOf(data, outcome) : 0 }))
  const shown = sums.filter(({ outcome, entryCount }) => entryCount > 0 || outcome === 'done')
  // Without an entry the list says so.
  const legend = data === undefined ? shown : sums.filter(({ entryCount }) => entryCount > 0)
  const hasRefused = legend.some(({ outcome }) => outcome === 'refused') && data !== undefined
  return (
    <div className={classes.chart}>
      <div className="grow">
        {data === undefined ? (
          <div style={{ height: HEIGHT }} />
        ) : (
          <StackedBars
            label={hasRefused ? `Entries over time. ${REPEATED}` : 'Entries over time'}
            series={shown.map(({ outcome }) => ({
              key: outcome,
              label: OUTCOME_LOOKS[outcome].word,
              colour: COLOURS[outcome],
            }))}
            stacks={toStacks(
              data,
              shown.map(({ outcome }) => outcome),
            )}
            stepMs={data.stepMs}
            measure="count"
            sumName="All entries"
            height={HEIGHT}
            emptyText=""
            onSelect={(fromMs, toMs) => address.set({ from: String(fromMs), to: String(toMs) })}
          />
        )}
      </div>
      <div className={classes.legend}>
        {legend.length > 0 && (
          <ul>
            {legend.map(({ outcome, entryCount }) => (
              <li key={outcome}>
                <span className={classes.mark} style={{ background: COLOURS[outcome] }} aria-hidden />
                {OUTCOME_LOOKS[outcome].word} <b>{data === undefined ? '–' : formatCount(entryCount)}</b>
              </li>
            ))}
          </ul>
        )}
        <p>
          {data === undefined ? ' ' : `entries per ${formatStep(data.stepMs)}; drag to choose a time`}
          {data?.isTruncated && ', of the newest 100,000'}
          {hasRefused && `. ${REPEATED}`}
        </p>
      </div>
    </div>
  )
}

function sumOf({ counts }: AuditCounts, outcome: AuditCounts['counts'][number]['outcome']): number {
  return counts.filter((one) => one.outcome === outcome).reduce((sum, { entryCount }) => sum + entryCount, 0)
}

/** Every step, with zeros for those without an entry. */
function toStacks({ fromMs, stepMs, toMs, counts }: AuditCounts, outcomes: readonly string[]) {
  const byStep = Map.groupBy(counts, ({ startMs }) => startMs)
  const stepCount = Math.max(1, Math.ceil((toMs - fromMs) / stepMs))
  return Array.from({ length: stepCount }, (_, step) => {
    const startMs = fromMs + step * stepMs
    const inStep = byStep.get(startMs) ?? []
    return {
      startMs,
      values: outcomes.map((outcome) => inStep.find((one) => one.outcome === outcome)?.entryCount ?? 0),
    }
  })
}

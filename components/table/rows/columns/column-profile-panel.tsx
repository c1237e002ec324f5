'use client'
import { Button } from '@mantine/core'
import { useEffect, useEffectEvent } from 'react'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SidePanel } from '@/components/ui/side-panel'
import { useValueZone } from '@/components/ui/values/use-time-zone'
import { type ColumnProfileState, useColumnProfile } from '@/lib/client/query/use-column-profile'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import { visibleText } from '@/lib/format/visible-text'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ColumnProfile, ProfiledValues } from '@/lib/query/column-profile-types'
import { DISTINCT_MARGIN } from '@/lib/query/distinct-margin'
import type { RowValue } from '@/lib/scan/read/row-values'
import classes from './column-profile-panel.module.css'
import { toCell } from '../row-cell'

type ColumnProfilePanelProps = {
  field: NestedField
  /** The same object until another table is meant. */
  table: Parameters<typeof useColumnProfile>[1]
  /** Called with the profile once it is known. */
  onProfiled?: (profile: ColumnProfile) => void
  onClose: () => void
  loadEngine?: Parameters<typeof useColumnProfile>[2]
}

/** A summary of one column over all rows of the snapshot, or over those that match the filter. */
export function ColumnProfilePanel({ field, table, onProfiled, onClose, loadEngine }: ColumnProfilePanelProps) {
  const profiling = useColumnProfile(field, table, loadEngine)
  const { state } = profiling
  const profile = state.status === 'done' ? state.profile : null
  const reportProfile = useEffectEvent((known: ColumnProfile) => onProfiled?.(known))
  useEffect(() => {
    if (profile !== null) reportProfile(profile)
  }, [profile])
  return (
    <ProfilePanel
      field={field}
      typeText={`${typeLabel(field.type)} id ${field.id}`}
      rowsText={table.where === undefined ? 'all of this snapshot' : 'all that match these filters'}
      profiling={profiling}
      onClose={onClose}
    />
  )
}

/** The states of a profile: it is computed, failed, was cancelled or is known. */
export function ProfilePanel({
  field,
  typeText,
  rowsText,
  profiling: { state, retry, cancel },
  onClose,
}: {
  field: NestedField
  typeText: string
  /** Which rows they are: `all of this snapshot`. */
  rowsText: string
  profiling: ReturnType<typeof useColumnProfile>
  onClose: () => void
}) {
  return (
    <SidePanel title={visibleText(`Profile of ${field.name}`)} subtitle={typeText} width={292} onClose={onClose}>
      {state.status === 'done' ? (
        <Profile field={field} profile={state.profile} rowsText={rowsText} />
      ) : state.status === 'failed' ? (
        <ProblemNote error={state.error} subject={field.name} onRetry={retry} />
      ) : state.status === 'cancelled' ? (
        <EmptyState
          action={
            <Button variant="default" onClick={retry}>
              Profile the column
            </Button>
          }
        >
          The profile was cancelled.
        </EmptyState>
      ) : (
        <Running state={state} onCancel={cancel} />
      )}
    </SidePanel>
  )
}

function Running({ state, onCancel }: { state: ColumnProfileState & { status: 'running' }; onCancel: () => void }) {
  const { progress, question } = state
  if (question !== null) {
    const { readBytes, decodedBytes } = question.cost
    return (
      <div className={classes.question}>
        <p>
          The profile loads {formatBytes(readBytes)}, about {formatBytes(decodedBytes)} in memory.
        </p>
        <Button onClick={() => question.answer(true)}>Load and profile</Button>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    )
  }
  return (
    <div className={classes.question}>
      <p role="status">
        {progress === null || progress.step === 'starting'
          ? 'Starting DuckDB…'
          : `Reading the column: ${formatBytes(progress.readBytes)}${progress.totalBytes > 0 ? ` of ${formatBytes(progress.totalBytes)}` : ''}`}
      </p>
      <Button variant="default" onClick={onCancel}>
        Cancel
      </Button>
    </div>
  )
}

function Profile({
  field,
  profile: { rowCount, nullCount, values },
  rowsText,
}: {
  field: NestedField
  profile: ColumnProfile
  rowsText: string
}) {
  return (
    <>
      <p className={classes.scope}>
        {formatQuantity(rowCount, 'row')}, {rowsText}
      </p>
      <dl className={classes.facts}>
        <Fact name="Nulls">
          {formatCount(nullCount)}
          {nullCount > 0 && ` (${formatPercent(nullCount / rowCount)})`}
        </Fact>
        {values && (
          <>
            <Fact name="Distinct">{distinctText(values)}</Fact>
            {values.nanCount !== null && <Fact name="NaN">{formatCount(values.nanCount)}</Fact>}
            <Fact name="Min">
              <ProfiledValue field={field} value={values.min} />
            </Fact>
            <Fact name="Max">
              <ProfiledValue field={field} value={values.max} />
            </Fact>
          </>
        )}
      </dl>
      {values === null && <p className={classes.scope}>Only the nulls of this type are counted.</p>}
      {values && <Histogram field={field} values={values} />}
      {values && values.top.length > 0 && <TopValues field={field} values={values} />}
      <p className={classes.scope}>
        {values === null || values.isDistinctExact
          ? 'Exact. Computed in the browser.'
          : `Distinct is an estimate, within ± ${MARGIN} (95 % confidence); all else is exact. Computed in the browser.`}
      </p>
    </>
  )
}

const MARGIN = `${Math.round(DISTINCT_MARGIN * 100)} %`

/** An estimate has no more than two digits: more would not be known. */
function distinctText({ distinctCount, isDistinctExact }: NonNullable<ColumnProfile['values']>): string {
  if (isDistinctExact) return formatCount(distinctCount)
  return `≈ ${formatCount(Number(distinctCount.toPrecision(2)))} ± ${MARGIN}`
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Histogram({
  field,
  values: { histogram, lengths, min, max, finite, infiniteCount },
}: {
  field: NestedField
  values: ProfiledValues
}) {
  const most = Math.max(...histogram)
  if (histogram.length === 0 || most <= 0) return null
  return (
    <section>
      <h3 className={classes.title}>{lengths ? 'Histogram of lengths' : 'Histogram'}</h3>
      <ol
        className={classes.histogram}
        aria-label={`Rows in buckets of equal width, from the ${lengths ? 'shortest text to the longest' : 'least value to the greatest'}`}
      >
        {histogram.map((count, i) => (
          // Buckets have no identity but their position.
          <li key={`bucket ${i}`} title={formatQuantity(count, 'row')}>
            <span
              className={classes.column}
              style={{ height: `${(100 * count) / most}%` }}
              data-some={count > 0 || undefined}
            />
            <span className="sr-only">{formatQuantity(count, 'row')}</span>
          </li>
        ))}
      </ol>
      <p className={classes.ends}>
        <span>
          {lengths ? (
            formatQuantity(lengths.min, 'character')
          ) : (
            <ProfiledValue field={field} value={finite?.min ?? min} />
          )}
        </span>
        <span>
          {lengths ? (
            formatQuantity(lengths.max, 'character')
          ) : (
            <ProfiledValue field={field} value={finite?.max ?? max} />
          )}
        </span>
      </p>
      {infiniteCount !== null && infiniteCount > 0 && (
        <p className={classes.note}>
          {formatQuantity(infiniteCount, 'infinite value')} {infiniteCount === 1 ? 'is' : 'are'} not in the bars.
        </p>
      )}
    </section>
  )
}

function TopValues({ field, values: { top } }: { field: NestedField; values: ProfiledValues }) {
  const most = top[0]?.count ?? 1
  return (
    <section>
      <h3 className={classes.title}>Top values</h3>
      <ol className={classes.top}>
        {top.map(({ value, count }, i) => (
          // Two values may have the same text.
          <li key={`value ${i}`}>
            <span className="truncate">
              <ProfiledValue field={field} value={value} />
            </span>
            <span className={classes.track} aria-hidden>
              <span className={classes.bar} style={{ width: `${(100 * count) / most}%` }} />
            </span>
            <span className={classes.count}>{formatCount(count)}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}

function ProfiledValue({ field, value }: { field: NestedField; value: RowValue | null }) {
  const timeZone = useValueZone()
  if (value === null) return '–'
  const { text, kind } = toCell(field.type, value, timeZone)
  return <code title={text}>{kind === 'empty' ? 'empty' : text}</code>
}

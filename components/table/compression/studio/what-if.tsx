'use client'
import { Button } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconInfoCircle, IconPlus, IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useCanChange } from '@/components/table/frame/use-can-change'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { Panel } from '@/components/ui/panel'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { retryFetch } from '@/lib/client/call/retry'
import { compressionTrialQuery, isOpen, useStartTrial } from '@/lib/client/table/compression'
import type { CompressionSample, StoredColumn } from '@/lib/contract/table/compression'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import { columnCompression } from '@/lib/iceberg/properties/column-compression'
import { columnSettingKey } from '@/lib/iceberg/properties/column-settings'
import { RunLine } from './run-line'
import { TrialChart } from './trial-chart'
import {
  projectionText,
  type Rate,
  type Reason,
  reasonsFor,
  recommend,
  type TrialRow,
  trialRows,
  yearText,
} from './trial-rows'
import { TrialTable } from './trial-table'
import classes from './what-if.module.css'

type WhatIfProps = Rate & {
  column: StoredColumn
  now: Readonly<Record<string, string>>
  setValue: (key: string, newValue: string | null) => void
  canChange: boolean
}

/** The effect of other codecs on a column, measured by the worker on real pages. */
export function WhatIf({ column, now, loadedBytesPerDay, price, setValue, canChange }: WhatIfProps) {
  const { table, detail } = useShownTable()
  const canSample = useCanChange('table:write').isOffered === true
  const trial = useQuery(compressionTrialQuery(table, column.fieldId, detail.metadataLocation))
  const start = useStartTrial(table, column.fieldId)
  const run = trial.data?.run ?? null
  const sample = trial.data?.sample ?? null
  const isStale = trial.data?.isSampleCurrent === false
  const isBusy = isOpen(run) || start.isPending
  return (
    <Panel
      title="What if"
      subtitle={
        sample === null ? (
          'tries codecs on real pages of the column, in the worker; nothing is written'
        ) : (
          // A phone has no room for all of it.
          <span title={sampleText(sample, column, isStale)}>
            {sampleText(sample, column, isStale)},{' '}
            {trial.data?.sampledAtMs != null && <RelativeTime atMs={trial.data.sampledAtMs} />}
          </span>
        )
      }
      actions={
        canSample && (
          <WaitingButton
            variant="default"
            loading={isBusy}
            onClick={() => start.mutate()}
            leftSection={<IconRefresh size={15} stroke={1.6} aria-hidden />}
          >
            {sample === null ? 'Sample' : 'Sample again'}
          </WaitingButton>
        )
      }
    >
      <div className="stack gap-10">
        {trial.error && <ProblemNote error={trial.error} onRetry={() => retryFetch(trial.refetch)} />}
        {start.error && <ProblemNote error={start.error} />}
        {run && isOpen(run) && <RunLine run={run} />}
        {run?.state === 'failed' && (
          <ProblemNote error={new AppError(run.error?.code ?? 'internal', run.error?.detail ?? 'The trial failed.')} />
        )}
        {run?.state === 'cancelled' && <p className={classes.quiet}>The last trial was cancelled.</p>}
        {trial.isPending && <p className={classes.quiet}>Reading the last sample…</p>}
        {sample === null
          ? !isBusy &&
            trial.data && (
              <p className={classes.quiet}>
                No sample of this column yet.
                {!canSample && ' You need the editor role to take one.'}
              </p>
            )
          : isStale
            ? !isBusy && (
                <WarningNote>
                  The table no longer has all files of this sample, so it says nothing of the files that are stored now.{' '}
                  {canSample ? 'Sample again to compare codecs.' : 'You need the editor role to sample again.'}
                </WarningNote>
              )
            : sample.trials.length > 0 && (
                <Results
                  key={trial.data?.sampledAtMs}
                  {...{ column, now, sample, loadedBytesPerDay, price, setValue, canChange }}
                />
              )}
      </div>
    </Panel>
  )
}

/** The pages of the sample, and what its results are projected on if it is current. */
function sampleText(sample: CompressionSample, { column, storedBytes }: StoredColumn, isStale: boolean): string {
  const pages = `${formatQuantity(sample.pageCount, 'page')} of ${formatQuantity(sample.fileCount, 'file')}`
  return `${column.join('.')}: ${pages}${isStale ? '' : `, ${projectionText(sample, storedBytes)}`}`
}

function Results({
  column,
  now,
  sample,
  loadedBytesPerDay,
  price,
  setValue,
  canChange,
}: WhatIfProps & { sample: CompressionSample }) {
  const rows = trialRows(sample, column, columnCompression(now, column.fieldId))
  const recommendation = recommend(rows)
  const set = rows.find(({ isSet }) => isSet) ?? null
  const [chosenLabel, setChosenLabel] = useState<string | null>(null)
  const chosen = rows.find(({ label }) => label === chosenLabel) ?? recommendation.row ?? set
  const apply = ({ codec, level }: TrialRow) => {
    setValue(columnSettingKey(column.fieldId, 'compression-codec'), codec)
    setValue(columnSettingKey(column.fieldId, 'compression-level'), level === null ? null : String(level))
  }
  const yearTexts = chosen && yearText(chosen, { loadedBytesPerDay, price })
  const isRecommended = chosen !== null && chosen === recommendation.row
  const reasons = [
    ...(chosen === null ? [] : reasonsFor(chosen, set, { storedBytes: column.storedBytes, loadedBytesPerDay, price })),
    ...(isRecommended || recommendation.row === null ? recommendation.reasons : []),
  ]
  return (
    <div className={classes.frame}>
      <div className={classes.results}>
        <TrialTable rows={rows} chosen={chosen} onChoose={({ label }) => setChosenLabel(label)} />
        <TrialChart rows={rows} chosen={chosen} />
        {chosen && (
          <section className={classes.choice} aria-label={`${chosen.label} for ${column.column.join('.')}`}>
            <h3>
              <code>{chosen.label}</code> for <code>{column.column.join('.')}</code>
              {isRecommended && <span className={classes.quiet}> recommended</span>}
            </h3>
            <ul>
              {reasons.map((reason) => (
                <li key={reason.text} data-tone={reason.tone}>
                  <ReasonIcon tone={reason.tone} />
                  <span>{reason.text}</span>
                </li>
              ))}
            </ul>
            <div className={classes.apply}>
              {canChange && (
                <Button
                  variant="default"
                  disabled={chosen.isSet}
                  leftSection={<IconPlus size={15} stroke={1.6} aria-hidden />}
                  onClick={() => apply(chosen)}
                >
                  Add to changes
                </Button>
              )}
              {yearTexts && (
                <p className="stack bare quiet small">
                  {yearTexts.map((text) => (
                    <span key={text}>{text}</span>
                  ))}
                </p>
              )}
            </div>
          </section>
        )}
      </div>
    </div>
  )
}

function ReasonIcon({ tone }: { tone: Reason['tone'] }) {
  const Icon = tone === 'good' ? IconCheck : tone === 'warning' ? IconAlertTriangle : IconInfoCircle
  return (
    <Icon
      size={15}
      stroke={1.6}
      aria-label={tone === 'warning' ? 'Warning:' : undefined}
      aria-hidden={tone !== 'warning'}
    />
  )
}

'use client'
import { useQuery } from '@tanstack/react-query'
import { parseAsStringLiteral, useQueryStates } from 'nuqs'
import { checkChoice } from '@/components/ui/notes/address-problems'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { compressionQuery } from '@/lib/client/dashboards'
import type { Compression } from '@/lib/contract/dashboards'
import { toStorageCut } from '@/lib/facts/storage-cuts'
import { sharedUnit } from '@/lib/format/shared-unit'
import { DashboardFrame } from '../dashboard-frame'
import { DAY_PERIODS, endOfRange } from '../ingestion/period'
import { usePeriod } from '../ingestion/use-period'
import { useLastReading } from '../use-last-reading'
import { useScope } from '../use-scope'
import classes from './compression.module.css'
import { RetainedPanel } from './retained-panel'
import { type Cut, CUTS } from './made-of-rows'
import { RatioLines } from './ratio-lines'
import { SizeChanges, toMarks } from './size-changes'
import { type Scale, SCALES, SizeLines } from './size-lines'
import { SizesStrip } from './sizes-strip'

/** Lists are below the first view. */
const MadeOf = lazyComponent(async () => (await import('./made-of')).MadeOf, {
  isServerRendered: true,
  loading: () => <SkeletonRows rows={10} columns={6} />,
})
const Candidates = lazyComponent(async () => (await import('./candidates')).Candidates, {
  isServerRendered: true,
  loading: () => <SkeletonRows rows={6} columns={5} />,
})

/** Plain, encoded and stored bytes of the files of the lake, over time, by column, codec and table. */
export function CompressionDashboard() {
  const choice = usePeriod(DAY_PERIODS)
  const nowMs = useNow()
  const timeZone = useTimeZone()
  const scope = useScope()
  const [{ view, scale }, setView] = useQueryStates({
    view: parseAsStringLiteral(CUTS).withDefault('column'),
    scale: parseAsStringLiteral(SCALES).withDefault('linear'),
  })
  const query = useQuery(compressionQuery(scope.scope, choice.period, toStorageCut(view)))
  const reading = useLastReading(query, choice.period)
  return (
    <DashboardFrame
      title="Compression"
      subtitle={({ files: { unmeasuredTables } }) => unmeasuredTables > 0 && `, ${unmeasuredTables} not measured yet`}
      loadingText="Reading what the files are made of"
      query={query}
      reading={reading}
      choice={choice}
      scope={scope}
      checks={CHECKS}
      emptyText={({ levels }) =>
        levels.every(({ storedBytes }) => storedBytes === 0) ? 'No data files in this scope.' : null
      }
    >
      {(data) => (
        <Figures
          data={data}
          view={view}
          scale={scale}
          rangeEndMs={endOfRange(choice.range, { nowMs, timeZone })}
          onChoose={(chosen) => void setView(chosen)}
        />
      )}
    </DashboardFrame>
  )
}

const CHECKS = {
  ...checkChoice('view', CUTS, 'The sizes are split by column.'),
  ...checkChoice('scale', SCALES, 'The scale is linear.'),
}

function Figures({
  data,
  view,
  scale,
  rangeEndMs,
  onChoose,
}: {
  data: Compression
  view: Cut
  scale: Scale
  rangeEndMs: number | null
  onChoose: (choice: { view?: Cut; scale?: Scale }) => void
}) {
  const unit = sharedUnit(data.sizes.storedBytes)
  const marks = toMarks(data.changes)
  const hasRetained = data.levels.at(-1)?.retained != null
  return (
    <>
      <SizesStrip data={data} unit={unit} />
      <div className={classes.charts} data-count={hasRetained ? 3 : 2}>
        <SizeLines
          data={data}
          unit={unit}
          scale={scale}
          onScale={(chosen) => onChoose({ scale: chosen })}
          marks={marks}
          rangeEndMs={rangeEndMs}
        />
        <RatioLines data={data} marks={marks} />
        {hasRetained && (
          <RetainedPanel
            data={data}
            unit={unit}
            marks={marks.filter((_, index) => data.changes[index]?.kind === 'rewrite')}
          />
        )}
      </div>
      <div className={classes.lists}>
        <MadeOf data={data} unit={unit} cut={view} onCut={(chosen) => onChoose({ view: chosen })} />
        <div className={classes.stack}>
          <Candidates data={data} />
          <SizeChanges data={data} />
        </div>
      </div>
    </>
  )
}

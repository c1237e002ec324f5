'use client'
import { useQuery } from '@tanstack/react-query'
import { parseAsArrayOf, parseAsString, parseAsStringLiteral, useQueryState, useQueryStates } from 'nuqs'
import { checkChoice } from '@/components/ui/notes/address-problems'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { useSettled } from '@/components/ui/use-settled'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { type IngestionPeriod, ingestionQuery } from '@/lib/client/dashboards'
import type { Ingestion, IngestionMeasure, IngestionSplit } from '@/lib/contract/dashboards'
import { INGESTION_MEASURES, INGESTION_SPLITS } from '@/lib/contract/shapes/plain-values'
import { formatDate, formatDay, formatTimeOfDay } from '@/lib/format/time'
import { DashboardFrame } from '../dashboard-frame'
import { namedSeriesText, useColouredSeries } from '../use-coloured-series'
import { useLastReading } from '../use-last-reading'
import { useScope } from '../use-scope'
import { amountFormat } from './amount-format'
import { DifferentFromLake } from './history-check'
import { EquationStrip } from './equation-strip'
import classes from './ingestion-dashboard.module.css'
import { type ChartChoice, IngestionChart, SCALES } from './ingestion-chart'
import { periodLabel } from './period-label'
import { usePeriod } from './use-period'

/** Lists are below the first view. */
const NewestCommits = lazyComponent(async () => (await import('../newest-commits')).NewestCommits, {
  isServerRendered: true,
})

const FileSizes = lazyComponent(async () => (await import('./file-sizes')).FileSizes, {
  isServerRendered: true,
  loading: () => <SkeletonRows rows={9} columns={1} />,
})
const IngestionTables = lazyComponent(async () => (await import('./ingestion-tables')).IngestionTables, {
  isServerRendered: true,
  loading: ({ data }) => <SkeletonRows rows={data.tables.length + 2} columns={8} />,
})

const SPLIT_PLURALS = { table: 'tables', operation: 'operations', writer: 'writers' } as const

const CHECKS = {
  ...checkChoice('by', INGESTION_SPLITS, 'The chart is split by writer.'),
  ...checkChoice('measure', INGESTION_MEASURES, 'The figures are rows.'),
  ...checkChoice('scale', SCALES, 'The scale is linear.'),
}

/** The rows that came into the tables of the lake, that were removed and taken back, and that were only moved. */
export function IngestionDashboard() {
  const choice = usePeriod()
  const scope = useScope()
  const [{ measure, by, scale, hidden }, setView] = useQueryStates({
    measure: parseAsStringLiteral(INGESTION_MEASURES).withDefault('rows'),
    by: parseAsStringLiteral(INGESTION_SPLITS).withDefault('writer'),
    scale: parseAsStringLiteral(SCALES).withDefault('linear'),
    hidden: parseAsArrayOf(parseAsString).withDefault([]),
  })
  const [match, setMatch] = useQueryState('match', parseAsString.withDefault(''))
  const settledMatch = useSettled(match.trim())
  const view = { measure, by, ...(settledMatch !== '' && { match: settledMatch }) }
  const query = useQuery(ingestionQuery(view, scope.scope, choice.period))
  const reading = useLastReading(query, { period: choice.period, measure, by })
  const nowMs = useNow()
  const timeZone = useTimeZone()
  return (
    <DashboardFrame
      title="Ingestion"
      subtitle={({ previousSpan, grain }) =>
        `, against ${periodLabel(previousSpan, { nowMs, timeZone: grain === 'day' ? 'UTC' : timeZone })}`
      }
      loadingText="Reading the history of the tables"
      query={query}
      reading={reading}
      choice={choice}
      scope={scope}
      checks={CHECKS}
      emptyText={({ tableCount, tables }) =>
        tableCount + tables.length === 0
          ? 'No table here has a history yet. A new table has one a few seconds after its first commit.'
          : null
      }
    >
      {(data) => (
        <>
          <DifferentFromLake check={data.check} />
          <Figures
            data={data}
            shown={reading.span}
            choice={{
              measure,
              by,
              scale,
              hidden,
              choose: ({ hidden: chosen, ...view }) =>
                void setView({ ...view, ...(chosen && { hidden: chosen.length === 0 ? null : [...chosen] }) }),
            }}
            tables={{ match, onMatch: (text) => void setMatch(text === '' ? null : text) }}
            onSelect={choice.select}
          />
        </>
      )}
    </DashboardFrame>
  )
}

/** @param props.shown the choice that the figures cover: an earlier one while another is read, or if reading fails */
function Figures({
  data,
  shown,
  choice,
  tables,
  onSelect,
}: {
  data: Ingestion
  shown: { period: IngestionPeriod; measure: IngestionMeasure; by: IngestionSplit }
  choice: ChartChoice
  tables: { match: string; onMatch: (match: string) => void }
  onSelect: (fromMs: number, toMs: number) => void
}) {
  const series = useColouredSeries(data.series)
  // Hours are not stored for ever.
  const shownStep = data.grain === 'day' && shown.period.step === 'hour' ? 'day' : shown.period.step
  const nowMs = useNow()
  const timeZone = useTimeZone()
  // Commits have no total, so their equation is that of rows.
  const format = amountFormat(shown.measure === 'commits' ? 'rows' : shown.measure)
  const timeText = (atMs: number) =>
    data.grain === 'day' ? formatDate(atMs, 'UTC') : `${formatDay(atMs, timeZone)} ${formatTimeOfDay(atMs, timeZone)}`
  const named = namedSeriesText(series, SPLIT_PLURALS[shown.by], shown.measure)
  return (
    <>
      <EquationStrip
        data={data}
        format={format}
        ends={{
          start: timeText(data.span.fromMs),
          end: data.span.toMs > nowMs ? null : timeText(data.span.toMs),
        }}
      />
      <div className={classes.charts}>
        <IngestionChart
          data={data}
          series={series}
          shown={{ ...shown, step: shownStep }}
          choice={choice}
          onSelect={onSelect}
        />
        <FileSizes files={data.files} />
      </div>
      {named !== null && <p className="bare quiet small">{named}</p>}
      <IngestionTables data={data} format={format} {...tables} />
      <NewestCommits commits={data.newest} />
    </>
  )
}

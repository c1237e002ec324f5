'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ComponentProps } from 'react'
import { parseAsArrayOf, parseAsString, parseAsStringLiteral, useQueryState, useQueryStates } from 'nuqs'
import { checkChoice } from '@/components/ui/notes/address-problems'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { useSettled } from '@/components/ui/use-settled'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { type IngestionPeriod, ingestionQuery } from '@/lib/client/dashboards'
import type { Ingestion, IngestionMeasure, IngestionSplit } from '@/lib/contract/dashboards'
import { AppError } from '@/lib/errors'
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
import { measureOfSplit } from './partition-choice'
import { periodLabel } from './period-label'
import { TableChoice } from './table-choice'
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

const PartitionList = lazyComponent(async () => (await import('./partition-list')).PartitionList, {
  isServerRendered: true,
  loading: ({ partitions }) => <SkeletonRows rows={partitions.listed.length + 2} columns={6} />,
})

const SPLIT_PLURALS = { table: 'tables', operation: 'operations', writer: 'writers', partition: 'partitions' } as const

const CHECKS = {
  ...checkChoice('by', INGESTION_SPLITS, 'The chart is split by writer.'),
  ...checkChoice('measure', INGESTION_MEASURES, 'The figures are rows.'),
  ...checkChoice('scale', SCALES, 'The scale is linear.'),
}

/** The rows that came into the tables of the lake, that were removed and taken back, and that were only moved. */
export function IngestionDashboard() {
  const choice = usePeriod()
  const [{ measure: chosenMeasure, by, scale, hidden }, setView] = useQueryStates({
    measure: parseAsStringLiteral(INGESTION_MEASURES).withDefault('rows'),
    by: parseAsStringLiteral(INGESTION_SPLITS).withDefault('writer'),
    scale: parseAsStringLiteral(SCALES).withDefault('linear'),
    hidden: parseAsArrayOf(parseAsString).withDefault([]),
  })
  // Only one table is split by partition.
  const scope = useScope({ onChange: () => by === 'partition' && void setView({ by: null }) })
  const measure = measureOfSplit(chosenMeasure, by)
  const [match, setMatch] = useQueryState('match', parseAsString.withDefault(''))
  const settledMatch = useSettled(match.trim())
  const view = { measure, by, ...(settledMatch !== '' && { match: settledMatch }) }
  const covered = { ...scope.scope, ...(scope.chosen.table !== null && { table: scope.chosen.table }) }
  const query = useQuery(ingestionQuery(view, covered, choice.period))
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
      afterScope={<TableChoice scope={scope} />}
      covered={covered}
      refused={
        by === 'partition' && isInvalidRequest(query.error) ? (
          <EmptyState
            action={
              <Button variant="default" onClick={() => void setView({ by: null })}>
                Split by writer
              </Button>
            }
          >
            {query.error.message}
          </EmptyState>
        ) : null
      }
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
            tables={{
              match,
              onMatch: (text) => void setMatch(text === '' ? null : text),
              ...(data.tableCount > 1 && { onChoose: scope.chooseTable }),
            }}
            onSelect={choice.select}
          />
        </>
      )}
    </DashboardFrame>
  )
}

function isInvalidRequest(error: unknown): error is AppError {
  return error instanceof AppError && error.code === 'invalid-request'
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
  tables: Pick<ComponentProps<typeof IngestionTables>, 'match' | 'onMatch' | 'onChoose'>
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
      {data.partitions !== null && <PartitionList data={data} partitions={data.partitions} format={format} />}
      <IngestionTables data={data} format={format} {...tables} />
      <NewestCommits commits={data.newest} />
    </>
  )
}

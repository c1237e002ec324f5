'use client'
import { UnlessNoAccess } from '@/components/admin/access/requests/unless-no-access'
import { Unloaded } from '@/components/shell/unloaded'
import { BadgedTables } from '@/components/about/badges-of-page'
import { useQuery } from '@tanstack/react-query'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { Legend } from '@/components/chart/legend'
import { Page } from '@/components/shell/page'
import { AddressProblems, checkChoice } from '@/components/ui/notes/address-problems'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { ingestionQuery } from '@/lib/client/dashboards'
import { INGESTION_SPLITS } from '@/lib/contract/shapes/plain-values'
import { DashboardChoice } from './dashboard-choice'
import classes from './dashboards.module.css'
import { FlowChart } from './flow-chart'
import { IngestionFigures } from './ingestion-figures'
import { LakeProblems } from './lake-problems'
import { RepeatedTables } from './repeated-tables'
import { NewestCommits } from './newest-commits'
import { RangeChoice } from './range-choice'
import { namedSeriesText, useColouredSeries } from './use-coloured-series'
import { ScopeChoice } from './scope-choice'
import { useScope } from './use-scope'
import { StaleDataNote } from './stale-data-note'
import { useLastReading } from './use-last-reading'
import { useSpan } from './use-span'

const CHARTS = [
  { metric: 'rows', title: 'Rows', measure: 'count' },
  { metric: 'bytes', title: 'File bytes', measure: 'bytes' },
  { metric: 'files', title: 'Files', measure: 'count' },
  { metric: 'commits', title: 'Commits', measure: 'count' },
] as const
const SPLIT_PLURALS = { table: 'tables', operation: 'operations', writer: 'writers' } as const
const SPLIT_NAMES = { table: 'Table', operation: 'Operation', writer: 'Writer' } as const

const SPLIT_CHECK = checkChoice('by', INGESTION_SPLITS, 'The charts are split by table.')

/** Rows, bytes, files and commits over time, by table, operation or writer. */
export function IngestionDashboard() {
  const [by, setBy] = useQueryState('by', parseAsStringLiteral(INGESTION_SPLITS).withDefault('table'))
  const timeSpan = useSpan()
  const scope = useScope()
  const query = useQuery(ingestionQuery(by, scope.scope, timeSpan.span))
  const { data, span, isStale } = useLastReading(query, timeSpan.span)
  const series = useColouredSeries(data?.series ?? [])
  return (
    <Page
      title="Ingestion"
      subtitle={
        data && (
          <span className={isStale ? 'warn' : undefined}>
            read <RelativeTime atMs={data.readAtMs} />
          </span>
        )
      }
      afterTitle={<DashboardChoice />}
      actions={
        <>
          <ScopeChoice scope={scope} />
          <SegmentedChoice
            label="Split by"
            value={by}
            onChange={(split) => void setBy(split)}
            options={INGESTION_SPLITS.map((split) => ({ value: split, label: SPLIT_NAMES[split] }))}
          />
          <RangeChoice timeSpan={timeSpan} ranges={['1h', '24h', '7d', '30d', '90d']} />
        </>
      }
    >
      <AddressProblems checks={{ ...timeSpan.checks, ...scope.checks, ...SPLIT_CHECK }} />
      <UnlessNoAccess>
        {data === undefined ? (
          <Unloaded
            query={query}
            subject="The ingestion dashboard"
            skeleton={[10, 6, 'Reading the commits of the lake']}
          />
        ) : (
          <BadgedTables badges={data.badges}>
            {isStale && <StaleDataNote query={query} subject="The ingestion dashboard" />}
            <LakeProblems reading={data} />
            <RepeatedTables reading={data} />
            <IngestionFigures totals={data.totals} before={data.previous} />
            <Legend names={series.map(({ label }) => label)} colours={series.map(({ colour }) => colour)} />
            <NamedSeries text={namedSeriesText(series, SPLIT_PLURALS[by], 'rows, bytes, files or commits')} />
            <div className={classes.even}>
              {CHARTS.map(({ metric, title, measure }) => (
                <FlowChart
                  key={metric}
                  title={title}
                  measure={measure}
                  metric={metric}
                  data={{ buckets: data.buckets, series }}
                  span={span}
                  by={by}
                  onSelect={timeSpan.select}
                />
              ))}
            </div>
            <NewestCommits commits={data.newest} totalCount={data.totals.commits} />
          </BadgedTables>
        )}
      </UnlessNoAccess>
    </Page>
  )
}

function NamedSeries({ text }: { text: string | null }) {
  return text !== null && <p className="bare quiet small">{text}</p>
}

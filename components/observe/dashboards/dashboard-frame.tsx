'use client'
import { Button } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { BadgedTables } from '@/components/about/badges-of-page'
import { UnlessNoAccess } from '@/components/admin/access/requests/unless-no-access'
import { Page } from '@/components/shell/page'
import { Unloaded } from '@/components/shell/unloaded'
import { type AddressChecks, AddressProblems } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import type { IngestionScope } from '@/lib/client/dashboards'
import type { CatalogBehind, TableBadge } from '@/lib/contract/shapes/lake'
import { DashboardChoice } from './dashboard-choice'
import { formatQuantity } from '@/lib/format/count'
import { HeadTools } from './head-tools'
import { CatalogsBehind } from '@/components/about/catalogs-behind'
import { PeriodChoice } from './ingestion/period-choice'
import type { PeriodChoice as Choice } from './ingestion/use-period'
import { ReadingAge } from './reading-age'
import { ScopeChoice } from './scope-choice'
import { SheetHead } from './sheet-head'
import { StaleDataNote } from './stale-data-note'
import type { useScope } from './use-scope'

type DashboardData = {
  readAtMs: number
  tableCount: number
  span: { fromMs: number; toMs: number }
  badges: readonly TableBadge[]
  behind: readonly CatalogBehind[]
  completeAtMs: number | null
}

/** The head of a dashboard with its choices, the notes on what its figures lack, and the figures. */
export function DashboardFrame<Data extends DashboardData>({
  title,
  subtitle,
  loadingText,
  query,
  reading: { data, isStale },
  choice,
  scope,
  checks,
  emptyText,
  afterScope,
  covered = scope.scope,
  refused,
  children,
}: {
  title: string
  /** After the tables and the age of the reading. */
  subtitle: (data: Data) => ReactNode
  loadingText: string
  query: UseQueryResult<Data>
  /** The figures that are shown: see `use-last-reading`. */
  reading: { data: Data | undefined; isStale: boolean }
  choice: Choice
  scope: ReturnType<typeof useScope>
  /** For the parts of the address that only this dashboard has. */
  checks: AddressChecks
  /** Why there are no figures; null if there are. */
  emptyText: (data: Data) => string | null
  /** Further choices of the scope. */
  afterScope?: ReactNode
  /** The part of the lake that the figures cover, if it is less than the scope. */
  covered?: IngestionScope
  /** In place of the problem, if what was chosen has no figures. */
  refused?: ReactNode
  children: (data: Data) => ReactNode
}) {
  const subject = `The ${title.toLowerCase()} dashboard`
  return (
    <Page
      title={title}
      subtitle={
        data && (
          <span className={isStale || data.behind.length > 0 ? 'warn' : undefined}>
            {formatQuantity(data.tableCount, 'table')}
            <ReadingAge data={data} />
            {subtitle(data)}
          </span>
        )
      }
      afterTitle={<DashboardChoice />}
      actions={
        <>
          <ScopeChoice scope={scope} />
          {afterScope}
          <PeriodChoice choice={choice} />
          <HeadTools />
        </>
      }
    >
      {data && <SheetHead title={title} scope={covered} span={data.span} readAtMs={data.readAtMs} />}
      <AddressProblems checks={{ ...choice.checks, ...scope.checks, ...checks }} />
      <UnlessNoAccess>
        {data === undefined ? (
          (refused ?? <Unloaded query={query} subject={subject} skeleton={[10, 6, loadingText]} />)
        ) : (
          <BadgedTables badges={data.badges}>
            {isStale && <StaleDataNote query={query} subject={subject} />}
            <CatalogsBehind behind={data.behind} />
            <NoFigures text={emptyText(data)} scope={scope} />
            {children(data)}
          </BadgedTables>
        )}
      </UnlessNoAccess>
    </Page>
  )
}

function NoFigures({
  text,
  scope: { chosen, chooseCatalog },
}: {
  text: string | null
  scope: ReturnType<typeof useScope>
}) {
  if (text === null) return null
  const isWholeLake = Object.values(chosen).every((name) => name === null)
  return (
    <EmptyState
      action={
        isWholeLake ? undefined : (
          <Button variant="default" onClick={() => chooseCatalog(null)}>
            Show all tables
          </Button>
        )
      }
    >
      {text}
    </EmptyState>
  )
}

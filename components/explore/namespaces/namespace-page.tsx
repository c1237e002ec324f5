'use client'
import { Button } from '@mantine/core'
import { IconFolderOpen } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { AboutBadges } from '@/components/about/about-badges'
import { RequestAccessButton } from '@/components/admin/access/requests/request-access-button'
import { AddressProblems, checkChoice } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { FilterField } from '@/components/ui/controls/filter-field'
import { CatalogLabelChip, CatalogPrefix } from '@/components/shell/catalog-name'
import { LazyFavouriteButton } from '@/components/shell/shortcuts/lazy-favourite-button'
import { NameHeader } from '@/components/ui/name-header'
import { PageFooter } from '@/components/ui/page-footer'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { Toolbar } from '@/components/ui/toolbar'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { namespaceQuery, namespacesQuery, tableSummariesQuery } from '@/lib/client/namespaces'
import { changePolicyQuery } from '@/lib/client/table/proposals'
import { viewsQuery } from '@/lib/client/views'
import { AppError } from '@/lib/errors'
import { formatQuantity, formatCount } from '@/lib/format/count'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { retryFetch } from '@/lib/client/call/retry'
import { NamespaceActions } from './actions/namespace-actions'
import { NamespaceFrame } from './actions/namespace-frame'
import { NAMESPACE_ACTIONS } from './actions/use-namespace-action'
import { toEntries, type Entry } from './entry'
import { EntryTable } from './entry-table'
import { NamespaceFigures } from './namespace-figures'
import { HiddenNamespacesNote } from './hidden-namespaces-note'
import classes from './namespaces.module.css'

const KINDS = ['all', 'table', 'view', 'namespace'] as const satisfies readonly ('all' | Entry['kind'])[]
type Kind = (typeof KINDS)[number]
const ADDRESS_CHECKS = {
  ...checkChoice('kind', KINDS, 'All entries are listed.'),
  ...checkChoice('action', NAMESPACE_ACTIONS, 'No panel is open.', 'not an action of this page'),
}

/** Everything in a namespace, in one dense list. */
export function NamespacePage({ catalog, namespace }: { catalog: string; namespace: Namespace }) {
  const childNamespaces = useQuery(namespacesQuery(catalog, namespace))
  const detail = useQuery(namespaceQuery(catalog, namespace))
  const summaries = useInfiniteQuery(tableSummariesQuery(catalog, namespace))
  const viewList = useQuery(viewsQuery(catalog, namespace))
  const policy = useQuery(changePolicyQuery(catalog, namespace))
  const [{ q: filter, kind }, setFilter] = useQueryStates({
    q: parseAsString.withDefault(''),
    kind: parseAsStringLiteral(KINDS).withDefault('all'),
  })

  const label = namespaceLabel(namespace)
  const properties = detail.data?.properties ?? {}
  const pages = summaries.data?.pages ?? []
  const namespaces = childNamespaces.data?.namespaces ?? []
  const entries = toEntries(
    namespaces,
    pages.flatMap((page) => page.entries),
    viewList.data?.views ?? [],
  )
  const tableCount = pages[0]?.totalCount ?? 0
  const viewCount = viewList.data?.totalCount ?? 0
  const needle = filter.trim().toLowerCase()
  const visibleEntries = entries.filter(
    (entry) => (kind === 'all' || entry.kind === kind) && entry.name.toLowerCase().includes(needle),
  )
  const totalCount = tableCount + viewCount + namespaces.length
  const kinds = [
    { value: 'table' as const, label: 'Tables', count: tableCount },
    { value: 'view' as const, label: 'Views', count: viewCount },
    { value: 'namespace' as const, label: 'Namespaces', count: namespaces.length },
  ].filter(({ count }) => count > 0)
  const isPending = summaries.isPending || childNamespaces.isPending || viewList.isPending
  const error = detail.error ?? summaries.error ?? childNamespaces.error ?? viewList.error

  if (error && pages.length === 0) {
    const retry = () => retryFetch(childNamespaces.refetch, detail.refetch, summaries.refetch, viewList.refetch)
    return (
      <div className={classes.problemPage}>
        <ProblemNote error={error} subject={`Namespace ${label}`} onRetry={retry} />
        {error instanceof AppError && (error.code === 'not-found' || error.code === 'forbidden') && (
          <div className={classes.actions}>
            <RequestAccessButton on={{ catalog, namespace }} />
          </div>
        )}
      </div>
    )
  }
  return (
    <NamespaceFrame catalog={catalog} namespace={namespace}>
      <div className={classes.page}>
        <NameHeader
          icon={IconFolderOpen}
          name={label}
          copyLabel="namespace name"
          catalog={<CatalogPrefix catalog={catalog} />}
          star={<LazyFavouriteButton target={{ kind: 'namespace', catalog, namespace }} />}
          badges={
            <>
              <CatalogLabelChip catalog={catalog} />
              <AboutBadges properties={properties} />
            </>
          }
          chips={policy.data?.requiresProposal === true ? ['changes need two people'] : []}
          location={detail.data?.location ?? null}
          controls={<NamespaceActions catalog={catalog} namespace={namespace} />}
          hasEdge
        >
          {summaries.isSuccess && childNamespaces.isSuccess && (
            <NamespaceFigures
              entries={entries}
              tableCount={tableCount}
              viewCount={viewCount}
              namespaceCount={namespaces.length}
              isComplete={!summaries.hasNextPage}
              properties={properties}
              openProposals={{
                count: detail.data?.openProposalCount ?? 0,
                href: paths.proposals({ catalog, namespace }),
              }}
            />
          )}
        </NameHeader>
        <Toolbar>
          <FilterField
            label={isPending ? 'Filter' : `Filter ${formatQuantity(totalCount, 'entry', 'entries')}`}
            value={filter}
            onChange={(q) => void setFilter({ q })}
            hasSlashShortcut
            width={240}
          />
          {kinds.length > 1 && (
            <SegmentedChoice<Kind>
              label="Kind"
              value={kind}
              onChange={(value) => void setFilter({ kind: value })}
              options={[
                { value: 'all', label: `All ${formatCount(totalCount)}` },
                ...kinds.map(({ value, label: name, count }) => ({ value, label: `${name} ${formatCount(count)}` })),
              ]}
            />
          )}
        </Toolbar>
        <AddressProblems checks={ADDRESS_CHECKS} />
        <HiddenNamespacesNote count={childNamespaces.data?.skippedCount ?? 0} />
        {isPending ? (
          <div className={classes.rest}>
            <SkeletonRows rows={8} columns={7} label={`Reading the tables of ${label}`} />
          </div>
        ) : entries.length === 0 ? (
          <EmptyState>
            No tables in {label} yet. Create one with <strong>New table</strong>, then load files into it.
          </EmptyState>
        ) : visibleEntries.length === 0 ? (
          <div className={classes.rest}>
            <EmptyState
              action={
                <Button variant="default" onClick={() => void setFilter(null)}>
                  Clear filters
                </Button>
              }
            >
              {needle === '' ? 'No entries of this kind.' : `No entries match “${filter.trim()}”.`}
            </EmptyState>
          </div>
        ) : (
          <EntryTable catalog={catalog} namespace={namespace} entries={visibleEntries} />
        )}
        <PageFooter
          keys={[
            { keys: ['↑', '↓'], does: 'move' },
            { keys: ['↵'], does: 'open' },
            { keys: ['?'], does: 'all shortcuts' },
          ]}
        >
          {!isPending && <span>{formatQuantity(visibleEntries.length, 'entry', 'entries')}</span>}
          {viewList.data && viewList.data.nextOffset !== null && (
            <span>only the first {formatCount(viewList.data.views.length)} views</span>
          )}
          {pages[0] && (
            <span className={error ? 'warn' : undefined}>
              figures from table metadata, read <RelativeTime atMs={pages[0].readAtMs} />
              {error && '. The catalog does not answer.'}
            </span>
          )}
          {summaries.hasNextPage && (
            <WaitingButton
              variant="subtle"
              size="compact-xs"
              loading={summaries.isFetchingNextPage}
              onClick={() => void summaries.fetchNextPage()}
            >
              Show {formatCount(tableCount - pages.reduce((sum, page) => sum + page.entries.length, 0))} more
            </WaitingButton>
          )}
        </PageFooter>
      </div>
    </NamespaceFrame>
  )
}

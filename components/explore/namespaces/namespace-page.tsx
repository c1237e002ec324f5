'use client'
import { Button } from '@mantine/core'
import { IconFolderOpen } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { AboutBadges } from '@/components/about/about-badges'
import { RequestAccessButton } from '@/components/admin/access/requests/request-access-button'
import { type AddressChecks, AddressProblems, checkChoice, quoteAddress } from '@/components/ui/notes/address-problems'
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
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { type Sort, sortToText } from '@/components/ui/table/table-sort'
import { useFilteredListing } from '@/components/ui/table/use-filtered-listing'
import { useSortInUrl } from '@/components/ui/table/use-sort-in-url'
import { type ContentsFilter, namespaceContentsQuery, namespaceQuery } from '@/lib/client/namespaces'
import { changePolicyQuery } from '@/lib/client/table/proposals'
import { nameFilter } from '@/lib/search/name-filter'
import type { NamespaceContent } from '@/lib/contract/namespaces'
import { CONTENT_SORTS, MAX_REMOTE_NAMES } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import { formatQuantity, formatCount } from '@/lib/format/count'
import { type Namespace, namespaceLabel } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { retryFetch } from '@/lib/client/call/retry'
import { NamespaceActions } from './actions/namespace-actions'
import { NamespaceFrame } from './actions/namespace-frame'
import { NAMESPACE_ACTIONS } from './actions/use-namespace-action'
import { type Entry, toEntry } from './entry'
import { EntryTable, isEntrySort } from './entry-table'
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
  const detail = useQuery(namespaceQuery(catalog, namespace))
  const policy = useQuery(changePolicyQuery(catalog, namespace))
  const [{ q, kind }, setFilter] = useQueryStates({
    q: parseAsString.withDefault(''),
    kind: parseAsStringLiteral(KINDS).withDefault('all'),
  })
  const { sort } = useSortInUrl()
  const search = q.trim()
  const { all, allRows, query, listing, isSearching } = useFilteredListing(
    (filter: ContentsFilter | null) => namespaceContentsQuery(catalog, namespace, filter ?? {}),
    { filter: toFilter(search, kind, sort), rowsOf, isMatch },
  )

  const label = namespaceLabel(namespace)
  const properties = detail.data?.properties ?? {}
  const first = all.data?.pages[0]
  const { counts = NO_COUNTS, isTruncated = false } = first ?? {}
  const totalCount = counts.namespace + counts.table + counts.view
  // The count of a list that is filtered here changes with each letter.
  const shownCount = listing.isWhole ? listing.rows.length : (query.data?.pages[0]?.totalCount ?? 0)
  const kinds = [
    { value: 'table' as const, label: 'Tables', count: counts.table },
    { value: 'view' as const, label: 'Views', count: counts.view },
    { value: 'namespace' as const, label: 'Namespaces', count: counts.namespace },
  ].filter(({ count }) => count > 0)
  const error = detail.error ?? all.error
  const checks: AddressChecks = {
    ...ADDRESS_CHECKS,
    sort: (value) =>
      first === undefined || isSearching || sort === null || isEntrySort(sort, listing.isWhole)
        ? null
        : `${quoteAddress('sort', value)} is ${listing.isWhole ? 'not a column of this list' : 'ignored until the whole list is loaded'}. The entries are in the order of their kinds and names.`,
  }

  if (error && first === undefined) {
    const retry = () => retryFetch(detail.refetch, all.refetch)
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
          {first && (
            <NamespaceFigures
              entries={allRows}
              counts={counts}
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
            label={first === undefined ? 'Filter' : `Filter ${formatQuantity(totalCount, 'entry', 'entries')}`}
            value={q}
            onChange={(text) => void setFilter({ q: text })}
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
        <AddressProblems checks={checks} />
        <HiddenNamespacesNote count={first?.skippedCount ?? 0} />
        {first === undefined || (isSearching && listing.rows.length === 0) ? (
          <div className={classes.rest}>
            <SkeletonRows
              rows={8}
              columns={7}
              label={first === undefined ? `Reading the tables of ${label}` : `Searching ${label}`}
            />
          </div>
        ) : totalCount === 0 ? (
          <EmptyState>
            No tables in {label} yet. <strong>Load data</strong> creates one with the columns of a file;{' '}
            <strong>New table</strong> declares them one by one.
          </EmptyState>
        ) : query.data === undefined && query.error ? (
          <div className={classes.problemPage}>
            <ProblemNote error={query.error} subject={`Namespace ${label}`} onRetry={() => retryFetch(query.refetch)} />
          </div>
        ) : listing.rows.length === 0 ? (
          <div className={classes.rest}>
            <EmptyState
              action={
                <Button variant="default" onClick={() => void setFilter(null)}>
                  Clear filters
                </Button>
              }
            >
              {search === '' ? 'No entries of this kind' : `No entries match “${search}”`}
              {isTruncated ? ` among those that were read. ${TRUNCATED_NOTE}` : '.'}
            </EmptyState>
          </div>
        ) : (
          <div className={classes.list} aria-busy={isSearching}>
            <EntryTable catalog={catalog} namespace={namespace} entries={listing} />
          </div>
        )}
        <PageFooter
          keys={[
            { keys: ['↑', '↓'], does: 'move' },
            { keys: ['↵'], does: 'open' },
            { keys: ['?'], does: 'all shortcuts' },
          ]}
        >
          {isSearching ? (
            <span role="status">Searching {formatQuantity(totalCount, 'entry', 'entries')}…</span>
          ) : (
            first && <span>{formatQuantity(shownCount, 'entry', 'entries')}</span>
          )}
          {isTruncated && <span>{TRUNCATED_NOTE}</span>}
          {first && (
            <span className={error ? 'warn' : undefined}>
              figures from table metadata, read <RelativeTime atMs={first.readAtMs} />
              {error && '. The catalog does not answer.'}
            </span>
          )}
          {!isSearching && (
            <NextPageButton query={query} size="compact-xs">
              Show {formatCount(shownCount - listing.rows.length)} more
            </NextPageButton>
          )}
        </PageFooter>
      </div>
    </NamespaceFrame>
  )
}

const NO_COUNTS = { namespace: 0, table: 0, view: 0 }
const TRUNCATED_NOTE = `The catalog has more than the first ${formatCount(MAX_REMOTE_NAMES)} names of a kind; the others are neither listed nor searched here.`

function rowsOf({ entries }: { entries: readonly NamespaceContent[] }): Entry[] {
  return entries.map(toEntry)
}

/** The request of the page to the server, which sorts by names only. */
function toFilter(search: string, kind: Kind, sort: Sort | null): ContentsFilter {
  const order = sort && CONTENT_SORTS.find((one) => one === sortToText(sort))
  return { ...(search !== '' && { search }), ...(kind !== 'all' && { kind }), ...(order && { sort: order }) }
}

function isMatch({ kind, name }: Entry, { search = '', kind: requested }: ContentsFilter): boolean {
  return (requested === undefined || kind === requested) && nameFilter(search)(name)
}

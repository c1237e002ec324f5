'use client'
import { Button } from '@mantine/core'
import { IconAlertOctagon, IconDatabase, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { Unloaded } from '@/components/shell/unloaded'
import { Count } from '@/components/ui/values/count'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { useSortInUrl } from '@/components/ui/table/use-sort-in-url'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { Mono } from '@/components/ui/values/mono'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { Unknown } from '@/components/ui/values/unknown'
import { catalogDetailsQuery, catalogsQuery } from '@/lib/client/catalogs'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { CatalogEntry } from '@/lib/contract/catalogs'
import { formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import { retryFetch } from '@/lib/client/call/retry'
import classes from './catalog-page.module.css'
import { BrowseLinks } from './browse-links'
import { CatalogPage } from './catalog-page'
import { CatalogProblem } from './catalog-problem'

/** Every catalog the user can read, with its contents. A list of one would be a detour: its page is shown instead. */
export function CatalogList() {
  const { data: catalogs = [] } = useQuery(catalogsQuery())
  const [only, ...others] = catalogs
  return only && others.length === 0 ? <CatalogPage catalog={only.name} isRoot /> : <Catalogs />
}

function Catalogs() {
  const router = useRouter()
  const sorting = useSortInUrl()
  const canConnect = useHasPermission('console:admin')
  const query = useQuery(catalogsQuery())
  const contents = useQuery(catalogDetailsQuery())
  const catalogs = (query.data ?? []).map((entry) => contents.data?.find(({ name }) => name === entry.name) ?? entry)
  return (
    <div className="stack fill">
      <header className={classes.head}>
        <h1 className={classes.title}>Catalogs</h1>
        {query.data && <span>{formatQuantity(query.data.length, 'catalog')}</span>}
        <BrowseLinks current="catalogs" />
        {canConnect && (
          <Button
            className={classes.add ?? ''}
            variant="default"
            component={Link}
            href={paths.newConnection()}
            leftSection={<IconPlus size={15} stroke={1.6} aria-hidden />}
          >
            Add connection
          </Button>
        )}
      </header>
      {!query.isSuccess ? (
        <Unloaded
          query={query}
          subject="The list of catalogs"
          className={classes.body}
          skeleton={[2, 3, 'Reading catalogs']}
        />
      ) : catalogs.length === 0 ? (
        <EmptyState>You have no access to any catalog. Ask an admin for access.</EmptyState>
      ) : (
        <>
          {contents.error && (
            <div className={classes.body}>
              <ProblemNote
                error={contents.error}
                subject="The contents of the catalogs"
                onRetry={() => retryFetch(contents.refetch)}
              />
            </div>
          )}
          <DataTable
            label="Catalogs"
            columns={COLUMNS}
            rows={catalogs}
            rowKey={({ name }) => name}
            sorting={sorting}
            onOpen={({ name }) => router.push(paths.catalog(name))}
            rowMessage={({ problem }) =>
              problem && (
                <span className={classes.problem}>
                  <IconAlertOctagon size={14} stroke={1.6} aria-hidden />
                  <CatalogProblem problem={problem} />
                </span>
              )
            }
            gutter
            scrolls
            stacks
          />
        </>
      )}
    </div>
  )
}

const KIND_LABELS = { embedded: 'embedded', rest: 'REST', files: 'metadata files' } as const

const COLUMNS: readonly Column<CatalogEntry>[] = [
  {
    id: 'name',
    header: 'Name',
    weight: 'name',
    sortBy: ({ name }) => name,
    cell: ({ name }) => (
      <span className={classes.name}>
        <IconDatabase size={14} stroke={1.6} aria-hidden />
        <Link href={paths.catalog(name)} tabIndex={-1} prefetch={false}>
          {name}
        </Link>
      </span>
    ),
  },
  { id: 'kind', header: 'Kind', sortBy: ({ kind }) => kind, cell: ({ kind }) => KIND_LABELS[kind] },
  {
    id: 'namespaces',
    header: 'Namespaces',
    align: 'end',
    sortBy: ({ namespaceCount }) => namespaceCount,
    cell: ({ namespaceCount }) =>
      namespaceCount === null ? <Unknown reason="the catalog has not answered" /> : <Count value={namespaceCount} />,
  },
  {
    id: 'warehouse',
    header: 'Warehouse',
    cell: ({ warehouse }) =>
      warehouse === null ? <Unknown reason="only the catalog knows" /> : <Mono>{warehouse}</Mono>,
  },
]

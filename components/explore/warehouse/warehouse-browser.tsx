'use client'
import { Button } from '@mantine/core'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { parseAsString, useQueryState } from 'nuqs'
import { Unloaded } from '@/components/shell/unloaded'
import { FileName } from '@/components/table/files/file-name'
import { FolderPaths } from '@/components/table/files/folder-path'
import { FolderFilter, NextFolderPage, NoFolderMatches, useFolderListing } from '@/components/table/files/folder-search'
import { STORED_COLUMNS } from '@/components/table/files/stored-columns'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { PageFooter } from '@/components/ui/page-footer'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { Toolbar } from '@/components/ui/toolbar'
import { VisibleText } from '@/components/ui/values/visible-text'
import { warehouseQuery } from '@/lib/client/warehouse'
import type { WarehouseFile, WarehouseFolder, WarehousePage } from '@/lib/contract/warehouse'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import { OwnerName, type Ownership, ownerLabel, tableFolderAddress } from './owner-name'
import { useWarehouseFolder } from './use-warehouse-folder'
import classes from './warehouse-browser.module.css'

type Entry = ({ kind: 'folder' } & WarehouseFolder) | ({ kind: 'file' } & WarehouseFile & Ownership)

function toEntries({ folders, files, ownership, owner }: WarehousePage): Entry[] {
  // Files are the owner's of the folder that has them. A folder that tables share has no owner.
  const ownershipOfFiles: Ownership =
    ownership === 'owned' ? { ownership, owner } : { ownership: 'unowned', owner: null }
  return [
    ...folders.map((one) => ({ kind: 'folder' as const, ...one })),
    ...files.map((one) => ({ kind: 'file' as const, ...one, ...ownershipOfFiles })),
  ]
}

/** One folder of the warehouse: its content, and the tables that own its folders. */
export function WarehouseBrowser({ catalog }: { catalog: string }) {
  const router = useRouter()
  const { folder: location, open: openFolder, linkTo } = useWarehouseFolder(catalog)
  const [filter, setFilter] = useQueryState('q', parseAsString.withDefault(''))
  const { all, allRows, query, listing, isSearching } = useFolderListing(
    (search) => warehouseQuery(catalog, location, search?.search),
    toEntries,
    filter,
  )
  const [first] = all.data?.pages ?? []
  if (first === undefined) {
    const { error } = all
    if (error instanceof AppError && error.code === 'not-supported') {
      return (
        <EmptyState
          action={
            <Button variant="default" component={Link} href={paths.catalog(catalog)}>
              Open {catalog}
            </Button>
          }
        >
          {error.message} The Files tab of each table lists the table’s own folders.
        </EmptyState>
      )
    }
    return (
      <Unloaded
        query={all}
        subject={location ?? `The warehouse of ${catalog}`}
        className={classes.problem}
        skeleton={[12, 4, 'Listing the folder']}
        next={
          error instanceof AppError && ['location-refused', 'not-found'].includes(error.code)
            ? 'Start at the warehouse.'
            : undefined
        }
        back={location === null ? undefined : { label: 'Show the warehouse', onBack: () => openFolder(null) }}
      />
    )
  }
  const { warehouse, folder } = first
  const entries = allRows.rows
  const open = (entry: Entry) => {
    if (entry.kind === 'file' || !entry.isListable) return
    const address = tableFolderAddress(catalog, entry, entry.location)
    if (address === null) openFolder(entry.location)
    else router.push(address)
  }
  const columns: Column<Entry>[] = [
    {
      id: 'name',
      header: 'Name',
      fills: true,
      cell: (entry) =>
        entry.kind === 'folder' ? (
          <FolderName catalog={catalog} folder={entry} linkTo={linkTo} />
        ) : (
          <FileName path={entry.location} />
        ),
      sortBy: ({ name }) => name,
    },
    {
      id: 'owner',
      header: 'Owner',
      headerTitle: 'A table or view of any catalog in the database of this one',
      cell: ({ ownership, owner }) => <OwnerName catalog={catalog} ownership={ownership} owner={owner} />,
      sortBy: ({ ownership, owner }) => (owner === null ? ownership : ownerLabel(owner)),
    },
    ...STORED_COLUMNS,
  ]
  return (
    <>
      <Toolbar>
        <FolderFilter entries={allRows} value={filter} onChange={(value) => void setFilter(value)} width={320} />
      </Toolbar>
      <FolderPaths roots={[warehouse]} folder={folder} linkTo={linkTo} />
      {first.ownership === 'owned' && <OwnerBand catalog={catalog} ownership={first} folder={folder} />}
      {query.data === undefined ? (
        <Unloaded
          query={query}
          subject={folder}
          className={classes.problem}
          skeleton={[12, 4, 'Searching the folder']}
        />
      ) : entries.length === 0 ? (
        <EmptyState>
          {folder === warehouse
            ? 'The warehouse is empty. The first table creates its folder.'
            : 'The folder is empty.'}
        </EmptyState>
      ) : listing.rows.length === 0 ? (
        <NoFolderMatches search={filter.trim()} query={query} isSearching={isSearching} />
      ) : (
        <DataTable
          label="Stored in the warehouse"
          columns={columns}
          rows={listing}
          rowKey={({ kind, name }) => `${kind} ${name}`}
          onOpen={open}
          rowHeight={28}
          gutter
          scrolls
          stacks
        />
      )}
      <PageFooter>
        <span>
          <Summary entries={entries} />
        </span>
        <NextFolderPage
          query={query}
          shownCount={listing.rows.length}
          isFiltered={filter.trim() !== ''}
          isSearching={isSearching}
        />
      </PageFooter>
    </>
  )
}

/** Leads into the storage of the table that owns the folder, and otherwise further down the warehouse. */
function FolderName({
  catalog,
  folder,
  linkTo,
}: {
  catalog: string
  folder: WarehouseFolder
  linkTo: ReturnType<typeof useWarehouseFolder>['linkTo']
}) {
  const { name, location, isListable } = folder
  const shownName = <VisibleText>{name}</VisibleText>
  if (!isListable)
    return <span title="No location can have this name, so the folder cannot be listed">{shownName}/</span>
  const address = tableFolderAddress(catalog, folder, location)
  return address === null ? (
    <a className="medium" {...linkTo(location)}>
      {shownName}/
    </a>
  ) : (
    <Link className="medium" href={address} prefetch={false}>
      {shownName}/
    </Link>
  )
}

/** Names the owner of the shown folder, and links to the comparison of its files with the table's snapshots. */
function OwnerBand({ catalog, ownership, folder }: { catalog: string; ownership: Ownership; folder: string }) {
  const { ownership: use, owner } = ownership
  const address = tableFolderAddress(catalog, ownership, folder)
  return (
    <p className={classes.band}>
      This folder belongs to <OwnerName catalog={catalog} ownership={use} owner={owner} />.{' '}
      {address !== null && (
        <Link href={address} prefetch={false}>
          Show which files no snapshot references
        </Link>
      )}
    </p>
  )
}

/** The number of entries, and of folders without a table, with a possible explanation. */
function Summary({ entries }: { entries: readonly Entry[] }) {
  const files = entries.filter((entry) => entry.kind === 'file')
  const folderCount = entries.length - files.length
  const unownedCount = entries.filter(({ kind, ownership }) => kind === 'folder' && ownership === 'unowned').length
  const fileSummary = files.length > 0 && (
    <>
      {formatQuantity(files.length, 'file')}, {formatBytes(files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0))}
      {folderCount > 0 && ' · '}
    </>
  )
  return (
    <>
      {fileSummary}
      {unownedCount > 0 ? (
        <>
          <strong>{formatCount(unownedCount)}</strong> of {formatQuantity(folderCount, 'folder')} without a table:
          empty, left by a dropped table, or given to a table by another program since its last commit here
        </>
      ) : (
        folderCount > 0 && `${formatQuantity(folderCount, 'folder')}, none without a table`
      )}
    </>
  )
}

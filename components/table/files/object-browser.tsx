'use client'
import Link from 'next/link'
import { parseAsString, useQueryState } from 'nuqs'
import { Unloaded } from '@/components/shell/unloaded'
import { useShownTable } from '@/components/table/frame/shown-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { PageFooter } from '@/components/ui/page-footer'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { TabToolbar } from '@/components/ui/toolbar'
import { objectsQuery } from '@/lib/client/table/metadata-tree'
import { useHasPermission } from '@/lib/client/session/permissions'
import type { ObjectPage, StoredObject } from '@/lib/contract/table/files'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import { FileName } from './file-name'
import { FileViews } from './file-views'
import { FolderPaths } from './folder-path'
import { FolderFilter, NextFolderPage, NoFolderMatches, useFolderListing } from './folder-search'
import classes from './object-browser.module.css'
import { STORED_COLUMNS } from './stored-columns'
import { useFileTarget } from './use-file-target'

type Entry = { kind: 'folder'; name: string; location: string } | ({ kind: 'file' } & StoredObject)

function toEntries({ folder, folders, objects }: ObjectPage): Entry[] {
  return [
    ...folders.map((name) => ({ kind: 'folder' as const, name, location: `${folder}/${name}` })),
    ...objects.map((object) => ({ kind: 'file' as const, ...object })),
  ]
}

/** The folders of a table as they are stored, with the files that no snapshot references. */
export function ObjectBrowser() {
  const { table, detail } = useShownTable()
  const { target, go, linkTo } = useFileTarget()
  const [filter, setFilter] = useQueryState('q', parseAsString.withDefault(''))
  const { all, allRows, query, listing, isSearching } = useFolderListing(
    (search) => objectsQuery(table, target.folder, search?.search),
    toEntries,
    filter,
  )
  const isOperator = useHasPermission('console:admin') === true
  // Other catalogs alone know which folders belong to which table.
  const mayListWarehouse = isOperator && detail.catalogKind === 'embedded'
  const [first] = all.data?.pages ?? []
  if (first === undefined)
    return (
      <Unloaded
        query={all}
        subject={target.folder ?? table.table}
        back={
          target.folder === null
            ? undefined
            : { label: 'Show the table’s folders', onBack: () => go({ level: 'objects' }) }
        }
        className={classes.problem}
        skeleton={[12, 4, 'Listing the folder']}
      />
    )
  const { folder, roots } = first
  const references = all.data?.pages.at(-1)?.references ?? first.references
  const entries = allRows.rows
  const fileCount = entries.filter(({ kind }) => kind === 'file').length
  const unreferenced = entries.filter((entry) => entry.kind === 'file' && entry.reference === 'unreferenced')
  const openFolder = (location: string) => ({ level: 'objects', folder: location }) as const
  const open = (entry: Entry) => {
    if (entry.kind === 'folder') go(openFolder(entry.location))
    else if (isInspectable(entry)) go({ file: entry.location })
  }
  const nameColumn: Column<Entry> = {
    id: 'name',
    header: 'Name',
    fills: true,
    cell: (entry) =>
      entry.kind === 'folder' ? (
        <a className="medium" {...linkTo(openFolder(entry.location))}>
          {entry.name}/
        </a>
      ) : (
        <FileName path={entry.location} {...(isInspectable(entry) && { link: linkTo({ file: entry.location }) })} />
      ),
    sortBy: ({ name }) => name,
  }
  return (
    <>
      <TabToolbar end={<FileViews />}>
        <FolderFilter
          entries={allRows}
          placeholder="Filter names"
          value={filter}
          onChange={(value) => void setFilter(value)}
          width={220}
        />
      </TabToolbar>
      <FolderPaths roots={roots} folder={folder} linkTo={(location) => linkTo(openFolder(location))}>
        {mayListWarehouse && (
          <span>
            <Link href={paths.warehouse(table.catalog, folderAround(roots[0] ?? folder))} prefetch={false}>
              Warehouse
            </Link>
            /
          </span>
        )}
      </FolderPaths>
      {query.data === undefined ? (
        <Unloaded
          query={query}
          subject={folder}
          className={classes.problem}
          skeleton={[12, 4, 'Searching the folder']}
        />
      ) : entries.length === 0 ? (
        <EmptyState>The folder is empty.</EmptyState>
      ) : listing.rows.length === 0 ? (
        <NoFolderMatches search={filter.trim()} query={query} isSearching={isSearching} />
      ) : (
        <DataTable
          label="Stored files"
          columns={[nameColumn, ...COLUMNS]}
          rows={listing}
          rowKey={({ kind, name }) => `${kind} ${name}`}
          onOpen={open}
          rowHeight={28}
          gutter
          scrolls
        />
      )}
      <PageFooter>
        <span>
          {references.isComplete ? (
            fileCount === 0 ? (
              formatQuantity(entries.length, 'folder')
            ) : unreferenced.length === 0 ? (
              'Every listed file is referenced.'
            ) : (
              <>
                <strong>{formatQuantity(unreferenced.length, 'file')}</strong>,{' '}
                {formatBytes(
                  unreferenced.reduce((sum, entry) => sum + ('sizeBytes' in entry ? entry.sizeBytes : 0), 0),
                )}
                , not referenced by any snapshot of this metadata; may belong to a write in progress
              </>
            )
          ) : (
            `References are incomplete: ${formatCount(references.readManifestCount)} of at least ${formatQuantity(references.knownManifestCount, 'manifest')} read.`
          )}
        </span>
        {references.problem !== null && <span role="alert">{references.problem}</span>}
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

/** The location of the folder that has this one. */
function folderAround(location: string): string {
  return location.slice(0, location.lastIndexOf('/'))
}

/** Whether the inspector might open it: a data or delete file of a snapshot. */
function isInspectable({ name, reference }: StoredObject): boolean {
  return reference === 'referenced' && /\.(parquet|puffin|orc|avro)$/.test(name) && !/^snap-|-m\d+\.avro$/.test(name)
}

const REFERENCES: Record<StoredObject['reference'], string> = {
  referenced: 'referenced',
  unreferenced: 'not referenced',
  unknown: 'not known yet',
}

const COLUMNS: Column<Entry>[] = [
  ...STORED_COLUMNS,
  {
    id: 'reference',
    header: 'Reference',
    headerTitle: 'By any snapshot of the current metadata, or by the metadata itself',
    cell: (entry) =>
      entry.kind === 'file' && (
        <span
          data-reference={entry.reference}
          className={classes.reference}
          {...(entry.reference === 'unreferenced' && {
            title: 'Not referenced by any snapshot of this metadata; may belong to a write in progress',
          })}
        >
          {REFERENCES[entry.reference]}
        </span>
      ),
    sortBy: (entry) => (entry.kind === 'file' ? entry.reference : null),
  },
]

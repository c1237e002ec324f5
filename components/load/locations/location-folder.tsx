'use client'
import { toListing } from '@/components/ui/table/listing'
import { useInfiniteQuery } from '@tanstack/react-query'
import { IconFolder } from '@tabler/icons-react'
import { Unloaded } from '@/components/shell/unloaded'
import { NextPageButton } from '@/components/ui/controls/next-page-button'
import { locationFolderQuery } from '@/lib/client/jobs/load-locations'
import { formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/names/identifiers'
import classes from './location-browser.module.css'
import { toLocationFile } from './location-files'
import { LocationLine } from './location-line'
import type { LocationFiles } from './use-location-files'

/** A folder of a location, page after page. */
export function LocationFolder({
  table,
  position: { location, folder },
  located,
  onOpen,
}: {
  table: TableIdentifier
  position: { location: string; folder: string }
  located: LocationFiles
  onOpen: (folder: string) => void
}) {
  const query = useInfiniteQuery(locationFolderQuery(table, { location, folder }))
  if (query.data === undefined)
    return (
      <Unloaded query={query} subject={folder === '' ? location : folder} skeleton={[4, 2, 'Listing the folder']} />
    )
  const { rows: entries } = toListing(query, (page) => page.entries)
  const toPath = (name: string) => (folder === '' ? name : `${folder}/${name}`)
  return (
    <>
      <p className="bare secondary dense" role="status">
        {entries.length === 0 && !query.hasNextPage
          ? 'No files are here.'
          : `${formatQuantity(entries.length, 'entry', 'entries')}${query.hasNextPage ? ' so far' : ''}`}
      </p>
      <ul className={classes.list} aria-label={`Contents of ${folder === '' ? location : folder}`}>
        {entries.map((entry) =>
          entry.kind === 'folder' ? (
            <li key={`${entry.name}/`} className={classes.entry}>
              <button type="button" className={classes.folder} onClick={() => onOpen(toPath(entry.name))}>
                <IconFolder size={15} stroke={1.6} aria-hidden /> {entry.name}
              </button>
            </li>
          ) : (
            <LocationLine
              key={entry.name}
              file={toLocationFile(location, { path: toPath(entry.name), sizeBytes: entry.sizeBytes })}
              label={entry.name}
              sizeBytes={entry.sizeBytes}
              modifiedAtMs={entry.modifiedAtMs}
              located={located}
            />
          ),
        )}
      </ul>
      <NextPageButton query={query} size="xs">
        More entries
      </NextPageButton>
    </>
  )
}

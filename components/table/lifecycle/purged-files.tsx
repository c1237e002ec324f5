'use client'
import { useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { PathText } from '@/components/ui/values/path-text'
import { purgedFilesQuery } from '@/lib/client/lifecycle/tables'
import type { PurgedFiles as Files } from '@/lib/contract/lifecycle/tables'
import { formatBytes } from '@/lib/format/bytes'
import { formatAll, formatCount, formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/names/identifiers'
import classes from './lifecycle-panel.module.css'

const KIND_WORDS: Readonly<Record<Files['kinds'][number]['kind'], readonly [string, string]>> = {
  data: ['data or delete file', 'data and delete files'],
  manifest: ['manifest', 'manifests'],
  'manifest-list': ['manifest list', 'manifest lists'],
  statistics: ['statistics file', 'statistics files'],
  metadata: ['metadata file', 'metadata files'],
}

/** The files to remove with the table, over all its snapshots: the number of each kind, and the first of them. */
export function PurgedFiles({ table }: { table: TableIdentifier }) {
  const query = useQuery(purgedFilesQuery(table))
  if (!query.isSuccess)
    return <Unloaded query={query} subject="The list of files" skeleton={[4, 2, 'Listing the files that go']} />
  const { kinds, files, retainedFileCount, outsideFileCount, missingCount, isTruncated, isCatalogPurge } = query.data
  const totalCount = kinds.reduce((sum, { fileCount }) => sum + fileCount, 0)
  return (
    <section className={classes.purged} aria-label="Files that are removed">
      <p>
        {isTruncated ? 'At least ' : ''}
        <strong>{formatQuantity(totalCount, 'file')}</strong>:{' '}
        {kinds
          .filter(({ fileCount }) => fileCount > 0)
          .map(kindText)
          .join(', ')}
        .
      </p>
      {retainedFileCount > 0 && (
        <p>
          {formatQuantity(retainedFileCount, 'file')} outside of the table’s own folders{' '}
          {retainedFileCount === 1 ? 'stays' : 'stay'}.
        </p>
      )}
      {missingCount > 0 && (
        <WarningNote>
          {missingCount === 1
            ? '1 manifest or manifest list is gone. What only it named is not listed here.'
            : `${formatCount(missingCount)} manifests and manifest lists are gone. What only they named is not listed here.`}
        </WarningNote>
      )}
      {isCatalogPurge && (
        <p>
          The catalog decides what it removes. It may leave some of these files, and may remove other files in the
          folders of the table.
        </p>
      )}
      {outsideFileCount > 0 && (
        <WarningNote>
          {formatCount(outsideFileCount)} of these files {outsideFileCount === 1 ? 'is' : 'are'} outside of the table’s
          own folders, where another table may use {outsideFileCount === 1 ? 'it' : 'them'}.
        </WarningNote>
      )}
      <details>
        <summary>
          {files.length < totalCount
            ? `The first ${formatQuantity(files.length, 'file')}`
            : formatAll(files.length, 'file')}
        </summary>
        <ul aria-label="Files">
          {files.map(({ location, sizeBytes }) => (
            <li key={location}>
              <div>
                <PathText>{location}</PathText>
              </div>
              {sizeBytes !== null && <span>{formatBytes(sizeBytes)}</span>}
            </li>
          ))}
        </ul>
      </details>
    </section>
  )
}

function kindText({ kind, fileCount, sizeBytes }: Files['kinds'][number]): string {
  const [one, many] = KIND_WORDS[kind]
  return `${formatCount(fileCount)} ${fileCount === 1 ? one : many}${sizeBytes === null ? '' : ` (${formatBytes(sizeBytes)})`}`
}

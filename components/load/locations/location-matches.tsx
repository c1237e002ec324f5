'use client'
import { Checkbox } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Unloaded } from '@/components/shell/unloaded'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { retryFetch } from '@/lib/client/call/retry'
import { locationSearchQuery } from '@/lib/client/jobs/load-locations'
import { MAX_LOADED_FILES } from '@/lib/contract/shapes/plain-values'
import type { FoundLocationFiles } from '@/lib/contract/loads/load-locations'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import type { TableIdentifier } from '@/lib/names/identifiers'
import classes from './location-browser.module.css'
import { toLocationFile, toLocationPattern } from './location-files'
import { LocationLine } from './location-line'
import type { LocationFiles } from './use-location-files'

const SHOWN_FILES = 100

/** The files that match a pattern: all of them are ticked together, so that the load reads those that match when it starts. */
export function LocationMatches({
  table,
  location,
  match,
  located,
}: {
  table: TableIdentifier
  location: string
  match: string
  located: LocationFiles
}) {
  const query = useQuery(locationSearchQuery(table, { location, match }))
  if (query.error)
    return <ProblemNote error={query.error} title="The search failed" onRetry={() => retryFetch(query.refetch)} />
  const { data: found } = query
  if (found === undefined) return <Unloaded query={query} subject={match} skeleton={[4, 2, 'Looking for files']} />
  const problem = matchProblem(found)
  const all = toLocationPattern(location, match, found)
  const isChosen = located.files.some(({ fileName }) => fileName === all.fileName)
  const size = `${formatQuantity(found.fileCount, 'file')}, ${formatBytes(found.sizeBytes)}`
  return (
    <>
      <p className="bare secondary dense" role="status">
        {query.isPlaceholderData ? 'Looking for files' : (problem ?? `${size} match.`)}
      </p>
      <Checkbox
        size="xs"
        label={`All that match (${size})`}
        checked={isChosen}
        disabled={query.isPlaceholderData || (problem !== null && !isChosen)}
        onChange={({ currentTarget }) => {
          if (currentTarget.checked) located.add(all)
          else located.remove(all.fileName)
        }}
      />
      <ul className={classes.list} aria-label="Files that match">
        {found.files.slice(0, SHOWN_FILES).map(({ path, sizeBytes, modifiedAtMs }) => (
          <LocationLine
            key={path}
            file={toLocationFile(location, { path, sizeBytes })}
            label={path}
            sizeBytes={sizeBytes}
            modifiedAtMs={modifiedAtMs}
            located={located}
          />
        ))}
      </ul>
      {found.fileCount > SHOWN_FILES && (
        <p className="bare secondary dense">and {formatQuantity(found.fileCount - SHOWN_FILES, 'other file')}</p>
      )}
    </>
  )
}

/** Why the files cannot be loaded together; null if they can. */
function matchProblem({ fileCount, isComplete }: FoundLocationFiles): string | null {
  if (!isComplete) return 'The location has too many files to look at all of them. Begin the pattern with a folder.'
  if (fileCount === 0) return 'No file matches.'
  if (fileCount > MAX_LOADED_FILES)
    return `${formatCount(fileCount)} files match, and a load has at most ${formatCount(MAX_LOADED_FILES)}. Choose a narrower pattern.`
  return null
}

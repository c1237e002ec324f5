import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { repeatedInputsQuery } from '@/lib/client/jobs/loads'
import type { PageUpload } from '@/lib/client/uploads/page-upload'
import type { RepeatedInput } from '@/lib/contract/loads/loads'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { type LocationFile, toInputs } from '../locations/location-files'

const NONE: readonly RepeatedInput[] = []

/** Files as the load has them: uploads, then files of locations and URLs. */
type LoadedFiles = {
  files: readonly Pick<PageUpload, 'fileName' | 'state' | 'uploadId'>[]
  located: readonly Pick<LocationFile, 'fileName' | 'input'>[]
}

type ReviewedFiles = LoadedFiles & {
  /** Whether the load may stop for them: it appends new rows. */
  mayStop: boolean
  /** The file for which the load that is continued has stopped; null for another reason. */
  stoppedFor: string | null
}

/** The answer of the server about the files, once all of them are here. */
function useRepeatedInputs(table: TableIdentifier, { files, located }: LoadedFiles) {
  const inputs = toInputs({ files, located })
  const areHere = inputs.length > 0 && files.every(({ state }) => state === 'complete')
  const query = useQuery({ ...repeatedInputsQuery(table, inputs), enabled: areHere })
  return {
    key: JSON.stringify(inputs),
    areHere,
    repeats: (areHere && query.data?.repeats) || NONE,
    isReading: areHere && query.isPending,
  }
}

/** Short notes for the lines of the files, by their positions. */
export function useRepeatNotes(table: TableIdentifier, load: LoadedFiles): ReadonlyMap<number, string> {
  const names = [...load.files, ...load.located].map(({ fileName }) => fileName)
  const { repeats } = useRepeatedInputs(table, load)
  return new Map(
    repeats.flatMap(({ position, same, sameAs }) => {
      if (same === 'size') return []
      return [[position, same === 'as-input' ? `the same bytes as ${names[sameAs ?? 0]}` : 'loaded before']]
    }),
  )
}

/**
 * The files of a load that repeat others, and whether the user loads them again all the same. A confirmation is one of
 * exactly these files. Without an answer of the server the load itself decides.
 */
export function useRepeats(table: TableIdentifier, { mayStop, stoppedFor, ...load }: ReviewedFiles) {
  const { key, areHere, repeats, isReading } = useRepeatedInputs(table, load)
  const [confirmed, setConfirmed] = useState<string | null>(null)
  const isConfirmed = confirmed === key
  const foundCount = repeats.filter(({ same }) => same !== 'size').length
  const onlyLoadCompares = load.located.some(({ input }) => 'match' in input || 'url' in input)
  const isStopped = stoppedFor !== null && areHere && foundCount === 0 && onlyLoadCompares
  return {
    repeats,
    stoppedFor: isStopped ? stoppedFor : null,
    canConfirm: mayStop && (repeats.length > 0 || isStopped),
    isConfirmed: mayStop && isConfirmed,
    /** How many files wait for a confirmation. */
    openCount: mayStop && !isConfirmed ? foundCount + (isStopped ? 1 : 0) : 0,
    isReading: mayStop && isReading,
    confirm: (isMeant: boolean) => setConfirmed(isMeant ? key : null),
  }
}

export type Repeats = ReturnType<typeof useRepeats>

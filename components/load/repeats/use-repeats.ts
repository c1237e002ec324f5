import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { repeatedInputsQuery } from '@/lib/client/jobs/loads'
import type { PageUpload } from '@/lib/client/uploads/page-upload'
import type { RepeatedInput } from '@/lib/contract/loads/loads'
import type { RequestedInput } from '@/lib/contract/shapes/load-options'
import type { TableIdentifier } from '@/lib/names/identifiers'

const NONE: readonly RepeatedInput[] = []

type ReviewedInputs = {
  files: readonly Pick<PageUpload, 'state'>[]
  /** As the load names them. */
  inputs: readonly RequestedInput[]
  /** Whether the load may stop for them: it appends new rows. */
  mayStop: boolean
  /** The file for which the load that is continued has stopped; null for another reason. */
  stoppedFor: string | null
}

/**
 * The inputs of a load that repeat others, and whether the user loads them again all the same. A confirmation is one of
 * exactly these inputs. Without an answer of the server the load itself decides.
 */
export function useRepeats(table: TableIdentifier, { files, inputs, mayStop, stoppedFor }: ReviewedInputs) {
  const areHere = inputs.length > 0 && files.every(({ state }) => state === 'complete')
  const query = useQuery({ ...repeatedInputsQuery(table, inputs), enabled: areHere })
  const repeats = (areHere && query.data?.repeats) || NONE
  const [confirmed, setConfirmed] = useState<string | null>(null)
  const key = JSON.stringify(inputs)
  const isConfirmed = confirmed === key
  const isFound = repeats.some(({ same }) => same !== 'size')
  // The files of a load that has stopped may have been compared only by the load.
  const isStopped = stoppedFor !== null && areHere && !isFound
  return {
    repeats,
    stoppedFor: isStopped ? stoppedFor : null,
    canConfirm: mayStop && (repeats.length > 0 || isStopped),
    isConfirmed: mayStop && isConfirmed,
    isOpen: mayStop && !isConfirmed && (isFound || isStopped || (areHere && query.isPending)),
    confirm: (isMeant: boolean) => setConfirmed(isMeant ? key : null),
  }
}

export type Repeats = ReturnType<typeof useRepeats>

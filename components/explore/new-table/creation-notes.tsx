'use client'
import { Button } from '@mantine/core'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WarningNote } from '@/components/ui/notes/warning-note'
import type { KeyedWrite } from '@/components/changes/commit/use-keyed-write'
import { AppError } from '@/lib/errors'

type CreationNotesProps = {
  make: KeyedWrite
  label: string
  /** Whether the object was being created or changed. */
  verb?: 'made' | 'changed'
  /** Advice after a version conflict, instead of the usual one. */
  conflictNext?: string | undefined
}

/** The problem of a creation or a change, and what to do next. */
export function CreationNotes({ make, label, verb = 'made', conflictNext }: CreationNotesProps) {
  if (make.state === 'unknown') {
    return (
      <WarningNote isLive>
        <p>
          {make.found === 'pending'
            ? `The catalog still does not say whether it ${verb} ${label}.`
            : `No answer came, so it is not known whether ${label} was ${verb}.`}{' '}
          Nothing is sent again.
        </p>
        <Button size="xs" variant="default" loading={make.isLooking} onClick={make.look}>
          Look again
        </Button>
        {make.lookError && <p>{make.lookError.message}</p>}
      </WarningNote>
    )
  }
  return (
    <>
      {make.found === 'not-committed' && !make.error && (
        <WarningNote isLive>
          {label} was not {verb}. You can send the request again.
        </WarningNote>
      )}
      {make.error && (
        <ProblemNote
          error={make.error}
          subject={label}
          unchanged={`Nothing was ${verb}.`}
          next={make.error instanceof AppError && make.error.code === 'version-conflict' ? conflictNext : undefined}
        />
      )}
    </>
  )
}

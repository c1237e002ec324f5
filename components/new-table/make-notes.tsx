'use client'
import { Button } from '@mantine/core'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WarningNote } from '@/components/ui/notes/warning-note'
import type { Make } from './use-make'

/** What went wrong while a table was made, and what can be done now. */
export function MakeNotes({ make, label }: { make: Make; label: string }) {
  if (make.state === 'unknown') {
    return (
      <WarningNote isLive>
        <p>
          {make.found === 'open'
            ? `The catalog still does not say whether it made ${label}.`
            : `No answer came, so it is not known whether ${label} was made.`}{' '}
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
      {make.found === 'not-made' && !make.error && (
        <WarningNote isLive>{label} was not made. You can send the request again.</WarningNote>
      )}
      {make.error && <ProblemNote error={make.error} subject={label} unchanged="No table was made." />}
    </>
  )
}

import { Checkbox } from '@mantine/core'
import Link from 'next/link'
import { WarningNote } from '@/components/ui/notes/warning-note'
import type { PastLoad } from '@/lib/client/jobs/past-load'
import { LOADED_BYTES_DAYS } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import type { LoadLanding } from '@/lib/ingest/load-landing'
import { paths } from '@/lib/paths/paths'
import classes from '../load-review.module.css'
import { listNames } from '../load-state'
import { CorrectedAlready, countUncorrected } from '../run/corrections'
import type { ReviewedDraft } from '../use-load-draft'

/** Other loads have corrected the same rows; an append that may add them again is confirmed. */
export function CorrectedBefore({
  past,
  addsAgain,
  isConfirmed,
  onConfirm,
}: {
  past: Pick<PastLoad, 'corrections' | 'recordsSaved'>
  addsAgain: boolean
  isConfirmed: boolean
  onConfirm: (isConfirmed: boolean) => void
}) {
  return (
    <WarningNote isLive>
      <CorrectedAlready past={past} addsRows={addsAgain} />
      {addsAgain && (
        <Checkbox
          mt={6}
          label={
            countUncorrected(past) > 0 ? 'I removed these rows, or want to add them again' : 'Add them a second time'
          }
          checked={isConfirmed}
          onChange={({ currentTarget }) => onConfirm(currentTarget.checked)}
        />
      )}
    </WarningNote>
  )
}

/** Columns with values in the table that the load would leave null are confirmed. */
export function EmptiedColumns({
  names,
  draft,
}: {
  names: readonly string[]
  draft: Pick<ReviewedDraft, 'allowsNullColumns' | 'change'>
}) {
  return (
    <WarningNote isLive>
      The file has no field for {listNames(names)}, with values in the table. A renamed field can be given its column in
      step 3.
      <Checkbox
        mt={6}
        label="Load null into every row"
        checked={draft.allowsNullColumns}
        onChange={({ currentTarget }) => draft.change({ allowsNullColumns: currentTarget.checked })}
      />
    </WarningNote>
  )
}

/**
 * How the load lands and is undone.
 *
 * @param props.loadsAgain whether bytes that were loaded before are loaded again; null for a correction
 */
export function LoadFacts({
  landing: { branch, operation },
  isNewBranch,
  loadsAgain,
  isFirst,
}: {
  landing: LoadLanding
  isNewBranch: boolean
  loadsAgain: boolean | null
  isFirst: boolean
}) {
  return (
    <ul className={classes.facts}>
      <li>
        All files become one snapshot of {branch ?? 'main'}
        {isNewBranch && ', a new branch that begins at the tip of main'}, or nothing is changed.
      </li>
      {operation === 'append' && loadsAgain !== null && (
        <li>
          {loadsAgain
            ? 'Bytes that were loaded before are loaded again.'
            : `Loaded once: the same bytes are refused for ${LOADED_BYTES_DAYS} days.`}
        </li>
      )}
      <li>
        {isFirst
          ? 'This is the first snapshot of the table. To undo the load, drop the table.'
          : 'To undo the load, roll back to the snapshot before it in the history of the table.'}
      </li>
    </ul>
  )
}

/** The load that has one of the files, as one that was started in another tab. Its bytes are loaded once. */
export function OtherLoad({ error }: { error: Error }) {
  const runId = error instanceof AppError ? error.facts['runId'] : undefined
  if (typeof runId !== 'string') return null
  return (
    <WarningNote isLive>
      <Link href={paths.loadRun(runId)}>Open that load</Link>. A second load of the same bytes would add their rows
      twice. If they are meant to be there twice, choose the file again when that load has ended.
    </WarningNote>
  )
}

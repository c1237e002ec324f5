import { Checkbox } from '@mantine/core'
import Link from 'next/link'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { ExactTime } from '@/components/ui/values/exact-time'
import { Mono } from '@/components/ui/values/mono'
import type { RepeatedInput } from '@/lib/contract/loads/loads'
import { formatQuantity } from '@/lib/format/count'
import { paths } from '@/lib/paths/paths'
import type { Repeats } from './use-repeats'

const SHOWN_FILES = 5

type LoadedBeforeProps = {
  repeats: Repeats
  /** The names of the inputs, in their order. */
  names: readonly string[]
}

/** The files whose bytes were loaded before, with their runs; where they would be added again, the user confirms it. */
export function LoadedBefore({ repeats, names }: LoadedBeforeProps) {
  const { repeats: found, stoppedFor, canConfirm, isConfirmed, confirm } = repeats
  if (found.length === 0 && stoppedFor === null) return null
  const moreCount = found.length - SHOWN_FILES
  return (
    <WarningNote isLive>
      {stoppedFor !== null && `The load stopped: the bytes of ${stoppedFor} were loaded before, or are twice in it. `}
      {found.slice(0, SHOWN_FILES).map((repeat) => (
        <span key={repeat.position}>
          <RepeatSentence repeat={repeat} names={names} />{' '}
        </span>
      ))}
      {moreCount > 0 &&
        `${formatQuantity(moreCount, 'more file')} of the load ${moreCount === 1 ? 'is' : 'are'} repeated. `}
      {canConfirm && (
        <>
          An append would add their rows a second time.
          <Checkbox
            mt={6}
            label="Load again all the same"
            checked={isConfirmed}
            onChange={({ currentTarget }) => confirm(currentTarget.checked)}
          />
        </>
      )}
    </WarningNote>
  )
}

function RepeatSentence({ repeat, names }: { repeat: RepeatedInput; names: readonly string[] }) {
  const { fileName, same, load, sameAs } = repeat
  if (same === 'as-input')
    return (
      <>
        {fileName} has the same bytes as {names[sameAs ?? 0] ?? 'another file'}.
      </>
    )
  if (same === 'size')
    return (
      <>{fileName} has the size of a file that was loaded, or of another one here. The load compares their bytes.</>
    )
  if (load === null) return <>{fileName} was loaded before.</>
  const { runId, finishedAtMs, username, rowCount } = load
  return (
    <>
      {fileName} was loaded{load.fileName !== fileName && ` as ${load.fileName}`}
      {finishedAtMs !== null && (
        <>
          {' '}
          on <ExactTime atMs={finishedAtMs} />
        </>
      )}{' '}
      by {username}: {formatQuantity(rowCount, 'row')}, run{' '}
      <Link href={paths.loadRun(runId)}>
        <Mono>{runId}</Mono>
      </Link>
      .
    </>
  )
}

'use client'
import { OpenFileButton } from '@/components/dropped-files/open-file-button'
import { useFileDrop } from '@/components/dropped-files/use-file-drop'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { Panel } from '@/components/ui/panel'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { useSingleMutation } from '@/lib/client/call/use-single-mutation'
import { findDroppedFile, useDroppedFiles } from '@/lib/client/dropped-files'
import { readFileAsTable } from './file-as-table'
import type { WayPanelProps } from './filling'
import classes from './new-table.module.css'

/** Takes the columns of a Parquet file of the user's disk, to be approved in the form. */
export function FilePanel({ onFill }: WayPanelProps) {
  const timeZone = useTimeZone()
  const { problems } = useDroppedFiles()
  const read = useSingleMutation({
    mutationFn: (name: string) => readFileAsTable(findDroppedFile(name).file, timeZone),
    onSuccess: onFill,
  })
  const drop = useFileDrop((name) => read.mutate(name))
  return (
    <Panel title="From a file" subtitle="read in this browser, never uploaded">
      <div className={classes.paste} {...drop}>
        <div className={classes.row}>
          <OpenFileButton onOpen={(name) => read.mutate(name)} />
          <span className={classes.quiet}>
            or drop a Parquet file here. Its columns fill the form; loading its rows is another step.
          </span>
        </div>
        {problems.map((problem) => (
          <ProblemNote key={problem.message} error={problem} subject="The file" />
        ))}
        {read.error && <ProblemNote error={read.error} subject="The file" />}
      </div>
    </Panel>
  )
}

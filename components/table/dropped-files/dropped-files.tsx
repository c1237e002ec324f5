'use client'
import { ActionIcon } from '@mantine/core'
import { IconFile, IconTrash } from '@tabler/icons-react'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { removeDroppedFile, useDroppedFiles } from '@/lib/client/table/dropped-files'
import { formatBytes } from '@/lib/format/bytes'
import classes from './dropped-files.module.css'
import { OpenFileButton } from './open-file-button'

/** The Parquet files of the user's disk that are open in this page. A click writes a query of the file. */
export function DroppedFiles({ onOpen }: { onOpen: (name: string) => void }) {
  const { files, problems } = useDroppedFiles()
  return (
    <section aria-label="Files of your disk" className={classes.section}>
      <OpenFileButton onOpen={onOpen} />
      <p className={classes.note}>
        {files.length === 0 ? 'Or drop one here. ' : ''}Stays in this browser; never uploaded.
      </p>
      {problems.map((problem) => (
        <ProblemNote key={problem.message} error={problem} title="The file was not opened" />
      ))}
      {files.length > 0 && (
        <ul className={classes.list}>
          {files.map(({ name, file }) => (
            <li key={name} className="row gap-4">
              <button type="button" className={classes.entry} title={name} onClick={() => onOpen(name)}>
                <IconFile size={14} stroke={1.6} aria-hidden />
                <span className="grow truncate">{name}</span>
                <span className={classes.size}>{formatBytes(file.size)}</span>
              </button>
              <Tooltip label="Close the file">
                <ActionIcon aria-label={`Close ${name}`} onClick={() => removeDroppedFile(name)}>
                  <IconTrash size={15} stroke={1.6} aria-hidden />
                </ActionIcon>
              </Tooltip>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

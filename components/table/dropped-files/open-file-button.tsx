'use client'
import { Button } from '@mantine/core'
import { IconFolderOpen } from '@tabler/icons-react'
import { useRef } from 'react'
import { FileInput } from '@/components/ui/controls/file-input'
import classes from './open-file-button.module.css'
import { openFiles } from './use-file-drop'

/** Chooses a Parquet file of the user's disk, which is opened without being uploaded. */
export function OpenFileButton({
  onOpen,
  isCompact = false,
}: {
  onOpen: (name: string) => void
  /** Whether only large windows show its label. */
  isCompact?: boolean
}) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button
        variant="default"
        {...(isCompact && { className: classes.compact ?? '' })}
        title="Open a Parquet file. It stays in this browser and is never uploaded."
        leftSection={<IconFolderOpen size={15} stroke={1.6} aria-hidden />}
        onClick={() => input.current?.click()}
      >
        <span className={classes.label}>Open a Parquet file…</span>
      </Button>
      <FileInput
        ref={input}
        label="Parquet files on your disk"
        accept=".parquet,.parq"
        onFiles={(files) => void openFiles(files, onOpen)}
      />
    </>
  )
}

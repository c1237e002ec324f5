'use client'
import { IconPlus } from '@tabler/icons-react'
import { type DragEvent, type ReactNode, useRef, useState } from 'react'
import { allowFileDrop, FileInput, takeDroppedFiles } from '@/components/ui/controls/file-input'
import classes from './file-drop.module.css'

/**
 * Takes files that are dropped on it, or chosen by its button.
 *
 * @param props.children a line for each file that is here
 */
export function FileDrop({
  isEmpty,
  onFiles,
  children,
}: {
  isEmpty: boolean
  onFiles: (files: File[]) => void
  children: ReactNode
}) {
  const [isOver, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const drop = {
    onDragOver: (event: DragEvent) => {
      allowFileDrop(event)
      setOver(event.dataTransfer.types.includes('Files'))
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      setOver(false)
      takeDroppedFiles(event, onFiles)
    },
  }
  return (
    <div className={classes.files} data-over={isOver || undefined} {...drop}>
      <ul className={classes.list} aria-label="Files">
        {children}
      </ul>
      <button
        type="button"
        className={classes.drop}
        data-empty={isEmpty || undefined}
        onClick={() => input.current?.click()}
      >
        <IconPlus size={15} stroke={1.6} aria-hidden />
        {isEmpty ? 'Drop files here, or choose them' : 'Add files'}
        {isEmpty && (
          <small>CSV, TSV, JSON lines, JSON arrays, Parquet, Avro or Arrow; texts also as gzip or zstd</small>
        )}
      </button>
      <FileInput ref={input} label="Files of your disk" onFiles={onFiles} />
    </div>
  )
}

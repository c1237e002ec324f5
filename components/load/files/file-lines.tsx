'use client'
import { type ReactNode, useState } from 'react'
import { formatQuantity } from '@/lib/format/count'
import { chooseShown } from '../choose-shown'
import classes from './file-drop.module.css'

/** With more files, the steps below them would be out of sight. */
const MAX_SHOWN = 12

/**
 * The lines of files, in their order. Of many files only some are shown until the user asks for all: first of all those
 * with which something is wrong.
 *
 * @param props.isWrong whether the user has to do something about a file
 * @param props.children the line of a file, as a list item with a key
 */
export function FileLines<File>({
  files,
  isWrong,
  children,
}: {
  files: readonly File[]
  isWrong: (file: File, position: number) => boolean
  children: (file: File, position: number) => ReactNode
}) {
  const [areAllShown, setAllShown] = useState(false)
  const isLong = files.length > MAX_SHOWN
  const shown = isLong && !areAllShown ? chooseShown(files, MAX_SHOWN, rankOf) : null
  function rankOf(file: File, position: number): number {
    return isWrong(file, position) ? 0 : 1
  }
  return (
    <>
      {files.map((file, i) => (shown === null || shown.has(i)) && children(file, i))}
      {isLong && (
        <li className={classes.more}>
          <button type="button" className={classes.all} onClick={() => setAllShown(!areAllShown)}>
            {areAllShown ? 'Show fewer files' : `Show all ${formatQuantity(files.length, 'file')}`}
          </button>
        </li>
      )}
    </>
  )
}

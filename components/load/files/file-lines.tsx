'use client'
import { type ReactNode, useState } from 'react'
import { formatQuantity } from '@/lib/format/count'
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
  const shown = areAllShown ? null : chooseShown(files, isWrong)
  return (
    <>
      {files.map((file, i) => (shown === null || shown.has(i)) && children(file, i))}
      {files.length > MAX_SHOWN && (
        <li className={classes.more}>
          <button type="button" className={classes.all} onClick={() => setAllShown(!areAllShown)}>
            {areAllShown ? 'Show fewer files' : `Show all ${formatQuantity(files.length, 'file')}`}
          </button>
        </li>
      )}
    </>
  )
}

/** The positions of the files that are shown; null: all. */
function chooseShown<File>(
  files: readonly File[],
  isWrong: (file: File, position: number) => boolean,
): ReadonlySet<number> | null {
  if (files.length <= MAX_SHOWN) return null
  const positions = files.map((_, i) => i)
  const isWrongAt = files.map((file, i) => isWrong(file, i))
  const first = [...positions.filter((i) => isWrongAt[i]), ...positions.filter((i) => !isWrongAt[i])]
  return new Set(first.slice(0, MAX_SHOWN))
}

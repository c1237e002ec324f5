'use client'
import { type ClipboardEvent, useState } from 'react'
import type { Cell } from './grid-cell'
import { type CopiedCells, copiedAnnouncement, copyCells } from './grid-copy'
import type { ReadCells } from './grid-props'

/** Copies cells of a grid, after reading unread ones, and announces what was copied. */
export function useGridCopy({
  cell,
  readCells,
}: {
  cell: (row: number, columnKey: string) => Cell | undefined
  readCells: ReadCells | undefined
}) {
  const [{ text, count }, setAnnouncement] = useState({ text: '', count: 0 })
  const announce = (next: string) => setAnnouncement((before) => ({ text: next, count: before.count + 1 }))

  const writeText = async (cells: CopiedCells, copied: string) => {
    // Browsers give the clipboard to secure origins only; elsewhere it is undefined.
    const clipboard: Clipboard | undefined = navigator.clipboard
    const isWritten =
      clipboard !== undefined &&
      (await clipboard.writeText(copied).then(
        () => true,
        () => false,
      ))
    announce(
      isWritten ? copiedAnnouncement(cells) : 'Not copied: the browser does not allow it here. Press Ctrl+C instead.',
    )
  }

  const readAndWrite = async (cells: CopiedCells, read: ReadCells) => {
    const { firstRow, lastRow, columns } = cells
    announce('Reading what is copied…')
    const isSame = await read({ firstRow, lastRow: lastRow + 1, columnKeys: columns.map(({ key }) => key) })
    if (!isSame) return announce('Not copied: the rows changed while they were read. Select them again.')
    const copied = copyCells(cells, cell)
    if (copied.kind === 'text') await writeText(cells, copied.text)
    else announce(copied.announcement)
  }

  /** @param write puts the text on the clipboard if all cells are already read */
  const copyWith = (cells: CopiedCells, write: (text: string) => void) => {
    const copied = copyCells(cells, cell)
    if (copied.kind === 'text') write(copied.text)
    else if (copied.kind === 'unread' && readCells) void readAndWrite(cells, readCells)
    else announce(copied.announcement)
  }

  return {
    announcement: text,
    /** Changes with every announcement, also with one of the same text. */
    announcementCount: count,
    announce,
    copy: (cells: CopiedCells) => copyWith(cells, (copied) => void writeText(cells, copied)),
    copyInEvent: (event: ClipboardEvent, cells: CopiedCells) =>
      copyWith(cells, (copied) => {
        event.clipboardData.setData('text/plain', copied)
        announce(copiedAnnouncement(cells))
      }),
  }
}

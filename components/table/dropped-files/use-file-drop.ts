'use client'
import { loadCode } from '@/lib/load-code'

/** An event of the browser or of React. */
type FileDrag = { dataTransfer: DataTransfer | null; preventDefault: () => void }

/**
 * Lets a part of a page take files that the user drops on it. The files stay in this browser.
 *
 * @param onOpen gets the name of each Parquet file that was opened
 * @returns props of the element around the part
 */
export function useFileDrop(onOpen: (name: string) => void) {
  return {
    onDragOver: (event: FileDrag) => {
      if (event.dataTransfer?.types.includes('Files')) event.preventDefault()
    },
    onDrop: (event: FileDrag) => {
      const files = [...(event.dataTransfer?.files ?? [])]
      if (files.length === 0) return
      event.preventDefault()
      void openFiles(files, onOpen)
    },
  }
}

export async function openFiles(files: readonly File[], onOpen: (name: string) => void): Promise<void> {
  const { openDroppedFiles } = await loadCode(() => import('@/lib/client/table/dropped-files'))
  for (const { name } of await openDroppedFiles(files)) onOpen(name)
}

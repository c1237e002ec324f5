'use client'
import { allowFileDrop, type FileDrag, takeDroppedFiles } from '@/components/ui/controls/file-input'
import { loadCode } from '@/lib/load-code'

/**
 * Lets a part of a page take files that the user drops on it. The files stay in this browser.
 *
 * @param onOpen gets the name of each Parquet file that was opened
 * @returns props of the element around the part
 */
export function useFileDrop(onOpen: (name: string) => void) {
  return {
    onDragOver: allowFileDrop,
    onDrop: (event: FileDrag) => takeDroppedFiles(event, (files) => void openFiles(files, onOpen)),
  }
}

export async function openFiles(files: readonly File[], onOpen: (name: string) => void): Promise<void> {
  const { openDroppedFiles } = await loadCode(() => import('@/lib/client/table/dropped-files'))
  for (const { name } of await openDroppedFiles(files)) onOpen(name)
}

'use client'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { OpenFileButton } from '@/components/table/dropped-files/open-file-button'
import { useFileDrop } from '@/components/table/dropped-files/use-file-drop'
import { useDroppedFiles } from '@/lib/client/table/dropped-files'
import { paths } from '@/lib/paths/paths'
import { selectFromDroppedFile } from '@/lib/query/tables/select-from-file'
import classes from './file-list.module.css'

/** Opens a Parquet file of the user's disk in Query: one that is chosen, or dropped anywhere on the page. */
export function OpenLocalFile() {
  const router = useRouter()
  const { problems } = useDroppedFiles()
  const openInQuery = (name: string) => router.push(paths.query(selectFromDroppedFile(name)))
  const { onDragOver, onDrop } = useFileDrop(openInQuery)
  useEffect(() => {
    window.addEventListener('dragover', onDragOver)
    window.addEventListener('drop', onDrop)
    return () => {
      window.removeEventListener('dragover', onDragOver)
      window.removeEventListener('drop', onDrop)
    }
  })
  return (
    <span className={classes.local}>
      {problems.length > 0 && <span role="alert">{problems.map(({ message }) => message).join(' ')}</span>}
      <OpenFileButton onOpen={openInQuery} isCompact />
    </span>
  )
}

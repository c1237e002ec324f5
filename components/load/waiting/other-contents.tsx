import Link from 'next/link'
import { formatBytes } from '@/lib/format/bytes'
import { paths } from '@/lib/paths/paths'
import classes from '../more-rows.module.css'
import type { LoadUploads } from '../use-load-uploads'

const SHOWN_FILES = 5

/** Files of the form whose names are those of other uploads for which loads wait: a file that was changed is another one. */
export function OtherContents({ uploads: { files, listed = [] } }: { uploads: Pick<LoadUploads, 'files' | 'listed'> }) {
  const ids = new Set(files.map(({ uploadId }) => uploadId))
  const names = new Set(files.flatMap(({ fileName, uploadId }) => (uploadId === null ? [] : [fileName])))
  const others = listed.flatMap(({ uploadId, fileName, sizeBytes, runId }) =>
    runId === null || ids.has(uploadId) || !names.has(fileName) ? [] : [{ uploadId, fileName, sizeBytes, runId }],
  )
  return others.slice(0, SHOWN_FILES).map(({ uploadId, fileName, sizeBytes, runId }) => (
    <p key={uploadId} className={classes.note} role="status">
      <Link href={paths.loadRun(runId)}>A load</Link> has another {fileName} ({formatBytes(sizeBytes)}). A file that was
      changed, or whose upload was begun in another browser, is another upload: that load does not get it. If it is
      instead of the earlier one, cancel that load.
    </p>
  ))
}

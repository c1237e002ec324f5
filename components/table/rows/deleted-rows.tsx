import { Switch } from '@mantine/core'
import { IconFileMinus } from '@tabler/icons-react'
import { CopyButton } from '@/components/ui/controls/copy-button'
import type { RowMark } from '@/components/ui/grid/grid-props'
import type { ListedFile } from '@/lib/api/listed-files'
import type { RowStore } from '@/lib/client/rows/row-store'
import classes from './deleted-rows.module.css'

type ListedDelete = ListedFile['deletes'][number]

/** More delete files of one row are counted, not named. */
const MAX_NAMED_FILES = 20

export function DeletedRowsSwitch({ isOn, onChange }: { isOn: boolean; onChange: (isOn: boolean) => void }) {
  return (
    <Switch
      label="Show deleted rows"
      checked={isOn}
      onChange={(event) => onChange(event.currentTarget.checked)}
      className="rigid"
    />
  )
}

/** Explains the row numbers while deleted rows are shown. */
export function DeletedRowsNote() {
  return (
    <p className={classes.note}>
      <IconFileMinus size={14} stroke={1.6} aria-hidden />
      Deleted rows are struck through and have this mark instead of a number. Row numbers count them, too.
    </p>
  )
}

/**
 * Marks the deleted rows that the store knows at the moment. `valuesVersion` only makes a new function for the same
 * store.
 */
export function deletedRowMarks(store: RowStore, _valuesVersion: number) {
  return (row: number): RowMark | undefined => {
    const deletes = store.deletesOf(row)
    return deletes.length === 0
      ? undefined
      : { kind: 'deleted', reason: `Deleted by ${deletes.map(deleteLabel).join(', ')}` }
  }
}

/** The delete files that delete a row. */
export function DeletedBy({ deletes }: { deletes: readonly ListedDelete[] }) {
  if (deletes.length === 0) return null
  return (
    <ul className={classes.files} aria-label="Deleted by">
      {deletes.slice(0, MAX_NAMED_FILES).map((file) => (
        <li key={file.index} className={classes.file}>
          <IconFileMinus size={14} stroke={1.6} aria-hidden />
          <span>deleted by {kindLabel(file)}</span>
          <code title={file.path}>{fileName(file)}</code>
          <CopyButton value={file.path} label={`path of the ${kindLabel(file)}`} size={24} />
        </li>
      ))}
      {deletes.length > MAX_NAMED_FILES && <li>and {deletes.length - MAX_NAMED_FILES} more delete files</li>}
    </ul>
  )
}

function deleteLabel(file: ListedDelete): string {
  return `${kindLabel(file)} ${fileName(file)}`
}

function kindLabel({ content, format }: ListedDelete): string {
  if (format === 'puffin') return 'deletion vector'
  return content === 'equality-deletes' ? 'equality delete file' : 'position delete file'
}

function fileName({ path }: ListedDelete): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

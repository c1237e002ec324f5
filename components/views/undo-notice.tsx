'use client'
import { Button } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { parseAsInteger, parseAsString, useQueryStates } from 'nuqs'
import noteClasses from '@/components/ui/notes/note-bar.module.css'
import type { ViewDetail } from '@/lib/contract/views'

/** After a commit: the current version, and a button that restores the one before. It is in the address as `?undo=`. */
export function UndoNotice({ detail }: { detail: ViewDetail }) {
  const [{ undo, action }, setParams] = useQueryStates({
    undo: parseAsInteger,
    version: parseAsInteger,
    action: parseAsString,
  })
  const before = detail.versions.find(({ versionId }) => versionId === undo)
  if (before === undefined || before.versionId === detail.currentVersionId || action !== null) return null
  return (
    <div className={noteClasses.bar} role="status">
      <IconCheck size={15} stroke={1.6} aria-hidden />
      <span>
        <strong>Version {detail.currentVersionId}</strong> is current.
      </span>
      <Button
        variant="subtle"
        size="compact-sm"
        onClick={() => void setParams({ action: 'roll-back', version: before.versionId, undo: null })}
      >
        Undo…
      </Button>
      <Button variant="subtle" size="compact-sm" onClick={() => void setParams({ undo: null })}>
        Dismiss
      </Button>
    </div>
  )
}

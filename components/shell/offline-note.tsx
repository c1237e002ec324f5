'use client'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { useOffline } from 'next/offline'
import { useIsCodeAwaited } from '@/components/ui/controls/use-is-code-awaited'
import classes from './offline-note.module.css'

/**
 * Reports that the server cannot be reached. A page, menu or dialog that was opened in the meantime appears when the
 * server can be reached again.
 */
export function OfflineNote() {
  const isOffline = useOffline()
  const isCodeAwaited = useIsCodeAwaited()
  return (
    <div role="status" className={classes.status}>
      {(isOffline || isCodeAwaited) && (
        <p className={classes.note}>
          <IconPlugConnectedX size={16} stroke={1.6} aria-hidden />
          Lakeshore cannot be reached. What you open appears when the connection is back.
        </p>
      )}
    </div>
  )
}

'use client'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { useOffline } from 'next/offline'
import classes from './offline-note.module.css'

/**
 * Says that the server cannot be reached. A page that was opened in the meantime is shown when the server can be
 * reached again.
 */
export function OfflineNote() {
  const isOffline = useOffline()
  return (
    <div role="status" className={classes.status}>
      {isOffline && (
        <p className={classes.note}>
          <IconPlugConnectedX size={16} stroke={1.6} aria-hidden />
          Lakeshore cannot be reached. A page that you open appears when the connection is back.
        </p>
      )}
    </div>
  )
}

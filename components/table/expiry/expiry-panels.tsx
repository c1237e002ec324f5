'use client'
import { useState } from 'react'
import type { ExpiryEdit } from '../refs/use-snapshot-panels'
import { ExpiryPanel, type ExpiryPanelProps } from './expiry-panel'
import { ExpiryUndoPanel } from './expiry-undo-panel'

type ExpiryPanelsProps = ExpiryPanelProps & { edit: ExpiryEdit }

/** The panel of an expiry, or of its undo. */
export function ExpiryPanels({ edit, ...props }: ExpiryPanelsProps) {
  const { of, onSubject, onClose, onDone } = props
  // Subjects that the panel itself writes into the address do not open another panel.
  const [opened, setOpened] = useState({ key: of, of })
  if (opened.of !== of) setOpened({ key: of, of })
  if (edit === 'expire') {
    return (
      <ExpiryPanel
        {...props}
        key={opened.key}
        onSubject={(next) => {
          setOpened({ key: opened.key, of: next })
          onSubject(next)
        }}
      />
    )
  }
  return <ExpiryUndoPanel key={of} auditId={of} onClose={onClose} onDone={onDone} />
}

'use client'
import { Button } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { useState } from 'react'
import noteClasses from '@/components/ui/notes/note-bar.module.css'
import { ExactTime } from '@/components/ui/values/exact-time'

/** Reports that the form has a restored draft, until the user discards it or dismisses the note. */
export function RestoredDraft({
  restored,
  onDiscard,
}: {
  restored: { storedAtMs: number } | null
  onDiscard: () => void
}) {
  const [isShown, setIsShown] = useState(true)
  if (restored === null || !isShown) return null
  return (
    <div className={noteClasses.bar} role="status">
      <IconHistory size={15} stroke={1.6} aria-hidden />
      <span>
        <strong>Your draft</strong> of <ExactTime atMs={restored.storedAtMs} /> was stored in this browser.
      </span>
      <Button
        variant="subtle"
        size="compact-sm"
        onClick={() => {
          setIsShown(false)
          onDiscard()
        }}
      >
        Discard
      </Button>
      <Button variant="subtle" size="compact-sm" onClick={() => setIsShown(false)}>
        Keep
      </Button>
    </div>
  )
}

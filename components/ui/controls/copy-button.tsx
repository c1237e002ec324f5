'use client'
import { ActionIcon } from '@mantine/core'
import { IconCheck, IconCopy, IconX } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { Tooltip } from './tooltip'

/** How long the result of a copy is shown. */
const FEEDBACK_MS = 1500

/**
 * Copies `value`. `label` names it, as in `Copy table name`.
 *
 * @param props.value a function for a text that is long to build
 * @param props.icon where two buttons are next to each other
 */
export function CopyButton({
  value,
  label,
  size = 26,
  icon: IdleIcon = IconCopy,
}: {
  value: string | (() => string)
  label: string
  size?: number
  icon?: typeof IconCopy
}) {
  const [outcome, setOutcome] = useState<'copied' | 'refused' | null>(null)
  useEffect(() => {
    if (outcome === null) return
    const timer = setTimeout(() => setOutcome(null), FEEDBACK_MS)
    return () => clearTimeout(timer)
  }, [outcome])

  // Browsers give the clipboard to secure origins only; elsewhere it is undefined.
  const copy = () => {
    const clipboard: Clipboard | undefined = navigator.clipboard
    if (clipboard === undefined) return setOutcome('refused')
    clipboard.writeText(typeof value === 'string' ? value : value()).then(
      () => setOutcome('copied'),
      () => setOutcome('refused'),
    )
  }
  const Icon = outcome === null ? IdleIcon : outcome === 'copied' ? IconCheck : IconX
  const messages = { copied: 'Copied', refused: 'The browser does not allow copying here' }
  return (
    <Tooltip label={outcome === null ? `Copy ${label}` : messages[outcome]}>
      <ActionIcon size={size} aria-label={`Copy ${label}`} onClick={copy}>
        <Icon size={14} stroke={1.6} aria-hidden />
        <span className="sr-only" role="status">
          {outcome === null ? '' : messages[outcome]}
        </span>
      </ActionIcon>
    </Tooltip>
  )
}

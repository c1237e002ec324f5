'use client'
import { ActionIcon } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import classes from './file-drop.module.css'

/**
 * A file, and how to remove it.
 *
 * @param props.state next to its name
 * @param props.children below it
 */
export function FileLine({
  name,
  state,
  onRemove,
  children,
}: {
  name: string
  state?: ReactNode
  onRemove: () => void
  children: ReactNode
}) {
  return (
    <li className={classes.file}>
      <div className={classes.name}>
        <span className="truncate" title={name}>
          {name}
        </span>
        {state}
        <ActionIcon variant="subtle" size={24} aria-label={`Remove ${name}`} onClick={onRemove}>
          <IconX size={14} stroke={1.6} aria-hidden />
        </ActionIcon>
      </div>
      {children}
    </li>
  )
}

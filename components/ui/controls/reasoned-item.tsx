'use client'
import { Menu } from '@mantine/core'
import type { ComponentType, ReactNode } from 'react'
import classes from './reasoned-item.module.css'

type ReasonedItemProps = {
  icon: ComponentType<{ size: number; stroke: number; 'aria-hidden': true }>
  /** Why it does not apply; null: it does. */
  off?: string | null
  /** The effect of an item that applies. */
  note?: string
  /** Whether something can be lost. */
  isDangerous?: boolean
  onClick: () => void
  children: ReactNode
}

/** An item of a menu. One that does not apply stays visible, with the reason. */
export function ReasonedItem({
  icon: Icon,
  off = null,
  note,
  isDangerous = false,
  onClick,
  children,
}: ReasonedItemProps) {
  const text = off ?? note
  return (
    <Menu.Item
      disabled={off !== null}
      {...(isDangerous && { color: 'red' })}
      leftSection={<Icon size={15} stroke={1.6} aria-hidden />}
      {...(text !== undefined && { rightSection: <span className={classes.note}>{text}</span> })}
      onClick={onClick}
    >
      {children}
    </Menu.Item>
  )
}

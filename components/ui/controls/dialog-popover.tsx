'use client'
import { Popover, type PopoverProps } from '@mantine/core'
import type { ReactNode } from 'react'
import { type LoadedMenuProps, menuAnchor } from './lazy-menu'

/** The small dialog of a {@link LazyMenu}: it takes the focus, and returns it to the button when it closes. */
export function DialogPopover({
  label,
  widthPx,
  position = 'bottom-end',
  isPadded = false,
  className = '',
  children,
  ...state
}: LoadedMenuProps & {
  label: string
  /** On narrow pages it is as wide as fits. */
  widthPx: number
  position?: PopoverProps['position']
  /** Whether its contents have no padding of their own. */
  isPadded?: boolean
  className?: string
  children: ReactNode
}) {
  return (
    <Popover
      {...state}
      width={`min(${widthPx}px, calc(100vw - 24px))`}
      position={position}
      trapFocus
      returnFocus
      withRoles={false}
    >
      <Popover.Target>{menuAnchor()}</Popover.Target>
      <Popover.Dropdown
        {...(!isPadded && { p: 0 })}
        className={className}
        role="dialog"
        aria-label={label}
        // It takes the focus itself if nothing in it can.
        tabIndex={-1}
      >
        {children}
      </Popover.Dropdown>
    </Popover>
  )
}

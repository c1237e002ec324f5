'use client'
import { Button } from '@mantine/core'
import { type Icon, IconSelector } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { LazyMenu } from '@/components/ui/controls/lazy-menu'
import type { ColumnsChoice } from './columns-popover'

/** A button with the columns that are chosen, which opens the choice. */
export function ColumnsMenu({
  icon: Shown,
  choice,
  children,
}: {
  icon: Icon
  choice: ColumnsChoice
  /** The text of the button after its label. */
  children: ReactNode
}) {
  return (
    <LazyMenu
      popup="dialog"
      button={
        <Button
          variant="default"
          leftSection={<Shown size={14} stroke={1.6} aria-hidden />}
          rightSection={<IconSelector size={13} stroke={1.6} aria-hidden />}
        >
          <span className="sr-only">{choice.label}: </span>
          {children}
        </Button>
      }
      load={async () => (await import('./columns-popover')).ColumnsPopover}
      menuProps={{ choice }}
    />
  )
}

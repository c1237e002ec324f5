'use client'
import { Button } from '@mantine/core'
import type { TablerIcon } from '@tabler/icons-react'
import type { ComponentType } from 'react'
import { LazyMenu, type LoadedMenuProps } from '@/components/ui/controls/lazy-menu'

type ScheduleMenuProps<Props> = {
  /** The text of the button, such as `Remove`. Where there is little room, only its icon is shown. */
  action: string
  /** The title of the schedule. */
  title: string
  icon: TablerIcon
  load: () => Promise<ComponentType<Props & LoadedMenuProps>>
  menuProps: Props
}

/** A button of a schedule with a small dialog. */
export function ScheduleMenu<Props extends object>({
  action,
  title,
  icon: ActionIcon,
  load,
  menuProps,
}: ScheduleMenuProps<Props>) {
  return (
    <LazyMenu
      popup="dialog"
      button={
        <Button
          variant="subtle"
          title={action}
          aria-label={`${action}: ${title}`}
          leftSection={<ActionIcon size={14} stroke={1.6} aria-hidden />}
        >
          {action}
        </Button>
      }
      load={load}
      menuProps={menuProps}
    />
  )
}

'use client'
import { Menu } from '@mantine/core'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { FormatItems, type FormatItemsProps } from './format-items'

/** @param props.heading which rows are saved */
export function FormatMenu({
  heading,
  opened,
  onChange,
  ...items
}: LoadedMenuProps & FormatItemsProps & { heading: string }) {
  return (
    <Menu position="bottom-end" width={272} opened={opened} onChange={onChange}>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label="Export" aria-labelledby={undefined}>
        <Menu.Label>{heading}</Menu.Label>
        <FormatItems {...items} />
      </Menu.Dropdown>
    </Menu>
  )
}

'use client'
import { Menu } from '@mantine/core'
import type { ReactNode } from 'react'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { FormatItems, type FormatItemsProps } from './format-items'

export type FormatMenuProps = LoadedMenuProps &
  FormatItemsProps & {
    /** Which rows are saved. */
    heading?: string
    onClose?: () => void
    /** Items after the formats. */
    children?: ReactNode
  }

/** The menu of every export of rows. */
export function FormatMenu({ heading, opened, onChange, onClose, children, ...items }: FormatMenuProps) {
  return (
    <Menu position="bottom-end" width={272} opened={opened} onChange={onChange} {...(onClose && { onClose })}>
      <Menu.Target>{menuAnchor()}</Menu.Target>
      <Menu.Dropdown aria-label="Export" aria-labelledby={undefined}>
        {heading !== undefined && <Menu.Label>{heading}</Menu.Label>}
        <FormatItems {...items} />
        {children}
      </Menu.Dropdown>
    </Menu>
  )
}

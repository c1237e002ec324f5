'use client'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import { ExportButton } from './export-button'
import type { FormatMenuProps } from './format-menu'

type FormatExportProps = Omit<FormatMenuProps, keyof LoadedMenuProps> & { className?: string | undefined }

/** Saves rows in one of the formats. */
export function FormatExport({ className, ...menuProps }: FormatExportProps) {
  return <ExportButton className={className} rowsExport={menuProps.rowsExport} load={loadMenu} menuProps={menuProps} />
}

async function loadMenu() {
  return (await import('./format-menu')).FormatMenu
}

'use client'
import { ExportButton } from './export-button'
import classes from './export-menu.module.css'
import type { ExportedRows } from './exported-rows'
import type { RowsExport } from './use-rows-export'

/** Saves the rows as a file, or copies the SQL that selects them. */
export function ExportMenu(props: { rows: ExportedRows; rowsExport: RowsExport }) {
  return (
    <ExportButton
      className={`${classes.button} icon-when-narrow`}
      rowsExport={props.rowsExport}
      load={loadItems}
      menuProps={props}
    />
  )
}

async function loadItems() {
  return (await import('./export-menu-items')).ExportMenuItems
}

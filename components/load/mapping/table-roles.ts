/** Explicit roles, because some browsers drop the table roles in a narrow window, where the layout is not a table. */
export const TABLE = { role: 'table' }
export const ROWGROUP = { role: 'rowgroup' }
export const ROW = { role: 'row' }
export const COLUMNHEADER = { role: 'columnheader' }
export const ROWHEADER = { role: 'rowheader' }
export const CELL = { role: 'cell' }

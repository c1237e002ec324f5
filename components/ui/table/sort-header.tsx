'use client'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import classes from './data-table.module.css'

type SortHeaderProps = {
  header: string
  title: string | undefined
  align: 'start' | 'end' | undefined
  /** Pixels. */
  width: number | undefined
  fills: boolean | undefined
  wideOnly: boolean | undefined
  roomyOnly: boolean | undefined
  tableOnly: boolean | undefined
  isSortable: boolean
  sorted: 'ascending' | 'descending' | 'none'
  onSort: (descending: boolean) => void
}

/**
 * A column's header. The first click sorts numbers from the largest and text from A. A column of buttons has no visible
 * header, but a name for screen readers.
 */
export function SortHeader(props: SortHeaderProps) {
  const { header, title, align, width, fills, isSortable, sorted, onSort } = props
  const dataAttributes = {
    'data-align': align,
    'data-fills': fills,
    'data-wide': props.wideOnly,
    'data-roomy': props.roomyOnly,
    'data-table-only': props.tableOnly || undefined,
    'data-actions': header === '' || undefined,
  }
  const cellProps = { role: 'columnheader', scope: 'col', title, style: { width }, ...dataAttributes } as const
  if (header === '') {
    return (
      <th {...cellProps}>
        <span className="sr-only">Actions</span>
      </th>
    )
  }
  if (!isSortable) return <th {...cellProps}>{header}</th>
  const Arrow = sorted === 'descending' ? IconArrowDown : IconArrowUp
  const isNextDescending = sorted === 'none' ? align === 'end' : sorted === 'ascending'
  return (
    <th {...cellProps} aria-sort={sorted}>
      <button type="button" className={classes.sort} onClick={() => onSort(isNextDescending)}>
        {header}
        {sorted !== 'none' && <Arrow size={13} stroke={1.6} aria-hidden />}
      </button>
    </th>
  )
}

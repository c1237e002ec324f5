'use client'
import {
  IconAlertOctagon,
  IconChevronDown,
  IconChevronRight,
  IconDatabase,
  IconDots,
  IconEye,
  IconFolder,
  IconFolderOpen,
  IconTable,
} from '@tabler/icons-react'
import Link from 'next/link'
import type { MouseEvent } from 'react'
import { LazyBadgeIcon } from '@/components/about/lazy-badge-icon'
import { VisibleText } from '@/components/ui/values/visible-text'
import { formatCount } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import classes from './catalog-tree.module.css'
import type { TreeRow } from './tree-rows'

/** Indent per level. */
const INDENT_PX = 13

export function TreeItem({
  row,
  top,
  isSelected,
  isActive,
  onFocus,
  onToggle,
  onOpen,
  onMenu,
}: {
  row: TreeRow
  top: number
  isSelected: boolean
  isActive: boolean
  onFocus: () => void
  onToggle: (id: string, open: boolean) => void
  /** In place of a link to the page. */
  onOpen?: ((row: TreeRow) => void) | undefined
  onMenu?: ((row: TreeRow, anchor: HTMLElement) => void) | undefined
}) {
  const hasMenu = onMenu !== undefined && (row.kind === 'table' || row.kind === 'view')
  const Chevron = row.isExpanded ? IconChevronDown : IconChevronRight
  const content = (
    <>
      <TreeItemIcon row={row} />
      <span className="truncate" title={visibleText(row.label)}>
        <VisibleText>{row.label}</VisibleText>
      </span>
      {row.badge && <LazyBadgeIcon {...row.badge} />}
      {row.typeLabel !== undefined && (
        <span className={classes.type} title={row.typeLabel}>
          <span className="sr-only">, </span>
          {row.typeLabel}
        </span>
      )}
      {row.count !== null && (
        <span className={classes.count}>
          <span className="sr-only">, </span>
          {formatCount(row.count)}
          <span className="sr-only">{row.count === 1 ? ' item' : ' items'}</span>
        </span>
      )}
    </>
  )
  return (
    // The row takes the focus; the button and the link in it are for the pointer.
    <div
      role="treeitem"
      data-row={row.id}
      data-kind={row.kind}
      data-problem={row.isProblem || undefined}
      className={classes.line}
      style={{ transform: `translateY(${top}px)`, paddingLeft: 8 + (row.level - 1) * INDENT_PX }}
      tabIndex={isActive ? 0 : -1}
      aria-level={row.level}
      aria-posinset={row.position}
      aria-setsize={row.siblingCount}
      aria-selected={isSelected}
      {...(row.isExpanded !== null && { 'aria-expanded': row.isExpanded })}
      onFocus={onFocus}
      {...(hasMenu && {
        'aria-haspopup': 'menu' as const,
        onContextMenu: (event: MouseEvent<HTMLElement>) => {
          event.preventDefault()
          onMenu(row, event.currentTarget)
        },
      })}
    >
      {row.isExpanded === null ? (
        <span className={classes.chevron} />
      ) : (
        <button
          type="button"
          tabIndex={-1}
          aria-hidden
          className={classes.chevron}
          onClick={() => onToggle(row.id, !row.isExpanded)}
        >
          <Chevron size={14} stroke={1.6} />
        </button>
      )}
      {onOpen !== undefined && row.kind !== 'note' ? (
        <button type="button" tabIndex={-1} className={classes.target} onClick={() => onOpen(row)}>
          {content}
        </button>
      ) : row.href === null ? (
        <span className={classes.target}>{content}</span>
      ) : (
        <Link href={row.href} tabIndex={-1} className={classes.target} prefetch={false}>
          {content}
        </Link>
      )}
      {hasMenu && (
        <button
          type="button"
          tabIndex={-1}
          aria-hidden
          className={classes.more}
          onClick={(event) => onMenu(row, event.currentTarget)}
        >
          <IconDots size={14} stroke={1.6} />
        </button>
      )}
    </div>
  )
}

function TreeItemIcon({ row: { kind, isExpanded, isProblem } }: { row: TreeRow }) {
  const iconProps = { size: 15, stroke: 1.6, className: classes.icon ?? '', 'aria-hidden': true }
  if (kind === 'catalog') return <IconDatabase {...iconProps} />
  if (kind === 'namespace') return isExpanded ? <IconFolderOpen {...iconProps} /> : <IconFolder {...iconProps} />
  if (kind === 'table') return <IconTable {...iconProps} />
  if (kind === 'column') return null
  if (kind === 'view') return <IconEye {...iconProps} />
  return isProblem ? <IconAlertOctagon {...iconProps} /> : <IconDots {...iconProps} />
}

'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import classes from './sidebar-frame.module.css'
import type { TableSidebarProps } from './table-sidebar'

const LazyTableSidebar = lazyComponent(async () => (await import('./table-sidebar')).TableSidebar, {
  loading: () => <SkeletonRows rows={6} columns={1} label="Reading catalogs" />,
})

/** Places the sidebar next to the editor on wide pages, and over it on others, where it is opened for one choice. */
export function SidebarFrame({
  isShown,
  isSheetOpen,
  onClose,
  ...props
}: TableSidebarProps & {
  /** On wide pages. */
  isShown: boolean
  /** On other pages. */
  isSheetOpen: boolean
  onClose: () => void
}) {
  const frame = useRef<HTMLElement>(null)
  useEffect(() => {
    if (isSheetOpen) frame.current?.focus()
  }, [isSheetOpen])
  if (!isShown && !isSheetOpen) return null
  const closeAfter =
    <Argument,>(act: (argument: Argument) => void) =>
    (argument: Argument) => {
      act(argument)
      onClose()
    }
  return (
    <aside
      ref={frame}
      tabIndex={-1}
      aria-label="Tables"
      className={classes.frame}
      data-shown={isShown || undefined}
      data-open={isSheetOpen || undefined}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && isSheetOpen) onClose()
      }}
    >
      <header className={classes.head}>
        <h2 className={classes.title}>Tables</h2>
        <ActionIcon aria-label="Close the list of tables" onClick={onClose} className={classes.close}>
          <IconX size={15} stroke={1.6} aria-hidden />
        </ActionIcon>
      </header>
      <LazyTableSidebar
        {...props}
        onInsert={isSheetOpen ? closeAfter(props.onInsert) : props.onInsert}
        onPreview={isSheetOpen ? closeAfter(props.onPreview) : props.onPreview}
      />
      <Button variant="default" onClick={onClose} className={classes.back}>
        Back to the query
      </Button>
    </aside>
  )
}

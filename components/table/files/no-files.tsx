'use client'
import { Button } from '@mantine/core'
import Link from 'next/link'
import { useShownTable } from '@/components/table/frame/shown-table'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { paths } from '@/lib/paths/paths'

/** Shown instead of the files or manifests of the shown snapshot if it has none, or if the table has no snapshot yet. */
export function NoFiles({ noun = 'files' }: { noun?: 'files' | 'manifests' }) {
  const { table, detail } = useShownTable()
  if (detail.shown.snapshotId !== null) return <EmptyState>This snapshot has no {noun}.</EmptyState>
  return (
    <EmptyState
      action={
        <Button component={Link} href={paths.load(table)} variant="default">
          Load data
        </Button>
      }
    >
      No {noun} yet. The first load or commit writes some.
    </EmptyState>
  )
}

'use client'
import { Button } from '@mantine/core'
import { IconEyeEdit } from '@tabler/icons-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import classes from '@/components/explore/new-table/new-table.module.css'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'

/** The heading of a page on which a view is written. */
export function ViewFormHeader({ title, within }: { title: string; within: string }) {
  return (
    <header className={classes.header}>
      <h1>
        <IconEyeEdit size={18} stroke={1.6} aria-hidden />
        {title}
      </h1>
      <span className={classes.in}>{within}</span>
    </header>
  )
}

/** Shown instead of the form, with the reason. */
export function NoViewForm({
  header,
  back,
  label,
  children,
}: {
  header: ReactNode
  back: string
  label: string
  children: ReactNode
}) {
  return (
    <div className={classes.page}>
      {header}
      <EmptyState
        action={
          <Button variant="default" component={Link} href={back}>
            Back to {label}
          </Button>
        }
      >
        {children}
      </EmptyState>
    </div>
  )
}

export function ViewFormSkeleton() {
  return (
    <div className={classes.body}>
      <SkeletonRows rows={8} columns={5} label="Opening the form" />
    </div>
  )
}

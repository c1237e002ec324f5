'use client'
import { ActionIcon } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { Tooltip } from '@/components/ui/controls/tooltip'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import classes from './sub-page.module.css'

/** A page below a tab of a table. */
export function SubPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.page} aria-label={title}>
      {children}
    </section>
  )
}

/** The beginning of its toolbar: the way back, and the title. */
export function SubPageTitle({
  table,
  title,
  tab = 'snapshots',
  back = { label: `Back to the ${tab}`, href: paths.table(table, tab) },
}: {
  table: TableIdentifier
  title: string
  tab?: 'snapshots' | 'settings'
  /** The page above, if that is not the tab. */
  back?: { label: string; href: string }
}) {
  return <SubPageHeading title={title} back={back} />
}

/** The way back, and the title. */
export function SubPageHeading({ title, back }: { title: string; back: { label: string; href: string } }) {
  return (
    <>
      <Tooltip label={back.label}>
        <ActionIcon component={Link} href={back.href} variant="default" aria-label={back.label}>
          <IconArrowLeft size={15} stroke={1.6} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <h2 className={classes.title}>{title}</h2>
    </>
  )
}

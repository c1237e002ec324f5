import { ActionIcon } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import Link from 'next/link'
import { paths } from '@/lib/paths/paths'
import classes from './users.module.css'

/** For narrow pages, which show either the list or the entry opened from it. */
export function BackToList() {
  return (
    <ActionIcon component={Link} href={paths.users()} size={30} aria-label="All users" className={classes.back ?? ''}>
      <IconArrowLeft size={15} stroke={1.6} aria-hidden />
    </ActionIcon>
  )
}

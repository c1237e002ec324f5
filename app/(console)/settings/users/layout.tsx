import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { FirstView } from '@/app/first-view'
import { UsersPage } from '@/components/admin/users/users-page'
import { groupsQuery } from '@/lib/client/access/groups'
import { usersQuery } from '@/lib/client/access/users'

export const metadata: Metadata = { title: 'Users' }

/** The list stays in place when an entry is opened next to it. */
export default function UsersLayout({ children }: { children: ReactNode }) {
  return (
    <FirstView queries={[usersQuery(''), groupsQuery()]}>
      <UsersPage>{children}</UsersPage>
    </FirstView>
  )
}

import type { Metadata } from 'next'
import { FirstView } from '@/app/first-view'
import { PersonPage } from '@/components/admin/users/person-page'
import { grantsQuery } from '@/lib/client/access/grants'
import { effectiveAccessQuery } from '@/lib/client/access/effective-access'
import { userQuery } from '@/lib/client/access/users'

export const metadata: Metadata = { title: 'User' }

export default async function OneUserPage({ params }: { params: Promise<{ user: string }> }) {
  const userId = decodeURIComponent((await params).user)
  return (
    <FirstView
      queries={[userQuery(userId), grantsQuery({ kind: 'user', id: userId }), effectiveAccessQuery(userId, {})]}
    >
      <PersonPage key={userId} userId={userId} />
    </FirstView>
  )
}

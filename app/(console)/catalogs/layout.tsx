import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { ExploreFrame } from '@/components/catalogs/explore-frame'
import { HIDDEN_TREE_COOKIE } from '@/lib/cookies'

export default async function ExploreLayout({ children }: { children: ReactNode }) {
  const isTreeHidden = (await cookies()).has(HIDDEN_TREE_COOKIE)
  return <ExploreFrame isInitiallyHidden={isTreeHidden}>{children}</ExploreFrame>
}

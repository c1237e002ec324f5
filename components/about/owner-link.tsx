import Link from 'next/link'
import { VisibleText } from '@/components/ui/values/visible-text'
import { paths } from '@/lib/paths/paths'

/** The owner of a table or a view, with a link to all that they own. */
export function OwnerLink({ owner }: { owner: string }) {
  return (
    <Link href={paths.facets('owner', owner)} prefetch={false}>
      <VisibleText>{owner}</VisibleText>
    </Link>
  )
}

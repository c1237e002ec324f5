import Link from 'next/link'
import { VisibleText } from '@/components/ui/values/visible-text'
import { paths } from '@/lib/paths/paths'
import classes from './about.module.css'

/** Renders nothing without tags. `hasLinks`: each leads to the tables and views that have it. */
export function TagList({ tags, hasLinks = false }: { tags: readonly string[]; hasLinks?: boolean }) {
  if (tags.length === 0) return null
  return (
    <ul className={classes.tags} aria-label="Tags">
      {tags.map((tag) => (
        <li key={tag}>
          {hasLinks ? (
            <Link href={paths.facets('tag', tag)} prefetch={false}>
              <VisibleText>{tag}</VisibleText>
            </Link>
          ) : (
            <VisibleText>{tag}</VisibleText>
          )}
        </li>
      ))}
    </ul>
  )
}

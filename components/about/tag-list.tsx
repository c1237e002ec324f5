import { VisibleText } from '@/components/ui/values/visible-text'
import classes from './about.module.css'

/** Renders nothing without tags. */
export function TagList({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return null
  return (
    <ul className={classes.tags} aria-label="Tags">
      {tags.map((tag) => (
        <li key={tag}>
          <VisibleText>{tag}</VisibleText>
        </li>
      ))}
    </ul>
  )
}

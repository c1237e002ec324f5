import classes from './catalog-page.module.css'

/** Says which catalogs a list by the search index may leave out. */
export function CoverageNote({ catalogs }: { catalogs: readonly string[] }) {
  if (catalogs.length === 0) return null
  return (
    <p role="status" className={classes.note}>
      Not completely indexed for search, so tables may be missing: {catalogs.join(', ')}
    </p>
  )
}

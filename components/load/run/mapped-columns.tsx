import { VisibleText } from '@/components/ui/values/visible-text'
import { formatQuantity } from '@/lib/format/count'
import type { ColumnSource, LoadMapping } from '@/lib/ingest/load-mapping'
import { sourceTexts } from '@/lib/proposals/load-texts'

/** The columns that do not take the field of their name, with their sources. */
export function listMapped({ columns }: Pick<LoadMapping, 'columns'>): readonly (readonly [string, ColumnSource])[] {
  return Object.entries(columns).filter(([name, source]) => !('field' in source && source.field === name))
}

/** @param props.maxShown more columns are counted; absent: all are shown */
export function MappedColumns({
  mapped,
  maxShown = mapped.length,
  className,
}: {
  mapped: ReturnType<typeof listMapped>
  maxShown?: number
  className: string | undefined
}) {
  return (
    <ul className={className}>
      {mapped.slice(0, maxShown).map(([name, source]) => {
        const { kind, text } = sourceTexts(source)
        return (
          <li key={name}>
            <VisibleText>{name}</VisibleText>: {kind}
            {text !== null && (
              <>
                {' '}
                <code>
                  <VisibleText>{text}</VisibleText>
                </code>
              </>
            )}
          </li>
        )
      })}
      {mapped.length > maxShown && <li>{formatQuantity(mapped.length - maxShown, 'more column')}</li>}
    </ul>
  )
}

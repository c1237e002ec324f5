'use client'
import { Panel } from '@/components/ui/panel'
import type { Sortedness } from '@/lib/contract/table/layout'
import { formatQuantity } from '@/lib/format/count'
import classes from './sortedness.module.css'

/** How far the files of each partition are apart in a column. */
export function SortednessPanel({ sortedness }: { sortedness: Sortedness }) {
  const { column, comparedFiles, overlappingFiles, unknownFiles, exampleFiles } = sortedness
  const { averageFilesPerValue, mostFilesPerValue } = sortedness
  if (comparedFiles === 0) {
    return (
      <Panel title="How sorted the files are" subtitle={`bounds of ${column}`}>
        <p className="bare secondary dense">
          No file has bounds of this column, so it is unknown how sorted the files are.
        </p>
      </Panel>
    )
  }
  return (
    <Panel title="How sorted the files are" subtitle={`bounds of ${column}`}>
      <div className={classes.sorted}>
        <div aria-hidden>
          <div className={classes.drawn}>
            {exampleFiles.map(({ lower, upper, from, to, isOverlapping }, i) => (
              <span
                key={i}
                data-overlapping={isOverlapping || undefined}
                style={{ marginLeft: `${from * 100}%`, width: `${(to - from) * 100}%` }}
                title={`${lower} to ${upper}`}
              />
            ))}
          </div>
          <div className={classes.ends}>
            <code title={exampleFiles[0]?.lower}>{exampleFiles[0]?.lower}</code>
            <code title={highest(exampleFiles)}>{highest(exampleFiles)}</code>
          </div>
        </div>
        <ul className={classes.legend}>
          <li>
            <span className={classes.mark} data-overlapping aria-hidden />
            {formatQuantity(overlappingFiles, 'file')} {overlappingFiles === 1 ? 'overlaps' : 'overlap'} in a partition
          </li>
          <li>
            <span className={classes.mark} aria-hidden />
            {formatQuantity(comparedFiles - overlappingFiles, 'file')} apart
          </li>
          {comparedFiles > exampleFiles.length && <li className="quiet">{exampleFiles.length} drawn</li>}
        </ul>
        <p>
          Looking up one <code>{column}</code> opens{' '}
          <strong>
            {averageFilesPerValue === mostFilesPerValue ? mostFilesPerValue : averageFilesPerValue.toFixed(1)} of{' '}
            {formatQuantity(comparedFiles + unknownFiles, 'file')}
          </strong>
          {averageFilesPerValue !== mostFilesPerValue && ` on average, ${mostFilesPerValue} at most`}.
          {unknownFiles > 0 &&
            ` ${formatQuantity(unknownFiles, 'file')} without bounds ${unknownFiles === 1 ? 'is' : 'are'} opened each time.`}
        </p>
      </div>
    </Panel>
  )
}

function highest(drawn: Sortedness['exampleFiles']): string {
  return (
    drawn.reduce<Sortedness['exampleFiles'][number] | null>(
      (most, one) => (most && most.to >= one.to ? most : one),
      null,
    )?.upper ?? ''
  )
}
